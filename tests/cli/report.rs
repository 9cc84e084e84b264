//! A control server's errors at Sentry: a receiver on this machine.

use crate::support::cli::Home;
use crate::support::replica::Replica;
use serde_json::Value;
use std::time::{Duration, Instant};
use wiremock::matchers::{header_exists, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test]
async fn what_the_log_calls_an_error_is_reported_and_no_secret_is_in_it() {
    let sentry = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/42/envelope/"))
        .and(header_exists("x-sentry-auth"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&sentry)
        .await;
    let dsn = sentry.uri().replace("http://", "http://publickey@");
    let home = Home::new()
        .env("SENTRY_DSN", &format!("{dsn}/42"))
        .env("HETZNER_API_TOKEN", &"hunter2".repeat(8));
    let config = home.write("server.toml", "[server]\n");
    let server = Replica::start(home.command(&[]), &config, &["--no-workers"]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| http.get(format!("http://{}{path}", server.api)).send().await.unwrap();
    // What a caller does wrong, and what is not set up here, is no error.
    for (path, status) in [
        ("/api/bots?colour=hunter2", 401),
        ("/hunter2", 404),
        ("/api/auth/callback/google?colour=hunter2", 501),
    ] {
        assert_eq!(get(path).await.status(), status, "{path}");
    }
    // That the store is broken is one.
    let mut tx = home.server_store().await.begin().await.unwrap();
    tx.execute("ALTER TABLE allowances RENAME TO lost", &[]).await.unwrap();
    tx.commit().await.unwrap();
    let failed = get("/api/auth/callback/google?colour=hunter2").await;
    assert_eq!(failed.status(), 500);
    let id = failed.headers()["x-request-id"].to_str().unwrap();

    // What is reported at the end is sent all the same.
    let begun = Instant::now();
    let log = server.stop();
    assert!(begun.elapsed() < Duration::from_secs(20));
    let reports = sentry.received_requests().await.unwrap();
    assert_eq!(reports.len(), 1, "{reports:?}");
    let auth = reports[0].headers["x-sentry-auth"].to_str().unwrap();
    assert!(
        auth.starts_with("Sentry ") && auth.contains("sentry_key=publickey"),
        "{auth}"
    );
    let body = std::str::from_utf8(&reports[0].body).unwrap();
    assert!(!body.contains("hunter2"), "{body}");
    let event: Value = serde_json::from_str(body.lines().nth(2).unwrap()).unwrap();
    assert_eq!(event["extra"]["request_id"], id);
    let message = event["message"].as_str().unwrap();
    assert!(
        message.starts_with("request failed: ") && message.contains("allowances"),
        "{message}"
    );
    assert!(log.contains(message) && !log.contains("publickey"), "{log}");
}

#[test]
fn what_is_no_dsn_is_refused_and_not_shown() {
    let home = Home::new().env("SENTRY_DSN", "hunter2");
    let ran = home.run(&[
        "server",
        "run",
        "--listen",
        "127.0.0.1:0",
        "--metrics-listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("SENTRY_DSN") && !ran.err.contains("hunter2"),
        "{ran:?}"
    );
}
