//! Google's published signing keys: fetched when needed, kept while they are fresh.

use crate::error::{Error, Kind, Result};
use crate::http::{Answer, Call, Http};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

/// How long keys are kept if Google does not say, and at least and at most.
const USUAL: u64 = 3600;
const LEAST: u64 = 60;
const MOST: u64 = 24 * 3600;
/// The usual [`Keys::again`].
const AGAIN: Duration = Duration::from_secs(30);

/// The key set, cached.
pub(super) struct Keys {
    http: Http,
    url: Url,
    /// How long after a fetch an unknown key is believed to be unknown.
    pub(super) again: Duration,
    cached: Mutex<Option<Cached>>,
}

struct Cached {
    set: JwkSet,
    fetched: Instant,
    fresh_until: Instant,
}

impl Keys {
    pub(super) fn new(http: Http, url: Url) -> Keys {
        Keys {
            http,
            url,
            again: AGAIN,
            cached: Mutex::new(None),
        }
    }

    /// The RS256 key of this id; fetches the set again when it is old, or when Google may have
    /// added the key since. Callers at the same time share one fetch.
    ///
    /// # Errors
    /// `refused` if there is no such key; `network` if the set cannot be had.
    pub(super) async fn get(&self, id: &str) -> Result<DecodingKey> {
        let mut cached = self.cached.lock().await;
        if let Some(kept) = cached.as_ref().filter(|kept| kept.fresh_until > Instant::now()) {
            if let Some(jwk) = kept.set.find(id) {
                return key(jwk);
            }
            // Else anybody could make us fetch with every invented id.
            if kept.fetched.elapsed() < self.again {
                return Err(unknown());
            }
        }
        let answer = self
            .http
            .send(&Call::new("Google", reqwest::Method::GET, self.url.clone()))
            .await?;
        if !answer.ok() {
            let what = format!("Google did not give its signing keys (status {})", answer.status);
            return Err(Error::new(Kind::Upstream, what).hint("try again"));
        }
        let set: JwkSet = answer.json("Google")?;
        let found = set.find(id).map(key);
        let fetched = Instant::now();
        let fresh_until = fetched + Duration::from_secs(max_age(&answer));
        *cached = Some(Cached {
            set,
            fetched,
            fresh_until,
        });
        found.unwrap_or_else(|| Err(unknown()))
    }
}

fn unknown() -> Error {
    super::identity::refused("it is signed with a key that Google does not publish")
}

/// Only an RSA key that is not meant for another algorithm.
fn key(jwk: &Jwk) -> Result<DecodingKey> {
    let meant = matches!(jwk.common.key_algorithm, None | Some(KeyAlgorithm::RS256));
    match &jwk.algorithm {
        AlgorithmParameters::RSA(_) if meant => DecodingKey::from_jwk(jwk).map_err(|_| unknown()),
        _ => Err(unknown()),
    }
}

/// `Cache-Control: max-age`, within our own limits, in seconds.
fn max_age(answer: &Answer) -> u64 {
    let header = answer.header("cache-control").unwrap_or_default();
    let age = header.split(',').find_map(|part| part.trim().strip_prefix("max-age="));
    age.and_then(|age| age.parse().ok()).unwrap_or(USUAL).clamp(LEAST, MOST)
}
