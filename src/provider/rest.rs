//! What the clients of both clouds do alike: sign a call, wait while the thing is locked, read
//! the answer, explain the error.

use super::wait::Wait;
use crate::error::{Error, Kind, Result};
use crate::http::{Answer, Call, Http};
use crate::secrets::Secret;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// For how many pauses a call is repeated while the other side says that the thing is locked or
/// still in use: two minutes at the usual half second.
const BUSY_PAUSES: u32 = 240;
/// The longest text of another side's that goes into an error.
const MAX_TEXT: usize = 400;

/// Turns an answer that is no success into an error; knows the provider's codes.
pub(super) type Explain = fn(&Method, &str, &Answer) -> Error;

/// A signed JSON API.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    http: Http,
    base: Url,
    token: Secret,
    /// What errors call the other side.
    pub peer: &'static str,
    explain: Explain,
}

impl Rest {
    pub fn new(http: Http, mut base: Url, token: Secret, peer: &'static str, explain: Explain) -> Self {
        // Without a slash at the end, joining a path would replace the version.
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        Rest {
            http,
            base,
            token,
            peer,
            explain,
        }
    }

    /// The unit in which waits are counted: half a second, less in tests.
    pub fn pause(&self) -> Duration {
        self.http.pause()
    }

    /// Reads one thing.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        self.call(Method::GET, path, query, None).await?.json(self.peer)
    }

    /// Reads one thing that may be gone.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
        match self.get(path, &[]).await {
            Err(e) if e.kind() == Kind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }

    /// Makes something. Not sent again when the reply is lost: see [`super::ensure::ensure`].
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T> {
        self.call(Method::POST, path, &[], Some(body)).await?.json(self.peer)
    }

    /// Changes something.
    pub async fn put(&self, path: &str, body: Value) -> Result<()> {
        self.call(Method::PUT, path, &[], Some(body)).await.map(drop)
    }

    /// Deletes something; gone already is well.
    pub async fn delete(&self, path: &str) -> Result<()> {
        match self.call(Method::DELETE, path, &[], None).await {
            Err(e) if e.kind() == Kind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }

    /// Sends a call until it is not refused as busy; only a success is an answer.
    async fn call(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Result<Answer> {
        let mut url = self
            .base
            .join(path)
            .map_err(|_| crate::error::internal(format!("{path:?} is no path")))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut call = Call::new(self.peer, method.clone(), url).bearer(&self.token);
        if let Some(body) = body {
            call = call.json(body);
        }
        let mut wait = Wait::growing(self.pause(), self.pause() * BUSY_PAUSES);
        loop {
            let answer = self.http.send(&call).await?;
            if answer.ok() {
                return Ok(answer);
            }
            let error = (self.explain)(&method, path, &self.without_token(answer));
            if error.kind() != Kind::Busy || !wait.next().await {
                return Err(error);
            }
        }
    }

    /// The answer with our token struck out, should the other side ever echo it.
    fn without_token(&self, mut answer: Answer) -> Answer {
        if !self.token.is_empty() {
            answer.body = String::from_utf8_lossy(&answer.body)
                .replace(self.token.expose(), "***")
                .into_bytes();
        }
        answer
    }
}

/// Makes a text of the other side's fit for an error: one line, no control characters, not long.
pub(super) fn tidy(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.trim().trim_end_matches('.');
    match line.char_indices().nth(MAX_TEXT) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

/// When it makes sense to come back after a refusal for too many calls.
pub(super) fn come_back(answer: &Answer) -> String {
    match answer.retry_after().or_else(|| answer.rate_limit_reset()) {
        Some(pause) if !pause.is_zero() => format!("run it again in {} s", pause.as_secs()),
        _ => "run it again in a few minutes".into(),
    }
}

/// A moment in RFC 3339, as milliseconds since 1970.
pub(super) fn moment(text: &str) -> Option<crate::model::Millis> {
    text.parse::<jiff::Timestamp>().ok().map(|t| t.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_others_are_made_harmless() {
        assert_eq!(tidy("a\n\x1b[31mb. "), "a  [31mb");
        assert_eq!(tidy(&"é".repeat(1000)).chars().count(), MAX_TEXT + 1);
        assert_eq!(moment("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(moment("yesterday"), None);
    }
}
