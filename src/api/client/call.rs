//! One call: its address, its credential, its repetition, and what became of it.

use crate::api::types::ErrorBody;
use crate::error::{Error, Kind, Result, internal};
use crate::http::{Answer, Call, Http};
use crate::model::new_id;
use crate::secrets::Secret;
use reqwest::Method;
use reqwest::header::HeaderName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

/// What errors call the other side.
pub(super) const PEER: &str = "the control server";
/// How often, every two seconds, it is asked whether it is done with what it is at.
const WAITS: u32 = 20;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A client of one control server, for one user. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) http: Http,
    base: Url,
    token: Option<Secret>,
}

impl Client {
    /// A client of the server at `base`, an address as [`crate::config::server_address`] makes it.
    /// Without a token only signing in is possible.
    pub fn new(http: Http, base: Url, token: Option<Secret>) -> Client {
        Client { http, base, token }
    }

    /// The same where the caller can do without an answer; see [`Http::hurried`].
    #[must_use]
    pub fn hurried(mut self) -> Client {
        self.http = self.http.hurried();
        self
    }

    /// Where the server is.
    pub fn server(&self) -> &Url {
        &self.base
    }

    /// A call of the path with these segments; each is escaped.
    pub(super) fn call(&self, method: Method, path: &[&str]) -> Result<Call> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| internal("the control server's address takes no path"))?
            .pop_if_empty()
            .push("api")
            .extend(path);
        let call = Call::new(PEER, method, url);
        Ok(match &self.token {
            Some(token) => call.bearer(token),
            None => call,
        })
    }

    /// Asks for something.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, String)]) -> Result<T> {
        let mut call = self.call(Method::GET, path)?;
        if !query.is_empty() {
            call.url.query_pairs_mut().extend_pairs(query);
        }
        self.send(call).await?.json(PEER)
    }

    /// Changes or deletes something: twice is as good as once.
    pub(super) async fn change(
        &self,
        method: Method,
        path: &[&str],
        body: Option<serde_json::Value>,
    ) -> Result<Answer> {
        let call = self.call(method, path)?;
        self.send(match body {
            Some(body) => call.json(body),
            None => call,
        })
        .await
    }

    /// Makes something. The call is one intent, so it carries one key however often it is sent:
    /// an answer that was lost on its way is told again, and nothing is made twice.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &[&str], body: &impl Serialize) -> Result<T> {
        let mut call = self.call(Method::POST, path)?.json(serde_json::to_value(body)?);
        call.headers.push((IDEMPOTENCY_KEY, new_id()));
        call.repeatable = true;
        let mut waits = 0;
        loop {
            match self.send(call.clone()).await {
                // Its answer was lost while it was still at work on it: soon it tells it again.
                Err(e) if e.kind() == Kind::Busy && waits < WAITS => {
                    waits += 1;
                    tokio::time::sleep(self.http.pause() * 4).await;
                }
                answer => return answer?.json(PEER),
            }
        }
    }

    /// Sends a call.
    pub(super) async fn send(&self, call: Call) -> Result<Answer> {
        let answer = self.http.send(&call).await.map_err(|e| self.unreached(e))?;
        if answer.ok() { Ok(answer) } else { Err(failure(&answer)) }
    }

    /// Names the server that was not reached.
    pub(super) fn unreached(&self, e: Error) -> Error {
        match e.kind() {
            Kind::Network | Kind::Timeout => Error::new(e.kind(), e.message()).hint(format!(
                "look whether {} is the right address and answers; what runs there goes on",
                self.base
            )),
            _ => e,
        }
    }
}

/// The server's own error, with its code and hint; else what the status alone tells.
pub(super) fn failure(answer: &Answer) -> Error {
    if let Ok(ErrorBody { error }) = serde_json::from_slice(&answer.body) {
        let id = error.request_id.clone().filter(|_| answer.status >= 500);
        let e = Error::from(error);
        return match id {
            // Its operator finds more under that number.
            Some(id) => e.noted(format!("(request {id})")),
            None => e,
        };
    }
    let (kind, hint) = match answer.status {
        300..=399 => (
            Kind::Upstream,
            "it sends us elsewhere: give the address that it really has",
        ),
        401 => (Kind::NeedsUser, "run `clawdwako login --server URL`"),
        403 => (Kind::Auth, "ask who runs it whether you may do this"),
        404 => (Kind::NotFound, "look whether the address is that of a control server"),
        429 => (Kind::RateLimited, "try again in a minute"),
        502..=504 => (
            Kind::Upstream,
            "something in front of it answers for it: try again in a minute",
        ),
        _ => (Kind::Upstream, "look whether the address is that of a control server"),
    };
    Error::new(
        kind,
        format!("{PEER} answered with HTTP {} and no reason", answer.status),
    )
    .hint(hint)
}
