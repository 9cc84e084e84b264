//! Answers that come before the request was read: the connection ends with them, as they say, and
//! they arrive.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::engine::{Engine, on_both_engines};
use crate::support::wire::Wire;
use clawdwako::config::ServerSettings;
use clawdwako::model::{Role, Scope, TokenKind};

on_both_engines!(an_answer_before_the_end_of_its_request_ends_the_connection);

/// Longer than any body may be, and than what sockets hold for their readers.
const LONG: usize = 900_000;

async fn an_answer_before_the_end_of_its_request_ends_the_connection(engine: Engine) {
    let google = StandIns::start().await;
    let few = ServerSettings {
        guarded_per_minute: 1,
        ..open()
    };
    let api = Api::start(&engine, &google, few).await;
    let at = api.base.strip_prefix("http://").unwrap().parse().unwrap();
    let (ada, token) = api.user("ada@example.org", Role::Support).await;
    let session = api.token(&ada, TokenKind::Session, Scope::Admin).await;
    let bearer = format!("authorization: Bearer {token}\r\n");
    let cookie = format!("cookie: __Host-clawdwako={session}\r\norigin: https://evil.example\r\n");
    let keyed = format!("{bearer}idempotency-key: k\r\n");
    let (tokens, json) = ("/api/auth/tokens", "content-type: application/json\r\n");
    // The only guess that this minute has.
    let callback = "/api/auth/callback/google";
    let mut first = Wire::open(at).await;
    let told = first
        .ask(&format!(
            "POST {callback} HTTP/1.1\r\nhost: x\r\n{json}content-length: 2\r\n\r\n{{}}"
        ))
        .await;
    assert_eq!((told.status, told.closes()), (422, false), "{told:?}");
    for (status, method, path, headers) in [
        (401, "POST", tokens, json.to_owned()),
        (403, "POST", tokens, format!("{cookie}{json}")),
        (403, "PUT", "/api/secrets/openai", format!("{bearer}{json}")),
        (404, "POST", "/nowhere", json.to_owned()),
        (405, "PATCH", tokens, format!("{bearer}{json}")),
        (413, "POST", tokens, format!("{bearer}{json}")),
        (413, "POST", tokens, format!("{keyed}{json}")),
        (415, "POST", tokens, bearer.clone()),
        (429, "POST", callback, json.to_owned()),
        // It is well, and nobody wants the body.
        (200, "GET", "/healthz", String::new()),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}");
        // Most of the body never comes; it comes whole before anything is read; it comes in pieces
        // whose sum nobody tells.
        // Of a long one that is said first.
        let long = if status == 415 { 60_000 } else { LONG };
        let missing = format!("{head}content-length: {long}\r\n\r\n{{");
        let whole = format!("{head}content-length: {long}\r\n\r\n{}", "x".repeat(long));
        let piece = format!("{:x}\r\n{}\r\n", 50_000, "x".repeat(50_000));
        let pieces = format!("{head}transfer-encoding: chunked\r\n\r\n{}", piece.repeat(18));
        for (sent, what) in [(missing, "missing"), (whole, "whole"), (pieces, "pieces")] {
            let mut wire = Wire::open(at).await;
            // Told too late that nobody reads it, which the answer has to survive.
            let _ = wire.try_send(sent.as_bytes()).await;
            let told = wire
                .try_answer()
                .await
                .unwrap_or_else(|e| panic!("{status} {path} {what}: {e}"));
            assert_eq!((told.status, told.closes()), (status, true), "{what}: {told:?}");
            wire.closed().await;
        }
    }
    // What was read to its end leaves the connection as it was, refused or not.
    let mut wire = Wire::open(at).await;
    for (status, body) in [(422, "{}"), (201, r#"{"name":"x","scope":"read"}"#), (400, "{")] {
        let request = format!(
            "POST {tokens} HTTP/1.1\r\nhost: x\r\n{bearer}{json}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let told = wire.ask(&request).await;
        assert_eq!((told.status, told.closes()), (status, false), "{told:?}");
    }
    assert!(wire.is_well().await);
    // A head that is too long is told so, too.
    let mut wire = Wire::open(at).await;
    let head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(400_000));
    let _ = wire.try_send(head.as_bytes()).await;
    assert_eq!(wire.answer().await.status, 431);
    wire.closed().await;
}
