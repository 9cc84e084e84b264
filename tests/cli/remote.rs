//! The command line with a control server: the same output, fed by its API.

use crate::support::bots::a_bot;
use crate::support::cli::Home;
use clawdwako::api::types::{BotView, EventView, FailureView, JobView, Moment, StatusView};
use clawdwako::model::{Bot, BotStatus, Deployment, DeploymentStatus, Event, EventKind, JobKind, JobStatus};
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, path_regex, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const TOKEN: &str = "cwk_hunter2-0123456789";

/// A home that is signed in by its environment.
fn member(server: &MockServer) -> Home {
    Home::new()
        .env("CLAWDWAKO_SERVER_URL", &server.uri())
        .env("CLAWDWAKO_SERVER_TOKEN", TOKEN)
}

async fn run(home: &Home, args: &[&str]) -> crate::support::cli::Ran {
    // The binary blocks this thread; the server has others.
    tokio::task::block_in_place(|| home.run(args))
}

fn answer(body: impl serde::Serialize) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn status(bot: &Bot, deployment: &Deployment) -> StatusView {
    StatusView {
        bot: BotView::of(bot, deployment),
        jobs: Vec::new(),
        steps: Vec::new(),
        failure: None,
        health: None,
        last_event: 0,
    }
}

fn event(number: i64, kind: EventKind, step: &str, text: &str) -> EventView {
    let event = Event {
        at: 1_764_000_000_000 + number,
        kind,
        job: Some("provision_server".into()),
        step: Some(step.into()),
        text: text.into(),
        duration_ms: (kind == EventKind::StepDone).then_some(1_200),
    };
    EventView::of(number, event)
}

fn story() -> Vec<EventView> {
    vec![
        event(1, EventKind::StepStarted, "create_server", "Rent a server"),
        event(2, EventKind::Progress, "create_server", "waiting"),
        event(3, EventKind::StepDone, "create_server", "Rent a server"),
    ]
}

fn live(events: &[EventView]) -> ResponseTemplate {
    let mut text = String::new();
    for e in events {
        let data = serde_json::to_string(e).unwrap();
        text.push_str(&format!("id: {}\nevent: story\ndata: {data}\n\n", e.number));
    }
    text.push_str("event: end\ndata: {}\n\n");
    ResponseTemplate::new(200).set_body_raw(text.into_bytes(), "text/event-stream")
}

/// The same records, once in the store of this machine and once at a server, look the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_is_the_same_for_both() {
    let here = Home::new();
    let (mut bot, deployment) = a_bot("demo", 7);
    // Its age is five hours at either look.
    bot.created_at -= 330 * 60_000;
    let (gone, buried) = {
        let (mut bot, mut deployment) = a_bot("old", 8);
        bot.status = BotStatus::Destroyed;
        deployment.status = DeploymentStatus::Destroyed;
        (bot, deployment)
    };
    let store = here.store().await;
    let mut tx = store.begin().await.unwrap();
    for (bot, deployment) in [(&bot, &deployment), (&gone, &buried)] {
        tx.insert_bot(bot).await.unwrap();
        tx.insert_deployment(deployment).await.unwrap();
    }
    for e in story() {
        tx.insert_event(&deployment.id, &e.into()).await.unwrap();
    }
    tx.commit().await.unwrap();
    drop(store);

    let server = MockServer::start().await;
    let page = |items: Vec<BotView>| answer(json!({"items": items, "next_cursor": null}));
    Mock::given(path("/api/bots"))
        .and(query_param("status", "destroyed"))
        .respond_with(page(vec![BotView::of(&gone, &buried)]))
        .mount(&server)
        .await;
    Mock::given(path("/api/bots"))
        .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
        .respond_with(page(vec![BotView::of(&bot, &deployment)]))
        .mount(&server)
        .await;
    let told = StatusView {
        last_event: 3,
        ..status(&bot, &deployment)
    };
    Mock::given(path(format!("/api/deploy/{}/status", bot.id)))
        .respond_with(answer(told))
        .mount(&server)
        .await;
    Mock::given(path(format!("/api/deploy/{}/logs", bot.id)))
        .and(header("accept", "text/event-stream"))
        .respond_with(live(&[]))
        .mount(&server)
        .await;
    Mock::given(path(format!("/api/deploy/{}/logs", bot.id)))
        .respond_with(answer(json!({"items": story(), "next_cursor": null})))
        .mount(&server)
        .await;
    let there = member(&server);
    for args in [
        vec!["list"],
        vec!["list", "--json"],
        vec!["list", "--all", "--json"],
        vec!["status", "demo", "--quick"],
        vec!["status", "demo", "--quick", "--json"],
        vec!["status", "--watch", "--json"],
        vec!["logs", "demo", "--deploy"],
        vec!["logs", "demo", "--deploy", "--json"],
        vec!["logs", "demo", "--deploy", "-f"],
    ] {
        let local = run(&here, &args).await.ok();
        let mut args = args.clone();
        args.push("--remote");
        let remote = run(&there, &args).await.ok();
        assert_eq!(local.out, remote.out, "{args:?}");
        assert!(!local.out.is_empty() && remote.err.is_empty(), "{args:?}: {remote:?}");
    }
    // A profile that says so needs no flag.
    there.write("clawdwako/config.toml", "remote = true\n");
    let by_profile = run(&there, &["list"]).await.ok();
    assert!(by_profile.out.contains("demo"), "{by_profile:?}");
    assert!(!there.path().join("clawdwako/state/profiles/default/store.db").exists());
}

/// A server that deploys "demo": before, then its story, then after.
async fn deploying(server: &MockServer, ended: BotStatus) -> Bot {
    let (mut bot, mut deployment) = a_bot("demo", 7);
    let after = {
        let (mut bot, mut deployment) = (bot.clone(), deployment.clone());
        bot.status = ended;
        let failed = ended == BotStatus::Failed;
        if failed {
            deployment.status = DeploymentStatus::Failed;
        }
        let mut view = status(&bot, &deployment);
        view.last_event = 3;
        view.jobs.push(JobView {
            id: "j".into(),
            kind: JobKind::ProvisionServer,
            status: if failed { JobStatus::Failed } else { JobStatus::Done },
            attempts: 3,
            max_attempts: 3,
            failure: failed.then(|| "no server to rent".to_owned()),
        });
        view.steps.push(serde_json::from_value(json!({"name": "create_server", "status": "done", "started_at": "2026-01-01T00:00:00Z", "duration_ms": 1200})).unwrap());
        view
    };
    bot.status = BotStatus::Pending;
    deployment.status = DeploymentStatus::Pending;
    let before = status(&bot, &deployment);
    Mock::given(method("GET"))
        .and(path("/api/bots"))
        .respond_with(answer(json!({"items": [], "next_cursor": null})))
        .mount(server)
        .await;
    Mock::given(method("POST"))
        .and(path("/api/bots/create"))
        .respond_with(ResponseTemplate::new(201).set_body_json(&before.bot))
        .expect(1)
        .mount(server)
        .await;
    Mock::given(path(format!("/api/deploy/{}/status", bot.id)))
        .respond_with(answer(&before))
        .up_to_n_times(1)
        .mount(server)
        .await;
    Mock::given(path(format!("/api/deploy/{}/status", bot.id)))
        .respond_with(answer(after))
        .mount(server)
        .await;
    Mock::given(method("POST"))
        .and(path("/api/deploy"))
        .respond_with(ResponseTemplate::new(202).set_body_json(&before))
        .expect(1)
        .mount(server)
        .await;
    Mock::given(path(format!("/api/deploy/{}/logs", bot.id)))
        .respond_with(live(&story()))
        .mount(server)
        .await;
    bot
}

const DEPLOY: [&str; 9] = [
    "deploy",
    "demo",
    "--remote",
    "--model",
    "claude-opus",
    "--owner",
    "42",
    "--region",
    "fsn1",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_at_a_server_prints_the_same_json_lines() {
    let server = MockServer::start().await;
    let bot = deploying(&server, BotStatus::Active).await;
    let token = format!("123456789:{}", "A".repeat(35));
    let home = member(&server).env("CLAWDWAKO_TELEGRAM_TOKEN", &token);
    let mut args = DEPLOY.to_vec();
    args.push("--json");
    let ran = run(&home, &args).await.ok();
    let lines: Vec<Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{ran:?}");
    assert_eq!(lines[0]["kind"], "step_started");
    assert_eq!(lines[2]["duration_ms"], 1_200);
    assert_eq!(
        lines[2]["at"], 1_764_000_000_003_i64,
        "milliseconds, as the local lines have"
    );
    let outcome = &lines[3];
    assert_eq!(outcome["bot"]["status"], "active");
    assert_eq!(
        (&outcome["total_ms"], &outcome["link"]),
        (&json!(1_200), &json!("https://t.me/demo_bot"))
    );
    assert_eq!(outcome["steps"][0]["name"], "create_server");
    let requests = server.received_requests().await.unwrap();
    let body = |p: &str| -> Value {
        let found = requests
            .iter()
            .find(|r| r.method.as_str() == "POST" && r.url.path() == p);
        found.unwrap().body_json().unwrap()
    };
    let created = body("/api/bots/create");
    assert_eq!(
        (&created["token"], &created["audience"], &created["model_key"]),
        (&json!(token), &json!(42), &Value::Null)
    );
    assert_eq!(
        body("/api/deploy"),
        json!({"bot_id": bot.id, "provider": null, "region": "fsn1", "size": null, "image": null, "agent_version": null})
    );
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_fails_at_a_server_tells_why() {
    let server = MockServer::start().await;
    deploying(&server, BotStatus::Failed).await;
    let home = member(&server).env("CLAWDWAKO_TELEGRAM_TOKEN", &format!("123456789:{}", "A".repeat(35)));
    let ran = run(&home, &DEPLOY).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.err.contains("✓ Rent a server") && ran.err.contains("no server to rent"),
        "{ran:?}"
    );
    assert!(ran.err.contains("clawdwako resume demo"), "{ran:?}");
}

/// A bot at a server, and what its status tells before and after a request.
async fn changing(server: &MockServer, after: FailureView, before: Option<FailureView>) {
    let (bot, deployment) = a_bot("demo", 7);
    let told = |failure: Option<FailureView>| {
        let mut view = status(&bot, &deployment);
        view.failure = failure;
        answer(view)
    };
    Mock::given(method("GET"))
        .and(path("/api/bots"))
        .respond_with(answer(
            json!({"items": [BotView::of(&bot, &deployment)], "next_cursor": null}),
        ))
        .mount(server)
        .await;
    let at = format!("/api/deploy/{}/status", bot.id);
    Mock::given(path(&at))
        .respond_with(told(before))
        .up_to_n_times(1)
        .mount(server)
        .await;
    Mock::given(path(&at))
        .respond_with(told(Some(after)))
        .mount(server)
        .await;
    Mock::given(method("PUT"))
        .and(path(format!("/api/bots/{}", bot.id)))
        .respond_with(answer(BotView::of(&bot, &deployment)))
        .mount(server)
        .await;
    Mock::given(method("POST"))
        .and(path(format!("/api/deploy/{}/restart", bot.id)))
        .respond_with(ResponseTemplate::new(202).set_body_json(status(&bot, &deployment)))
        .mount(server)
        .await;
    Mock::given(path(format!("/api/deploy/{}/logs", bot.id)))
        .respond_with(live(&[]))
        .mount(server)
        .await;
}

fn failure(at: i64, code: &str, taken_back: bool) -> FailureView {
    FailureView {
        at: Moment(at),
        code: code.into(),
        message: "the key was refused".into(),
        hint: Some("set another key".into()),
        taken_back,
    }
}

/// What fails there ends with the code and the hint that it would have here.
#[tokio::test(flavor = "multi_thread")]
async fn work_that_fails_at_a_server_ends_as_it_would_here() {
    for (code, exit) in [("refused", 4), ("quota", 4), ("needs_user", 5), ("agent", 1)] {
        let server = MockServer::start().await;
        changing(&server, failure(2, code, false), Some(failure(1, code, false))).await;
        let home = member(&server);
        let ran = run(&home, &["restart", "demo", "--remote"]).await;
        assert_eq!(ran.code, exit, "{ran:?}");
        assert!(
            ran.err.contains("the key was refused") && ran.err.contains("next: set another key"),
            "{ran:?}"
        );
        let server = MockServer::start().await;
        changing(&server, failure(2, code, false), None).await;
        let ran = run(&member(&server), &["restart", "demo", "--remote", "--json"]).await;
        let told = ran.out.lines().last().unwrap();
        let told: Value = serde_json::from_str(told).unwrap();
        assert_eq!((ran.code, &told["error"]["code"]), (exit, &json!(code)), "{ran:?}");
        assert_eq!(told["error"]["hint"], "set another key");
    }
    // What went wrong earlier is no news.
    let server = MockServer::start().await;
    changing(&server, failure(1, "refused", true), Some(failure(1, "refused", true))).await;
    run(&member(&server), &["restart", "demo", "--remote"]).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_server_took_back_says_why() {
    let server = MockServer::start().await;
    changing(&server, failure(2, "refused", true), None).await;
    let ran = run(&member(&server), &["set", "demo", "owner=7", "--remote"]).await;
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.err.contains("taken back") && ran.err.contains("because: the key was refused"),
        "{ran:?}"
    );
    assert!(
        ran.err.contains("next: put that right, then change the bot again"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_refusals_have_the_exit_codes_of_our_own() {
    for (status, code, exit) in [(401, "needs_user", 5), (404, "not_found", 3), (403, "quota", 4)] {
        let server = MockServer::start().await;
        let told = json!({"error": {"code": code, "message": "because", "hint": "do this", "request_id": "r"}});
        Mock::given(path_regex("^/api/"))
            .respond_with(ResponseTemplate::new(status).set_body_json(told))
            .mount(&server)
            .await;
        let home = member(&server);
        let ran = run(&home, &["list", "--remote"]).await;
        assert_eq!(ran.code, exit, "{ran:?}");
        assert!(
            ran.err.contains("because") && ran.err.contains("next: do this"),
            "{ran:?}"
        );
        let ran = run(&home, &["status", "demo", "--remote", "--json"]).await;
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (exit, &json!(code)));
        assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN));
    }
}

#[test]
fn what_needs_this_machine_says_so() {
    let home = Home::new();
    for args in [
        vec!["ssh", "demo"],
        vec!["open", "demo"],
        vec!["servers"],
        vec!["servers", "prune"],
        vec!["regions"],
        vec!["sizes"],
        vec!["deploy", "demo", "--dry-run"],
        vec!["deploy", "demo", "--host", "root@198.18.0.1"],
    ] {
        let mut args = args.clone();
        args.extend(["--remote", "--json"]);
        let ran = home.run(&args);
        assert_eq!(
            (ran.code, &ran.json()["error"]["code"]),
            (1, &json!("unsupported")),
            "{args:?}"
        );
    }
}

#[test]
fn without_an_address_or_a_token_it_says_what_to_do() {
    let none = Home::new().run(&["list", "--remote"]);
    assert_eq!(none.code, 5, "{none:?}");
    assert!(none.err.contains("clawdwako login --server URL"), "{none:?}");
    let home = Home::new().env("CLAWDWAKO_SERVER_URL", "https://bots.example");
    let ran = home.run(&["list", "--remote"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(
        ran.err.contains("clawdwako login --server https://bots.example/"),
        "{ran:?}"
    );
    for plain in ["http://bots.example", "http://10.0.0.1:8080", "bots.example"] {
        let home = Home::new().env("CLAWDWAKO_SERVER_URL", plain);
        assert_eq!(home.run(&["list", "--remote"]).code, 2, "{plain}");
        assert_eq!(Home::new().run(&["login", "--server", plain]).code, 2, "{plain}");
    }
}

/// A token that `login` kept goes to the server that made it, whatever address is set later.
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_token_goes_to_no_other_server() {
    let (own, other) = (MockServer::start().await, MockServer::start().await);
    let list = answer(json!({"items": [], "next_cursor": null}));
    Mock::given(path("/api/bots")).respond_with(list).mount(&own).await;
    let home = Home::new();
    tokio::task::block_in_place(|| {
        home.run_with(&["secrets", "set", "server-token", "--stdin"], TOKEN)
            .ok()
    });
    home.write(
        "clawdwako/state/profiles/default/account.json",
        &json!({"origin": "o", "server": format!("{}/", own.uri())}).to_string(),
    );
    run(&home, &["list", "--remote"]).await.ok();
    let requests = own.received_requests().await.unwrap();
    assert_eq!(requests[0].headers["authorization"], format!("Bearer {TOKEN}").as_str());
    let home = home.env("CLAWDWAKO_SERVER_URL", &other.uri());
    let ran = run(&home, &["list", "--remote"]).await;
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(other.received_requests().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_token_at_the_server() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/auth/logout"))
        .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let home = Home::new();
    tokio::task::block_in_place(|| {
        home.run_with(&["secrets", "set", "server-token", "--stdin"], TOKEN)
            .ok()
    });
    home.write(
        "clawdwako/state/profiles/default/account.json",
        &json!({"origin": "o", "server": format!("{}/", server.uri())}).to_string(),
    );
    assert_eq!(run(&home, &["logout"]).await.ok().out, "Signed out.\n");
    server.verify().await;
    assert_eq!(run(&home, &["list", "--remote"]).await.code, 5);
    assert_eq!(run(&home, &["logout"]).await.ok().out, "Nobody was signed in.\n");
    // The profile is still the same one to the account.
    let kept = std::fs::read_to_string(home.path().join("clawdwako/state/profiles/default/account.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap()["origin"], "o");
}

/// Doctor looks at the control server too, and shows it no token before it is known.
#[tokio::test(flavor = "multi_thread")]
async fn doctor_looks_at_the_control_server() {
    let closed = "http://127.0.0.1:9/";
    let home = |server: &str| {
        Home::new()
            .env("CLAWDWAKO_SERVER_URL", server)
            .env("CLAWDWAKO_SERVER_TOKEN", TOKEN)
            // No test needs a network.
            .env("CLAWDWAKO_TELEGRAM_URL", closed)
            .env("CLAWDWAKO_NODE_MIRROR", closed)
            .env("CLAWDWAKO_GOOGLE_TOKEN_URL", closed)
            .env("CLAWDWAKO_HETZNER_URL", closed)
    };
    let about = async |home: &Home| -> Vec<(String, String, String)> {
        let told = run(home, &["doctor", "--json"]).await.json();
        let text = |f: &Value, name: &str| f[name].as_str().unwrap_or_default().to_owned();
        told["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["area"] == "server")
            .map(|f| (text(f, "level"), text(f, "text"), text(f, "next_step")))
            .collect()
    };
    let server = MockServer::start().await;
    let mock = async |session: ResponseTemplate, version: &str| {
        server.reset().await;
        Mock::given(path("/api/openapi.json"))
            .respond_with(answer(json!({"info": {"version": version}})))
            .mount(&server)
            .await;
        Mock::given(path("/api/auth/session"))
            .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
            .respond_with(session)
            .mount(&server)
            .await;
    };
    let session = json!({
        "user": {"id": "u", "email": "ada@example.org", "name": null, "role": "member", "disabled": false, "created_at": "2026-01-01T00:00:00Z"},
        "scope": "deploy", "token_id": "t"
    });
    mock(answer(session), env!("CARGO_PKG_VERSION")).await;
    let found = about(&home(&server.uri())).await;
    assert!(found.iter().all(|f| f.0 == "ok"), "{found:?}");
    for told in ["this version", "the clock is right", "knows you as ada@example.org"] {
        assert!(found.iter().any(|f| f.1.contains(told)), "{told}: {found:?}");
    }
    let requests = server.received_requests().await.unwrap();
    assert!(!requests[0].headers.contains_key("authorization"), "{requests:?}");

    let refused = json!({"error": {"code": "needs_user", "message": "the credential is not good", "hint": "sign in", "request_id": "r"}});
    mock(ResponseTemplate::new(401).set_body_json(refused), "99.0.0").await;
    let found = about(&home(&server.uri())).await;
    let levels: Vec<&str> = found.iter().map(|f| f.0.as_str()).collect();
    assert_eq!(levels, ["warn", "ok", "bad"], "{found:?}");
    assert!(found[0].1.contains("99.0.0") && found[2].2 == "sign in", "{found:?}");

    let found = about(&home(closed)).await;
    assert_eq!((found.len(), found[0].0.as_str()), (1, "bad"), "{found:?}");
    let none = Home::new()
        .env("CLAWDWAKO_TELEGRAM_URL", closed)
        .env("CLAWDWAKO_NODE_MIRROR", closed)
        .env("CLAWDWAKO_GOOGLE_TOKEN_URL", closed)
        .env("CLAWDWAKO_HETZNER_URL", closed);
    assert!(about(&none).await.is_empty());
}
