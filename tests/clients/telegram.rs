//! Telegram: what its answers mean, and that the token is never told.

use clawdwako::error::{Error, Kind};
use clawdwako::secrets::Secret;
use clawdwako::telegram::{BotIdentity, Telegram, Webhook};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use wiremock::matchers::{body_partial_json, method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";
const SECONDS: fn(u64) -> Duration = Duration::from_secs;

fn token() -> Secret {
    Secret::new(format!("110201543:{KEY}"))
}

fn telegram(base: &str) -> Telegram {
    Telegram::new(base.parse().unwrap(), &token())
        .unwrap()
        .with_pause(Duration::from_millis(1))
}

/// Telegram does not mind the case of a method's name, and the library begins with a capital.
fn at(name: &str) -> wiremock::matchers::PathRegexMatcher {
    path_regex(format!("^/bot110201543:{KEY}/(?i:{name})$"))
}

fn ok(result: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"ok": true, "result": result}))
}

fn no(status: u16, description: &str) -> ResponseTemplate {
    let body = json!({"ok": false, "error_code": status, "description": description});
    ResponseTemplate::new(status).set_body_json(body)
}

/// No part of an error holds the token.
fn safe(e: &Error) {
    let text = format!("{e} {e:?} {:?}", e.next_step());
    assert!(!text.contains(KEY) && !text.contains("110201543"), "{text}");
}

fn start(update: u32, from: u64, text: &str) -> Value {
    json!({"update_id": update, "message": {
        "message_id": update, "date": 1_790_000_000,
        "from": {"id": from, "is_bot": false, "first_name": "Ada"},
        "chat": {"id": from, "type": "private", "first_name": "Ada"},
        "text": text,
    }})
}

#[tokio::test]
async fn it_knows_who_a_token_belongs_to_and_where_updates_go() {
    let server = MockServer::start().await;
    let me = json!({
        "id": 110_201_543, "is_bot": true, "first_name": "Demo", "last_name": "Bot", "username": "demo_bot",
        "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
        "can_connect_to_business": false, "has_main_web_app": false,
    });
    Mock::given(at("getMe")).respond_with(ok(me)).mount(&server).await;
    let hook = json!({
        "url": "https://example.org/hook", "has_custom_certificate": false, "pending_update_count": 3,
        "last_error_date": 1_790_000_000, "last_error_message": "Connection refused",
    });
    Mock::given(at("getWebhookInfo"))
        .respond_with(ok(hook))
        .mount(&server)
        .await;
    // With and without a slash at the end of the address.
    for base in [server.uri(), format!("{}/", server.uri())] {
        let telegram = telegram(&base);
        let identity = BotIdentity {
            id: 110_201_543,
            username: "demo_bot".into(),
            name: "Demo Bot".into(),
        };
        assert_eq!(telegram.get_me().await.unwrap(), identity);
        let webhook = Webhook {
            url: Some("https://example.org/hook".into()),
            pending: 3,
            last_error: Some("Connection refused".into()),
        };
        assert_eq!(telegram.webhook().await.unwrap(), webhook);
    }
}

#[tokio::test]
async fn a_base_below_a_path_works() {
    let server = MockServer::start().await;
    let hook = json!({"url": "", "has_custom_certificate": false, "pending_update_count": 0});
    Mock::given(path_regex(format!("^/tg/bot110201543:{KEY}/(?i:getWebhookInfo)$")))
        .respond_with(ok(hook))
        .mount(&server)
        .await;
    for base in ["/tg", "/tg/"] {
        assert_eq!(
            telegram(&format!("{}{base}", server.uri()))
                .webhook()
                .await
                .unwrap()
                .url,
            None
        );
    }
}

#[tokio::test]
async fn update_kinds_that_nobody_knew_yet_do_not_make_a_token_bad() {
    // The agent asks Telegram for kinds newer than any library, and Telegram tells them on.
    let server = MockServer::start().await;
    let info = json!({"url": "", "has_custom_certificate": false, "pending_update_count": 3,
        "allowed_updates": ["message", "guest_message", "managed_bot"]});
    Mock::given(at("getWebhookInfo"))
        .respond_with(ok(info))
        .mount(&server)
        .await;
    let webhook = telegram(&server.uri()).webhook().await.unwrap();
    assert_eq!((webhook.url, webhook.pending), (None, 3));
}

#[tokio::test]
async fn webhooks_are_set_with_their_secret_and_removed_without_losing_updates() {
    let server = MockServer::start().await;
    Mock::given(at("setWebhook"))
        .respond_with(ok(json!(true)))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(at("deleteWebhook"))
        .and(body_partial_json(json!({"drop_pending_updates": false})))
        .respond_with(ok(json!(true)))
        .expect(1)
        .mount(&server)
        .await;
    let telegram = telegram(&server.uri());
    let url = "https://example.org/hook".parse().unwrap();
    telegram
        .set_webhook(&url, &Secret::new("s3cret-for-the-hook"))
        .await
        .unwrap();
    telegram.delete_webhook().await.unwrap();
    let sent = server.received_requests().await.unwrap();
    let body = String::from_utf8_lossy(&sent[0].body).into_owned();
    assert!(
        body.contains("s3cret-for-the-hook") && body.contains("https://example.org/hook"),
        "{body}"
    );
}

#[tokio::test]
async fn refusals_have_a_kind_and_a_next_step_and_no_token() {
    for (answer, kind, text) in [
        (no(401, "Unauthorized"), Kind::Auth, "refused the token"),
        (no(404, "Not Found"), Kind::Auth, "refused the token"),
        (no(400, "Logged out"), Kind::State, "logged out"),
        (no(400, "Bad Request: something new"), Kind::Upstream, "something new"),
        (
            ResponseTemplate::new(200).set_body_string(format!("<html>/bot110201543:{KEY}/getMe</html>")),
            Kind::Upstream,
            "cannot be understood",
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(at("getMe")).respond_with(answer).mount(&server).await;
        let e = telegram(&server.uri()).get_me().await.unwrap_err();
        assert_eq!(e.kind(), kind, "{e}");
        assert!(e.message().contains(text) && e.next_step().is_some(), "{e}");
        safe(&e);
    }
}

#[tokio::test]
async fn without_a_network_the_error_holds_no_address() {
    let port = crate::support::port::free();
    let e = telegram(&format!("http://127.0.0.1:{port}"))
        .get_me()
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Network);
    safe(&e);
    // A connection that breaks after the request, and one that leads elsewhere.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let e = telegram(&format!("http://127.0.0.1:{port}"))
        .get_me()
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Network);
    safe(&e);
}

#[tokio::test]
async fn short_pauses_are_obeyed_and_long_ones_told() {
    let limited = |seconds: u64| {
        let parameters = json!({"retry_after": seconds});
        let body =
            json!({"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": parameters});
        ResponseTemplate::new(429).set_body_json(body)
    };
    let server = MockServer::start().await;
    Mock::given(at("deleteWebhook"))
        .respond_with(limited(1))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(at("deleteWebhook"))
        .respond_with(ok(json!(true)))
        .mount(&server)
        .await;
    Mock::given(at("getMe"))
        .respond_with(limited(300))
        .expect(1)
        .mount(&server)
        .await;
    let started = Instant::now();
    telegram(&server.uri()).delete_webhook().await.unwrap();
    assert!(started.elapsed() >= SECONDS(1));
    let e = telegram(&server.uri()).get_me().await.unwrap_err();
    assert_eq!(e.kind(), Kind::RateLimited);
    assert!(e.message().contains("300 s"), "{e}");
}

#[tokio::test]
async fn the_owner_is_whoever_sends_the_code_in_private() {
    let server = MockServer::start().await;
    let mut group = start(12, 3, "/start abc234");
    group["message"]["chat"] = json!({"id": -5, "type": "group", "title": "g"});
    let waiting = [
        start(10, 1, "hello"),
        start(11, 2, "/start wrong"),
        group,
        json!({"update_id": 13, "something_new": {}}),
    ];
    Mock::given(at("getUpdates"))
        .respond_with(ok(json!(waiting)))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let all = [waiting.as_slice(), &[start(14, 4242, "/start abc234")]].concat();
    Mock::given(at("getUpdates"))
        .respond_with(ok(json!(all)))
        .mount(&server)
        .await;
    let owner = telegram(&server.uri())
        .discover_owner("abc234", SECONDS(20))
        .await
        .unwrap();
    assert_eq!(owner, 4242);
    for request in server.received_requests().await.unwrap() {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert!(
            body.get("offset").is_none(),
            "it took messages that are not ours: {body}"
        );
        assert!(
            body.get("allowed_updates").is_none(),
            "Telegram would remember that: {body}"
        );
    }
}

#[tokio::test]
async fn the_code_itself_is_taken_away_when_nothing_waits_before_it() {
    let server = MockServer::start().await;
    Mock::given(at("getUpdates"))
        .and(body_partial_json(json!({"offset": 15})))
        .respond_with(ok(json!([])))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(at("getUpdates"))
        .respond_with(ok(json!([start(14, 4242, "/start abc234")])))
        .mount(&server)
        .await;
    assert_eq!(
        telegram(&server.uri())
            .discover_owner("abc234", SECONDS(20))
            .await
            .unwrap(),
        4242
    );
}

#[tokio::test]
async fn a_code_behind_a_hundred_messages_is_found() {
    let server = MockServer::start().await;
    let many: Vec<Value> = (1..=100).map(|i| start(i, 1, "spam")).collect();
    Mock::given(at("getUpdates"))
        .and(body_partial_json(json!({"offset": 101})))
        .respond_with(ok(json!([start(101, 4242, "/start abc234")])))
        .mount(&server)
        .await;
    Mock::given(at("getUpdates"))
        .respond_with(ok(json!(many)))
        .mount(&server)
        .await;
    assert_eq!(
        telegram(&server.uri())
            .discover_owner("abc234", SECONDS(20))
            .await
            .unwrap(),
        4242
    );
}

#[tokio::test]
async fn another_program_on_the_token_stops_the_search_at_once() {
    for (text, said) in [
        (
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            "something else reads",
        ),
        (
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            "webhook",
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(at("getUpdates"))
            .respond_with(no(409, text))
            .expect(1)
            .mount(&server)
            .await;
        let e = telegram(&server.uri())
            .discover_owner("abc234", SECONDS(20))
            .await
            .unwrap_err();
        assert_eq!(e.kind(), Kind::State);
        assert!(e.message().contains(said) && e.next_step().is_some(), "{e}");
        safe(&e);
    }
}

#[tokio::test]
async fn a_search_without_a_message_ends_at_its_deadline() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ok(json!([])).set_delay(Duration::from_millis(200)))
        .mount(&server)
        .await;
    let started = Instant::now();
    let e = telegram(&server.uri())
        .discover_owner("abc234", SECONDS(1))
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Timeout);
    assert!(started.elapsed() < SECONDS(5));
    assert!(
        server.received_requests().await.unwrap().len() < 20,
        "it polled without a pause"
    );
}
