//! The client of a control server: what it sends, what it makes of answers, and what it does when
//! they do not come.

use super::http;
use crate::support::bots::a_bot;
use clawdwako::api::client::Client;
use clawdwako::api::types::{BotCreate, BotView, DeployRequest, EventView, StatusView, SyncRequest};
use clawdwako::error::Kind;
use clawdwako::model::{Audience, BotStatus, Event, EventKind};
use clawdwako::secrets::Secret;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use wiremock::matchers::{any, header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const TOKEN: &str = "cwk_hunter2-0123456789";

fn client(server: &MockServer) -> Client {
    let base = format!("{}/", server.uri()).parse().unwrap();
    Client::new(http(), base, Some(Secret::new(TOKEN)))
}

fn error(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({"error": {"code": code, "message": "m", "hint": "h", "request_id": "r"}}))
}

fn status(name: &str) -> StatusView {
    let (bot, deployment) = a_bot(name, 7);
    StatusView {
        bot: BotView::of(&bot, &deployment),
        jobs: Vec::new(),
        steps: Vec::new(),
        failure: None,
        health: None,
        last_event: 0,
    }
}

fn event(number: i64) -> String {
    let event = Event {
        at: 1_000,
        kind: EventKind::Log,
        job: None,
        step: None,
        text: format!("line {number}"),
        duration_ms: None,
    };
    let data = serde_json::to_string(&EventView::of(number, event)).unwrap();
    format!("id: {number}\nevent: story\ndata: {data}\n\n")
}

fn live(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text.as_bytes().to_vec(), "text/event-stream")
}

async fn numbers(client: &Client, after: i64) -> clawdwako::error::Result<Vec<i64>> {
    let mut events = client.events("b", after);
    let mut found = Vec::new();
    while let Some(event) = events.next().await? {
        found.push(event.number);
    }
    Ok(found)
}

/// An answer that was lost is asked for again, with the same key: the server makes one bot.
#[tokio::test]
async fn a_lost_reply_is_asked_for_again_under_the_same_key() {
    let server = MockServer::start().await;
    let keys: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = keys.clone();
    let view = status("demo").bot;
    Mock::given(method("POST"))
        .and(path("/api/bots/create"))
        .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
        .respond_with(move |request: &Request| {
            let key = request.headers["idempotency-key"].to_str().unwrap().to_owned();
            let mut seen = seen.lock().unwrap();
            seen.push(key);
            match seen.len() {
                1 => ResponseTemplate::new(502),
                2 => error(409, "busy"),
                _ => ResponseTemplate::new(201).set_body_json(&view),
            }
        })
        .mount(&server)
        .await;
    let new = BotCreate {
        name: "demo".into(),
        token: Secret::new("1:token"),
        model: "claude-opus".into(),
        model_key: Some(Secret::new("sk-key")),
        audience: Audience::Owner(7),
    };
    let client = client(&server);
    assert_eq!(client.create_bot(&new).await.unwrap().name, "demo");
    // Another intent has another key.
    client.create_bot(&new).await.unwrap();
    let keys = keys.lock().unwrap().clone();
    assert_eq!(keys.len(), 4);
    assert!(
        keys[0] == keys[1] && keys[1] == keys[2] && keys[2] != keys[3],
        "{keys:?}"
    );
    let sent: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    assert_eq!(
        sent,
        json!({"name": "demo", "token": "1:token", "model": "claude-opus", "model_key": "sk-key", "audience": 7})
    );
}

#[tokio::test]
async fn errors_keep_the_servers_code_and_hint() {
    for (code, status, kind, exit) in [
        ("needs_user", 401, Kind::NeedsUser, 5),
        ("not_found", 404, Kind::NotFound, 3),
        ("quota", 403, Kind::Quota, 4),
        ("refused", 403, Kind::Auth, 4),
        ("wrong_state", 409, Kind::State, 1),
        ("a_later_code", 418, Kind::Upstream, 1),
    ] {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(error(status, code))
            .mount(&server)
            .await;
        let e = client(&server).status("b").await.unwrap_err();
        assert_eq!((e.kind(), e.kind().exit_code()), (kind, exit), "{code}");
        assert_eq!((e.message().as_str(), e.next_step()), ("m", Some("h")));
    }
    // Only what its operator has to look up carries the request's id.
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(error(500, "store"))
        .mount(&server)
        .await;
    let e = client(&server).status("b").await.unwrap_err();
    assert_eq!((e.kind(), e.message().as_str()), (Kind::Store, "m (request r)"));
}

#[tokio::test]
async fn what_is_no_control_server_is_told_by_its_status() {
    for (status, kind) in [
        (301, Kind::Upstream),
        (401, Kind::NeedsUser),
        (403, Kind::Auth),
        (404, Kind::NotFound),
        (503, Kind::Upstream),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).insert_header("location", "http://198.18.0.9/");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let e = client(&server).status("b").await.unwrap_err();
        assert_eq!(e.kind(), kind, "{status}");
        assert!(e.next_step().is_some() && !format!("{e:?}").contains(TOKEN));
    }
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    Mock::given(any()).respond_with(page).mount(&server).await;
    assert_eq!(client(&server).status("b").await.unwrap_err().kind(), Kind::Upstream);
    let nowhere = Client::new(http(), "http://127.0.0.1:9/".parse().unwrap(), None);
    let e = nowhere.status("b").await.unwrap_err();
    assert_eq!(e.kind(), Kind::Network);
    assert!(e.next_step().unwrap().contains("http://127.0.0.1:9/"));
}

#[tokio::test]
async fn a_story_that_was_cut_goes_on_where_it_was_cut() {
    let server = MockServer::start().await;
    // The first connection ends in the middle of an event, the second is refused, the third
    // tells one event again.
    let cut = format!("{}: keep-alive\n\n{}id: 3\nevent: story\nda", event(1), event(2));
    Mock::given(method("GET"))
        .and(path("/prefix/api/deploy/b/logs"))
        .and(header("accept", "text/event-stream"))
        .and(query_param("after", "0"))
        .respond_with(live(&cut))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(header("last-event-id", "2"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .expect(1)
        .mount(&server)
        .await;
    let rest = format!(
        "{}{}event: later\ndata: 1\n\n{}event: end\ndata: {{}}\n\n{}",
        event(2),
        event(3),
        event(4),
        event(5)
    );
    Mock::given(header("last-event-id", "2"))
        .respond_with(live(&rest))
        .expect(1)
        .mount(&server)
        .await;
    // A server below a path of its own.
    let base = format!("{}/prefix/", server.uri()).parse().unwrap();
    let client = Client::new(http(), base, Some(Secret::new(TOKEN)));
    assert_eq!(numbers(&client, 0).await.unwrap(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_story_that_cannot_go_on_ends_with_an_error() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(live(": nothing\n\n"))
        .expect(8)
        .mount(&server)
        .await;
    let e = numbers(&client(&server), 0).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Network);
    server.verify().await;

    // What trying again cannot help is not tried again.
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(error(404, "not_found"))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(numbers(&client(&server), 3).await.unwrap_err().kind(), Kind::NotFound);
    server.verify().await;

    let server = MockServer::start().await;
    let end = r#"event: end
data: {"error": {"code": "remote_script", "message": "m", "hint": null, "request_id": null}}

"#;
    let told = live(&format!("{}{end}", event(1)));
    Mock::given(any()).respond_with(told).mount(&server).await;
    assert_eq!(numbers(&client(&server), 0).await.unwrap_err().kind(), Kind::Remote);
}

/// A line without an end is refused at once, and not asked for again.
#[tokio::test]
async fn an_event_without_an_end_is_cut_off() {
    let server = MockServer::start().await;
    let endless = format!("{}id: 2\nevent: story\ndata: {}", event(1), "x".repeat(2 << 20));
    Mock::given(any())
        .respond_with(live(&endless))
        .expect(1)
        .mount(&server)
        .await;
    let mut events = client(&server).events("b", 0);
    assert_eq!(events.next().await.unwrap().unwrap().number, 1);
    let e = events.next().await.unwrap_err();
    assert_eq!(e.kind(), Kind::Upstream);
    assert!(e.message().contains("over 1 MiB") && e.next_step().is_some(), "{e}");
    server.verify().await;
}

/// A line of an agent's log, at a place of its journal.
fn line(place: &str, number: i64) -> String {
    event(number).replace(&format!("id: {number}"), &format!("id: {place}"))
}

/// After a cut it goes on at the place in the journal that it had come to, also if that was the
/// beginning.
#[tokio::test]
async fn the_agents_log_goes_on_exactly_where_it_was_cut() {
    let server = MockServer::start().await;
    Mock::given(query_param("lines", "0"))
        .and(query_param("kind", "agent"))
        .and(query_param("since", "2h"))
        .and(|r: &Request| !r.headers.contains_key("last-event-id"))
        .respond_with(live("id: s=0;i=1\nevent: place\ndata: {}\n\n"))
        .expect(1)
        .mount(&server)
        .await;
    let cut = format!("{}id: s=0;i=3\nevent: story\nda", line("s=0;i=2", 1));
    Mock::given(header("last-event-id", "s=0;i=1"))
        .respond_with(live(&cut))
        .expect(1)
        .mount(&server)
        .await;
    let rest = format!("{}event: end\ndata: {{}}\n\n", line("s=0;i=3", 1));
    Mock::given(header("last-event-id", "s=0;i=2"))
        .respond_with(live(&rest))
        .expect(1)
        .mount(&server)
        .await;
    let mut events = client(&server).agent_events("b", 0, Some("2h"));
    let mut lines = 0;
    while events.next().await.unwrap().is_some() {
        lines += 1;
    }
    assert_eq!(lines, 2);
    server.verify().await;
}

#[tokio::test]
async fn all_pages_are_read() {
    let server = MockServer::start().await;
    let page = |name: &str, next: Option<&str>| {
        ResponseTemplate::new(200).set_body_json(json!({"items": [status(name).bot], "next_cursor": next}))
    };
    Mock::given(path("/api/bots"))
        .and(query_param_is_missing("cursor"))
        .and(query_param("status", "failed"))
        .respond_with(page("a", Some("x/&")))
        .mount(&server)
        .await;
    Mock::given(path("/api/bots"))
        .and(query_param("cursor", "x/&"))
        .and(query_param("status", "failed"))
        .respond_with(page("b", None))
        .mount(&server)
        .await;
    let bots = client(&server).bots(Some(BotStatus::Failed)).await.unwrap();
    assert_eq!(bots.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

/// The newest events are asked for by number, in pages.
#[tokio::test]
async fn the_end_of_a_story_is_read_in_pages() {
    let server = MockServer::start().await;
    Mock::given(path("/api/deploy/b/logs"))
        .respond_with(|request: &Request| {
            let after: i64 = request
                .url
                .query_pairs()
                .find(|(k, _)| k == "after")
                .unwrap()
                .1
                .parse()
                .unwrap();
            let items: Vec<Value> = (after + 1..=(after + 200).min(500))
                .map(|n| json!({"number": n, "at": "2026-01-01T00:00:00Z", "kind": "log", "job": null, "step": null, "text": "t", "duration_ms": null}))
                .collect();
            ResponseTemplate::new(200).set_body_json(json!({"items": items, "next_cursor": null}))
        })
        .mount(&server)
        .await;
    let client = client(&server);
    let story = client.story("b", 500, 250).await.unwrap();
    assert_eq!((story.len(), story[0].number, story[249].number), (250, 251, 500));
    assert!(client.story("b", 500, 0).await.unwrap().is_empty());
    assert_eq!(client.story("b", 3, 100).await.unwrap()[0].number, 1);
}

/// Ids go into paths: whatever is in them stays one segment.
#[tokio::test]
async fn ids_cannot_leave_their_place_in_the_path() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(error(404, "not_found"))
        .mount(&server)
        .await;
    client(&server).destroy_bot("../secrets/a?b#c").await.unwrap_err();
    let sent = &server.received_requests().await.unwrap()[0].url;
    assert_eq!(sent.path(), "/api/bots/..%2Fsecrets%2Fa%3Fb%23c");
    assert_eq!(sent.query(), None);
}

/// Many bots are told of in several requests, and only the last has others forgotten.
#[tokio::test]
async fn many_bots_are_synced_in_pieces() {
    let server = MockServer::start().await;
    let answer = json!({
        "taken": 1, "newer": [], "forgotten": 2,
        "subscription": {"plan": "pro", "status": "active", "period_end": null, "may_deploy": true, "limits": {
            "max_bots": 10, "max_memory_mb": 1, "regions": null, "models": "any", "cloud_tokens": "user", "model_keys": "user"}}
    });
    Mock::given(path("/api/sync"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    let told = SyncRequest {
        origin: "o".into(),
        machine: "m".into(),
        bots: (0..45).map(|n| status(&format!("bot-{n}")).bot).collect(),
        all: None,
    };
    let sum = client(&server).sync(&told).await.unwrap();
    assert_eq!((sum.taken, sum.forgotten), (3, 6));
    let requests = server.received_requests().await.unwrap();
    let sent: Vec<SyncRequest> = requests.iter().map(|r| r.body_json().unwrap()).collect();
    assert_eq!(sent.iter().map(|s| s.bots.len()).collect::<Vec<_>>(), [20, 20, 5]);
    assert!(sent[0].all.is_none() && sent[1].all.is_none());
    assert_eq!(sent[2].all.as_ref().unwrap().len(), 45);
}

#[tokio::test]
async fn asking_again_to_deploy_is_another_intent() {
    let server = MockServer::start().await;
    Mock::given(path("/api/deploy"))
        .respond_with(ResponseTemplate::new(202).set_body_json(status("demo")))
        .mount(&server)
        .await;
    let client = client(&server);
    let request = DeployRequest {
        bot_id: "b".into(),
        ..DeployRequest::default()
    };
    client.deploy(&request).await.unwrap();
    client.deploy(&request).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let keys: Vec<_> = requests.iter().map(|r| r.headers["idempotency-key"].clone()).collect();
    assert_ne!(keys[0], keys[1]);
}
