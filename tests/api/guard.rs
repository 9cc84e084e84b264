//! What surrounds every request: rates, other sites' pages, headers, and requests sent twice.

use super::rules;
use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, CALLBACK, at_google, open};
use crate::support::engine::{Engine, on_both_engines};
use crate::support::held::HeldTelegram;
use clawdwako::config::ServerSettings;
use clawdwako::model::{BotStatus, DeploymentStatus, Role, Scope, TokenKind};
use clawdwako::store::{AuditEntry, BEGUN};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

on_both_engines!(
    callers_are_slowed_down_over_all_replicas,
    a_request_with_a_key_is_done_once_over_all_replicas,
    another_sites_page_changes_nothing_with_a_cookie,
    every_answer_carries_the_headers_that_keep_browsers_safe,
    a_change_is_made_and_in_the_audit_even_if_its_caller_goes_away,
);

async fn callers_are_slowed_down_over_all_replicas(engine: Engine) {
    let google = StandIns::start().await;
    let few = || ServerSettings {
        guarded_per_minute: 3,
        requests_per_minute: 4,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..ServerSettings::default()
    };
    let one = Api::start(&engine, &google, few()).await;
    let two = Api::start(&engine, &google, few()).await;
    let from = async |api: &Api, address: &str| {
        let body = json!({"id_token": "x", "name": "a"});
        api.call("POST", CALLBACK, &[("x-forwarded-for", address)], &body).await
    };
    for api in [&one, &two, &one] {
        from(api, "192.0.2.1").await.refused(403, "refused");
    }
    for api in [&two, &one] {
        let told = from(api, "192.0.2.1").await;
        told.refused(429, "rate_limited");
        let seconds: u64 = told.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    from(&one, "192.0.2.2").await.refused(403, "refused");
    from(&one, "6.6.6.6, 192.0.2.1").await.refused(429, "rate_limited");

    // A user is counted wherever they call from.
    let (_, token) = one.user("ada@example.org", Role::Member).await;
    let bearer = format!("Bearer {token}");
    let mut statuses = Vec::new();
    for i in 0..5 {
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-forwarded-for", &format!("198.51.100.{i}")),
        ];
        let api = if i % 2 == 0 { &one } else { &two };
        statuses.push(
            api.call("GET", "/api/auth/session", &headers, &Value::Null)
                .await
                .status,
        );
    }
    assert_eq!(statuses, [200, 200, 200, 200, 429]);
    for path in ["/healthz", "/readyz"] {
        for _ in 0..10 {
            one.call("GET", path, &[], &Value::Null).await.ok();
        }
    }
}

async fn a_request_with_a_key_is_done_once_over_all_replicas(engine: Engine) {
    let google = StandIns::start().await;
    let one = Api::start(&engine, &google, open()).await;
    let two = Api::start(&engine, &google, open()).await;
    let (ada, token) = one.user("ada@example.org", Role::Member).await;
    let bearer = format!("Bearer {token}");
    let send = async |api: &Api, key: &str, name: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        let body = json!({"name": name, "scope": "read"});
        api.call("POST", "/api/auth/tokens", &headers, &body).await
    };
    let (a, b) = tokio::join!(send(&one, "k1", "x"), send(&two, "k1", "x"));
    let first = if a.status == 201 { &a } else { &b };
    for told in [&a, &b] {
        assert!(told.status == 201 || told.body["error"]["code"] == "busy", "{told:?}");
    }
    let again = send(&two, "k1", "x").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.body["token"], first.body["token"], "the very same token");
    send(&two, "k1", "y").await.refused(422, "usage");
    send(&two, "", "y").await.refused(422, "usage");
    assert_eq!(send(&two, "k2", "").await.status, 422);
    assert_eq!(send(&two, "k3", "y").await.status, 201);
    let tokens = one
        .store
        .tokens(&ada.id, TokenKind::Api, clawdwako::model::now())
        .await
        .unwrap();
    assert_eq!(tokens.len(), 3, "the test's own, and two that were made");
}

async fn another_sites_page_changes_nothing_with_a_cookie(engine: Engine) {
    let google = StandIns::start().await;
    let settings = ServerSettings {
        public_url: Some("https://bots.example.org".parse().unwrap()),
        ..open()
    };
    let api = Api::start(&engine, &google, settings).await;
    let (ada, _) = api.user("ada@example.org", Role::Member).await;
    let session = api.token(&ada, TokenKind::Session, Scope::Admin).await;
    let cookie = format!("__Host-clawdwako={session}");
    let send = async |more: &[(&str, &str)]| {
        let headers: Vec<(&str, &str)> = [("cookie", cookie.as_str())]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        let body = json!({"name": "x", "scope": "read"});
        api.call("POST", "/api/auth/tokens", &headers, &body).await
    };
    for other in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("origin", "http://bots.example.org")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://other.example.org")],
    ] {
        send(other).await.refused(403, "refused");
    }
    assert_eq!(api.store.audit(None, None, 10).await.unwrap().len(), 0);
    for own in [
        &[
            ("origin", "https://bots.example.org"),
            ("sec-fetch-site", "same-origin"),
        ][..],
        &[("origin", "https://bots.example.org")],
        &[],
    ] {
        assert_eq!(send(own).await.status, 201, "{own:?}");
    }
    // Nobody else's page reads an answer, or may ask with more than a plain request.
    let headers = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "PUT"),
    ];
    let asked = api.call("OPTIONS", "/api/bots", &headers, &Value::Null).await;
    asked.refused(405, "usage");
    assert!(asked.headers.keys().all(|k| !k.as_str().starts_with("access-control-")));
}

async fn every_answer_carries_the_headers_that_keep_browsers_safe(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    for path in [
        "/healthz",
        "/api/auth/session",
        "/nowhere",
        CALLBACK,
        "/api/openapi.json",
    ] {
        let told = api.call("GET", path, &[], &Value::Null).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(told.header(name), value, "{path}");
        }
        assert!(
            told.header("content-security-policy").contains("default-src 'none'"),
            "{path}"
        );
        assert!(told.header("strict-transport-security").contains("max-age="), "{path}");
        assert_eq!(told.header("x-request-id").len(), 32);
    }
    let (_, token) = api.user("ada@example.org", Role::Member).await;
    let head = api.with(&token, "HEAD", "/api/auth/session", Value::Null).await;
    assert_eq!(head.status, 200);
    assert_eq!(
        api.call("HEAD", "/api/auth/session", &[], &Value::Null).await.status,
        401
    );
    let told = api.with(&token, "PATCH", "/api/auth/tokens", Value::Null).await;
    told.refused(405, "usage");
    assert_eq!(told.header("allow"), "GET, HEAD, POST");
    // What is said of the address counts nothing unless a proxy is trusted.
    let headers = [
        ("x-forwarded-for", "6.6.6.6"),
        ("authorization", &format!("Bearer {token}")),
    ];
    let body = json!({"name": "x", "scope": "read"});
    api.call("POST", "/api/auth/tokens", &headers, &body).await.ok();
    let audit = api.store.audit(None, None, 1).await.unwrap();
    assert_eq!(audit[0].address.as_deref(), Some("127.0.0.1"));
}

async fn a_change_is_made_and_in_the_audit_even_if_its_caller_goes_away(engine: Engine) {
    let google = StandIns::start().await;
    let patience = Duration::from_secs(20);
    // It answers after its caller's caller has gone, and was given time to be missed.
    let telegram = HeldTelegram::start(patience, Duration::from_millis(300)).await;
    let (endpoints, operator) = at_google(&google);
    let endpoints = telegram.in_place(endpoints);
    let api = Api::start_with(&engine, endpoints, operator, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let stopped = (BotStatus::Stopped, DeploymentStatus::Stopped);
    let (bot, _) = rules::bot(&api, &google, &ada, "demo", stopped).await;
    let body = json!({"bot_id": bot}).to_string();
    let request = format!(
        "POST /api/telegram/set-webhook HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let address = api.base.strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    tokio::time::timeout(patience, telegram.asked.notified())
        .await
        .expect("the change is under way");
    let changes = async || -> Vec<AuditEntry> {
        let all = api.store.audit(Some(&ada.id), None, 10).await.unwrap();
        all.into_iter().filter(|e| e.action != "use secret").collect()
    };
    assert_eq!(changes().await[0].result, BEGUN);
    drop(connection);
    telegram.go_on.send(()).unwrap();
    let since = Instant::now();
    while changes().await.len() < 2 {
        assert!(since.elapsed() < patience, "its end is not told");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let told = changes().await;
    let results: Vec<&str> = told.iter().map(|e| e.result.as_str()).collect();
    assert_eq!(results, ["ok", BEGUN]);
    assert!(told[0].request_id.is_some() && told[0].request_id == told[1].request_id);
}
