//! Keeps the rates of the clouds, over all processes that share the store: each account's calls
//! pass a gate that takes them from one allowance. A process takes some ahead, so that not each
//! call costs a write.

use crate::error::{Error, Kind};
use crate::http::{Call, Gate};
use crate::store::{Rate, Store};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most that is taken ahead.
const AHEAD: i64 = 10;
/// What was taken ahead is given up after this time.
const KEPT: Duration = Duration::from_secs(10);
/// How long a call waits for its turn before it fails.
const PATIENCE: Duration = Duration::from_secs(300);

/// What may be called how often, by the name that errors call the other side.
#[derive(Debug, Clone)]
pub struct Rates(HashMap<&'static str, Vec<Rate>>);

impl Default for Rates {
    /// Hetzner gives an account 3,600 calls that come back one a second. DigitalOcean counts 250
    /// in any minute and 5,000 in any hour: a bucket and what flows into it make that together.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Rates(HashMap::from([
            ("Hetzner", vec![Rate::new(3600, seconds(3600))]),
            (
                "DigitalOcean",
                vec![Rate::new(50, seconds(15)), Rate::new(500, seconds(400))],
            ),
        ]))
    }
}

/// What a process has taken ahead of one allowance.
struct Ahead {
    left: i64,
    taken: Instant,
}

#[derive(Clone)]
struct Keeper {
    store: Store,
    ahead: Arc<Mutex<HashMap<String, Ahead>>>,
}

impl Rates {
    /// Other rates.
    pub fn new(rates: impl IntoIterator<Item = (&'static str, Vec<Rate>)>) -> Rates {
        Rates(rates.into_iter().collect())
    }

    /// The gate for the HTTP client of a control server. Should the store be away, calls pass:
    /// the clouds refuse what is too much by themselves.
    pub fn gate(self, store: &Store) -> Gate {
        let keeper = Keeper {
            store: store.clone(),
            ahead: Arc::default(),
        };
        Gate::new(move |call| {
            let rates = self.0.get(call.peer).cloned().unwrap_or_default();
            let (keeper, peer, account) = (keeper.clone(), call.peer, account(call));
            Box::pin(async move {
                for (i, rate) in rates.into_iter().enumerate() {
                    keeper.pass(peer, &format!("{peer}/{account}/{i}"), rate).await?;
                }
                Ok(())
            })
        })
    }
}

/// What tells one account's calls from another's; the token cannot be told from it.
fn account(call: &Call) -> String {
    let token = call.auth.as_ref().map_or("", |(_, _, secret)| secret.expose());
    let digest = Sha256::digest(token.as_bytes());
    digest.iter().take(12).map(|b| format!("{b:02x}")).collect()
}

impl Keeper {
    async fn pass(&self, peer: &str, name: &str, rate: Rate) -> crate::error::Result<()> {
        let until = Instant::now() + PATIENCE;
        let chunk = (rate.limit / 50).clamp(1, AHEAD);
        loop {
            if self.use_one_ahead(name) {
                return Ok(());
            }
            let mut wait = Duration::ZERO;
            for want in [chunk, 1] {
                wait = match self.store.take(name, rate, want).await {
                    Ok(wait) => wait,
                    Err(e) => {
                        tracing::warn!(peer, error = e.to_string(), "a call is not counted");
                        return Ok(());
                    }
                };
                if wait.is_zero() {
                    self.put_ahead(name, want - 1);
                    return Ok(());
                }
            }
            if Instant::now() + wait > until {
                return Err(Error::new(
                    Kind::RateLimited,
                    format!("all calls that {peer} allows this account are used up"),
                )
                .hint(format!("try again in {} s", wait.as_secs() + 1)));
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn use_one_ahead(&self, name: &str) -> bool {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        match ahead.get_mut(name) {
            Some(a) if a.left > 0 && a.taken.elapsed() < KEPT => {
                a.left -= 1;
                true
            }
            _ => false,
        }
    }

    fn put_ahead(&self, name: &str, left: i64) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        // Accounts that are not used any more need no place.
        ahead.retain(|_, a| a.taken.elapsed() < KEPT);
        let taken = Instant::now();
        ahead
            .entry(name.to_owned())
            .and_modify(|a| a.left += left)
            .or_insert(Ahead { left, taken });
    }
}
