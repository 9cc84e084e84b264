//! Things that go wrong on purpose: which calls, how often, and how.

mod mangle;

use super::refusal::Service;
use super::sync::lock;
use super::world::World;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A call that is never answered is dropped after this time.
const NEVER: Duration = Duration::from_secs(120);
/// The longest answer that is cut or garbled, in bytes.
const LARGEST: usize = 32 << 20;
/// Never faulty: the way to take faults away again.
const CONTROL: &str = "/_control";

/// What is to go wrong.
#[derive(Default)]
pub struct Faults(Mutex<Vec<Rule>>);

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The whole path with its prefix; `*` stands for any characters, so `/hetzner/*` is all of
    /// Hetzner and `/telegram/bot*/sendMessage` one method of every bot.
    pub path: String,
    /// The HTTP method; any if `None`.
    #[serde(default)]
    pub method: Option<String>,
    /// How many calls it hits.
    #[serde(default = "once")]
    pub times: u32,
    /// How it goes wrong.
    pub kind: Kind,
    /// The service's own error code, such as `placement_error`, instead of the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The service's message instead of the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A way to go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An error of that status in the service's words; nothing was done.
    Status(u16),
    /// No answer until the caller gives up; nothing was done.
    Timeout,
    /// It was done, but the connection breaks before the answer.
    LostReply,
    /// Too many requests, with the service's headers; nothing was done.
    RateLimit,
    /// It was done, but the connection breaks in the middle of the answer.
    HalfBody,
    /// It was done, but the answer is cut JSON.
    BadJson,
    /// The account is out of money, in the service's words; nothing was done.
    NoCredit,
    /// It is done after that many milliseconds.
    Slow(u64),
    /// It was done, and the answer has fields that nobody knows.
    UnknownFields,
    /// It was done, and where the answer tells a status it says a word that nobody knows.
    UnknownValues,
    /// It was done, but the lists of the answer are empty.
    EmptyPage,
    /// It was done, but the answer tells an action that ended badly.
    FailedAction,
    /// Too many requests, told by a clock that is so many seconds ahead of ours; nothing was done.
    ClockOff(i64),
}

fn once() -> u32 {
    1
}

impl Faults {
    /// Adds a fault; earlier ones go first.
    pub fn add(&self, rule: Rule) {
        lock(&self.0).push(rule);
    }

    /// The faults that are still to come, with the times left.
    pub fn list(&self) -> Vec<Rule> {
        lock(&self.0).clone()
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }

    /// The fault for a call, if there is one; it counts as used.
    fn take(&self, method: &str, path: &str) -> Option<Rule> {
        let mut rules = lock(&self.0);
        let at = rules.iter().position(|rule| {
            rule.times > 0
                && rule.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
                && matches(&rule.path, path)
        })?;
        rules[at].times -= 1;
        let rule = rules[at].clone();
        rules.retain(|r| r.times > 0);
        Some(rule)
    }
}

/// Whether a path fits a pattern in which `*` stands for any characters.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((head, tail)) => path.strip_prefix(head).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(n, _)| n).chain([rest.len()]);
            ends.into_iter().any(|n| matches(tail, &rest[n..]))
        }),
    }
}

/// Middleware over all routes: makes calls go wrong.
pub async fn layer(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let rule = match path.starts_with(CONTROL) {
        true => None,
        false => world.faults.take(request.method().as_str(), &path),
    };
    let Some(rule) = rule else {
        return next.run(request).await;
    };
    let service = Service::of(&path);
    match rule.kind {
        Kind::Status(status) => service.error(status, rule.code.as_deref(), rule.message.as_deref()),
        Kind::RateLimit => service.rate_limited(0),
        Kind::ClockOff(seconds) => service.rate_limited(seconds),
        Kind::NoCredit => service.no_credit(),
        Kind::Timeout => {
            tokio::time::sleep(NEVER).await;
            broken(Bytes::new())
        }
        Kind::LostReply => {
            // Also the answer's body is waited for: some of the work may be done there.
            let _ = axum::body::to_bytes(next.run(request).await.into_body(), LARGEST).await;
            broken(Bytes::new())
        }
        Kind::HalfBody => {
            let (mut parts, body) = whole(next.run(request).await).await;
            parts.headers.remove(TRANSFER_ENCODING);
            parts.headers.insert(CONTENT_LENGTH, body.len().into());
            let mut response = broken(body.slice(..body.len() / 2));
            (*response.status_mut(), *response.headers_mut()) = (parts.status, parts.headers);
            response
        }
        Kind::BadJson => {
            let (mut parts, body) = whole(next.run(request).await).await;
            parts.headers.remove(CONTENT_LENGTH);
            // Half of a JSON document is none; an empty answer becomes one bracket.
            let cut = if body.is_empty() {
                Bytes::from_static(b"{")
            } else {
                body.slice(..body.len().div_ceil(2))
            };
            Response::from_parts(parts, cut.into())
        }
        Kind::UnknownFields => mangled(next.run(request).await, mangle::unknown_fields).await,
        Kind::UnknownValues => mangled(next.run(request).await, mangle::unknown_values).await,
        Kind::EmptyPage => mangled(next.run(request).await, mangle::empty_page).await,
        Kind::FailedAction => mangled(next.run(request).await, mangle::failed_action).await,
        Kind::Slow(milliseconds) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            next.run(request).await
        }
    }
}

/// The answer with its JSON changed; as it is if it is none.
async fn mangled(response: Response, change: fn(&mut serde_json::Value)) -> Response {
    let (mut parts, body) = whole(response).await;
    let Ok(mut answer) = serde_json::from_slice(&body) else {
        return Response::from_parts(parts, body.into());
    };
    change(&mut answer);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, answer.to_string().into())
}

async fn whole(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    (parts, axum::body::to_bytes(body, LARGEST).await.unwrap_or_default())
}

/// A response whose body fails after `begin`: the server closes the connection there. With
/// nothing to begin with it fails before the headers are on their way, so that the caller sees
/// a connection that closed without an answer.
fn broken(begin: Bytes) -> Response {
    let pieces = stream::unfold((begin, false), async |(begin, begun)| {
        if !begun && !begin.is_empty() {
            return Some((Ok(begin), (Bytes::new(), true)));
        }
        if begun {
            // The server sends what it has when it has to wait for more.
            tokio::task::yield_now().await;
        }
        Some((Err(std::io::Error::other("broken on purpose")), (Bytes::new(), begun)))
    });
    Response::new(Body::from_stream(pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, path, fits) in [
            ("/hetzner/v1/servers", "/hetzner/v1/servers", true),
            ("/hetzner/v1/servers", "/hetzner/v1/servers/1", false),
            ("/hetzner/*", "/hetzner/v1/servers", true),
            ("/hetzner/*", "/hetzner", false),
            ("/telegram/bot*/sendMessage", "/telegram/bot1:a/sendMessage", true),
            ("/telegram/bot*/sendMessage", "/telegram/bot1:a/sendMessageDraft", false),
            ("*/actions/*", "/hetzner/v1/servers/1/actions/poweron", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn a_fault_hits_as_often_as_it_says_and_in_order() {
        let faults = Faults::default();
        let rule = |times, status| Rule {
            path: "/a*".to_owned(),
            method: Some("post".to_owned()),
            times,
            kind: Kind::Status(status),
            code: None,
            message: None,
        };
        faults.add(rule(2, 500));
        faults.add(rule(1, 503));
        assert!(faults.take("GET", "/a").is_none() && faults.take("POST", "/b").is_none());
        let hits: Vec<Kind> = (0..3)
            .filter_map(|_| faults.take("POST", "/a1"))
            .map(|r| r.kind)
            .collect();
        assert_eq!(hits, [Kind::Status(500), Kind::Status(500), Kind::Status(503)]);
        assert!(faults.take("POST", "/a1").is_none() && faults.list().is_empty());
    }

    #[test]
    fn faults_read_as_json() {
        let rule: Rule = serde_json::from_str(r#"{"path":"/x","method":null,"kind":{"status":503}}"#).unwrap();
        assert_eq!((rule.times, rule.kind), (1, Kind::Status(503)));
        for (text, kind) in [
            ("\"timeout\"", Kind::Timeout),
            ("\"lost_reply\"", Kind::LostReply),
            ("\"rate_limit\"", Kind::RateLimit),
            ("\"half_body\"", Kind::HalfBody),
            ("\"bad_json\"", Kind::BadJson),
            ("\"no_credit\"", Kind::NoCredit),
            ("{\"slow\":5}", Kind::Slow(5)),
            ("\"unknown_fields\"", Kind::UnknownFields),
            ("\"unknown_values\"", Kind::UnknownValues),
            ("\"empty_page\"", Kind::EmptyPage),
            ("\"failed_action\"", Kind::FailedAction),
            ("{\"clock_off\":-600}", Kind::ClockOff(-600)),
        ] {
            assert_eq!(serde_json::from_str::<Kind>(text).unwrap(), kind);
        }
    }
}
