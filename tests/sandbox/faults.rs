//! Faults: what the caller sees, and whether the thing was done.

use super::stand_ins::{StandIns, read};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PERSON: i64 = 4242;

/// A bot that may write to somebody, and the path to write at.
async fn writer(on: &StandIns) -> (String, String) {
    let (token, bot) = on.bot().await;
    on.world.telegram.say(&bot, PERSON, "/start").unwrap();
    (format!("/telegram/bot{token}/sendMessage?chat_id={PERSON}&text=x"), bot)
}

fn sent(on: &StandIns, bot: &str) -> usize {
    on.world.telegram.sent(bot).unwrap().len()
}

#[tokio::test]
async fn errors_speak_the_services_language_and_end_after_their_times() {
    let on = StandIns::start().await;
    let (write, bot) = writer(&on).await;
    let kind = json!({"status": 502});
    on.fault(json!({"path": "/telegram/bot*/sendMessage", "method": "POST", "times": 2, "kind": kind}))
        .await;
    assert_eq!(on.get(&write).await.0, 200, "another method is not hit");
    for _ in 0..2 {
        let expected = json!({"ok": false, "error_code": 502, "description": "Bad Gateway"});
        assert_eq!(on.post(&write, &json!({})).await, (502, expected));
    }
    assert_eq!(on.post(&write, &json!({})).await.0, 200);
    assert_eq!(sent(&on, &bot), 2, "a refused call does nothing");
    for (path, status, at, word) in [
        ("/anthropic/v1/messages", 529, "/error/type", "overloaded_error"),
        ("/anthropic/v1/messages", 401, "/error/message", "invalid x-api-key"),
        ("/openai/v1/responses", 401, "/error/code", "invalid_api_key"),
        ("/google-ai/v1beta/models", 503, "/error/status", "UNAVAILABLE"),
        ("/hetzner/v1/servers", 412, "/error/code", "resource_unavailable"),
        ("/digitalocean/v2/droplets", 401, "/id", "Unauthorized"),
        ("/google/token", 403, "/error", "access_denied"),
    ] {
        on.fault(json!({"path": path, "times": 1, "kind": {"status": status}}))
            .await;
        let (got, answer) = on.post(path, &json!({})).await;
        assert_eq!(
            (got, answer.pointer(at).and_then(Value::as_str)),
            (status, Some(word)),
            "{path}"
        );
    }
    let kind = json!({"status": 422});
    on.fault(json!({"path": "/hetzner/*", "kind": kind, "code": "placement_error", "message": "no room"}))
        .await;
    let (_, answer) = on.post("/hetzner/v1/servers", &json!({})).await;
    let expected = json!({"code": "placement_error", "message": "no room", "details": null});
    assert_eq!(answer["error"], expected);
    on.fault(json!({"path": "/anthropic/*", "kind": "no_credit"})).await;
    let (status, answer) = on.post("/anthropic/v1/messages", &json!({})).await;
    let told = answer["error"]["message"].as_str().unwrap();
    assert_eq!(
        (status, told.starts_with("Your credit balance is too low")),
        (400, true)
    );
}

#[tokio::test]
async fn rate_limits_carry_the_services_headers() {
    let on = StandIns::start().await;
    for (path, header) in [
        ("/telegram/bot1:a/getMe", "retry-after"),
        ("/hetzner/v1/servers", "ratelimit-reset"),
        ("/digitalocean/v2/droplets", "retry-after"),
        ("/anthropic/v1/messages", "retry-after"),
        ("/openai/v1/responses", "x-ratelimit-remaining-requests"),
    ] {
        on.fault(json!({"path": path, "times": 1, "kind": "rate_limit"})).await;
        let response = on.http.post(on.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 429, "{path}");
        assert!(response.headers().contains_key(header), "{path}");
        if path.starts_with("/telegram") {
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["parameters"]["retry_after"], 1);
        }
    }
}

#[tokio::test]
async fn a_lost_reply_breaks_the_connection_before_a_byte_but_the_thing_is_done() {
    let on = StandIns::start().await;
    let (write, bot) = writer(&on).await;
    on.fault(json!({"path": "/telegram/*", "times": 2, "kind": "lost_reply"}))
        .await;
    let mut raw = tokio::net::TcpStream::connect(on.base.trim_start_matches("http://"))
        .await
        .unwrap();
    let request = format!("POST {write} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    raw.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), raw.read_to_end(&mut bytes)).await;
    assert!(end.is_ok() && bytes.is_empty(), "{}", String::from_utf8_lossy(&bytes));
    assert_eq!(sent(&on, &bot), 1);
    let failed = on.http.post(on.url(&write)).send().await.unwrap_err();
    assert!(!failed.is_timeout() && !failed.is_connect(), "{failed:?}");
    assert_eq!(sent(&on, &bot), 2, "and nobody sent it again");
    assert_eq!(on.post(&write, &json!({})).await.0, 200);
}

#[tokio::test]
async fn half_a_body_and_bad_json_come_after_the_thing_is_done() {
    let on = StandIns::start().await;
    let (write, bot) = writer(&on).await;
    on.fault(json!({"path": "/telegram/*", "kind": "half_body"})).await;
    let response = on.http.post(on.url(&write)).send().await.unwrap();
    let length = response.content_length().unwrap();
    assert_eq!(
        (response.status().as_u16(), length > 50),
        (200, true),
        "the headers are those of the whole"
    );
    assert!(response.bytes().await.is_err(), "the body breaks off");
    on.fault(json!({"path": "/telegram/*", "kind": "bad_json"})).await;
    let response = on.http.post(on.url(&write)).send().await.unwrap();
    let body = response.bytes().await.unwrap();
    assert!(body.len() > 20 && serde_json::from_slice::<Value>(&body).is_err());
    assert_eq!(sent(&on, &bot), 2);
}

#[tokio::test]
async fn a_timeout_never_answers_and_does_nothing_and_slow_is_late() {
    let on = StandIns::start().await;
    let (write, bot) = writer(&on).await;
    on.fault(json!({"path": "/telegram/*", "kind": "timeout"})).await;
    let hurried = on.http.post(on.url(&write)).timeout(Duration::from_millis(500));
    assert!(hurried.send().await.unwrap_err().is_timeout());
    assert_eq!(sent(&on, &bot), 0);
    on.fault(json!({"path": "/telegram/*", "kind": {"slow": 400}})).await;
    let begun = std::time::Instant::now();
    assert_eq!(on.post(&write, &json!({})).await.0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn faults_can_be_listed_and_taken_away_but_never_hit_the_control_address() {
    let on = StandIns::start().await;
    on.fault(json!({"path": "*", "times": 9, "kind": {"status": 500}}))
        .await;
    let (status, list) = on.get("/_control/faults").await;
    assert_eq!((status, &list["faults"][0]["times"]), (200, &json!(9)));
    assert_eq!(on.get("/google/certs").await.0, 500);
    assert_eq!(read(on.http.delete(on.url("/_control/faults"))).await.0, 200);
    assert_eq!(on.get("/google/certs").await.0, 200);
    for bad in [
        json!({"path": "x", "kind": "timeout"}),
        json!({"path": "/x", "kind": "dance"}),
        json!({}),
    ] {
        assert_eq!(on.post("/_control/faults", &bad).await.0, 422, "{bad}");
    }
}
