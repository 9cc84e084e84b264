//! What callers do wrong, and what goes wrong with their credentials, is no error of the log: so
//! nobody can fill the operator's reports. And metrics stay few, whatever is asked for.

use super::rules;
use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, at_google, open};
use crate::support::cli::Home;
use crate::support::engine::{Engine, on_both_engines};
use crate::support::replica::Replica;
use clawdwako::deploy::{CloudTokens, Platform};
use clawdwako::jobs::{self, Crew};
use clawdwako::model::{BotStatus, DeploymentStatus, JobStatus, Role};
use clawdwako::secrets::Secret;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

on_both_engines!(what_callers_do_wrong_is_no_error_of_the_log);

/// The lines of the log, each with its level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(Level, String)>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push((*event.metadata().level(), line.0));
    }
}

impl Log {
    /// Takes the lines that are as loud as this, or louder.
    fn take(&self, level: Level) -> Vec<String> {
        let mut lines = self.0.lock().unwrap();
        let loud = lines.iter().filter(|(l, _)| *l <= level);
        let loud = loud.map(|(_, line)| line.clone()).collect();
        lines.clear();
        loud
    }
}

async fn what_callers_do_wrong_is_no_error_of_the_log(engine: Engine) {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let stopped = (BotStatus::Stopped, DeploymentStatus::Stopped);
    let (bot, _) = rules::bot(&api, &world, &ada, "there", stopped).await;
    let made_up = format!("987654321:{}", "A".repeat(35));
    let wanted = |token: &str| json!({"name": "demo", "token": token, "model": "claude-opus", "audience": 42});
    let with_key = |token: &str| {
        let mut wanted = wanted(token);
        wanted["model_key"] = json!("sk-wrong");
        wanted
    };
    let real = world.bot().await.0;
    for (status, method, path, body) in [
        (404, "GET", "/api/nothing", Value::Null),
        (404, "GET", "/api/bots/%00", Value::Null),
        (405, "BREW", "/api/bots", Value::Null),
        (413, "PUT", "/api/secrets/openai", json!({"value": "x".repeat(70_000)})),
        (422, "POST", "/api/bots/create", json!({"name": 7})),
        (422, "GET", "/api/bots?limit=-1", Value::Null),
        (403, "PUT", "/api/admin/users/x", json!({"disabled": true})),
        (403, "POST", "/api/bots/create", with_key(&made_up)),
        (403, "POST", "/api/telegram/verify-token", json!({"token": made_up})),
        // Without a key for its model, and with more bots than the plan allows.
        (409, "POST", "/api/bots/create", wanted(&real)),
        (403, "POST", "/api/bots/create", with_key(&real)),
        (409, "POST", &format!("/api/deploy/{bot}/restart"), json!({})),
    ] {
        let told = api.with(&token, method, path, body).await;
        assert_eq!(told.status, status, "{method} {path}: {told:?}");
    }
    for (headers, body, status) in [
        (&[][..], "{}", 401),
        (&[("authorization", "Bearer made-up")], "{}", 401),
        (
            &[("authorization", "Bearer made-up"), ("origin", "https://evil.example")],
            "{}",
            403,
        ),
    ] {
        let mut request = api.http.post(api.url("/api/bots/create")).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.unwrap().status().as_u16(), status);
    }
    let bearer = format!("Bearer {token}");
    let request = api
        .http
        .post(api.url("/api/auth/tokens"))
        .header("authorization", &bearer);
    let broken = request.header("content-type", "application/json").body("{");
    assert_eq!(broken.send().await.unwrap().status().as_u16(), 400);
    assert_eq!(log.take(Level::WARN), [""; 0], "of requests");

    fails_with_a_bad_key(&api, &world, &log).await;

    // The same ear hears what is the server's own fault.
    let mut tx = api.store.begin().await.unwrap();
    tx.execute("ALTER TABLE allowances RENAME TO lost", &[]).await.unwrap();
    tx.commit().await.unwrap();
    let (_, fresh) = api.user("bob@example.org", Role::Member).await;
    assert_eq!(api.with(&fresh, "GET", "/api/bots", Value::Null).await.status, 500);
    assert_eq!(log.take(Level::ERROR).len(), 1);
}

/// A deployment that fails for good because its user's key is wrong.
async fn fails_with_a_bad_key(api: &Api, world: &StandIns, log: &Log) {
    let (_, token) = api.user("eve@example.org", Role::Member).await;
    let cloud = json!({"value": world.world.credentials.hetzner});
    api.with(&token, "PUT", "/api/secrets/hetzner", cloud).await.ok();
    let wanted = json!({
        "name": "demo", "token": world.bot().await.0, "model": "claude-opus", "model_key": "sk-wrong", "audience": 42,
    });
    let bot = api.with(&token, "POST", "/api/bots/create", wanted).await.ok();
    let asked = json!({"bot_id": bot["id"], "provider": "hetzner"});
    api.with(&token, "POST", "/api/deploy", asked).await.ok();
    let (endpoints, _) = at_google(world);
    let (store, hetzner) = (api.store.clone(), Secret::new(world.world.credentials.hetzner.as_str()));
    let work = jobs::pipeline(&api.store, move |_, _| {
        let platform = Platform {
            store: store.clone(),
            http: crate::clients::http(),
            endpoints: endpoints.clone(),
            tokens: CloudTokens {
                hetzner: Some(hetzner.clone()),
                digitalocean: None,
            },
        };
        async move { Ok(platform) }
    });
    let (stop, stopped) = watch::channel(false);
    let crew = Crew::new(api.store.clone(), jobs::Settings::default(), work).work(stopped);
    let ended = async {
        let deployment = api.store.deployment_of(bot["id"].as_str().unwrap()).await.unwrap();
        let begun = Instant::now();
        loop {
            let jobs = api.store.jobs(&deployment.id).await.unwrap();
            if jobs.iter().any(|j| j.status == JobStatus::Failed) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{jobs:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.send(true).unwrap();
    };
    tokio::join!(crew, ended);
    let lines = log.take(Level::INFO);
    let failed: Vec<_> = lines.iter().filter(|l| l.contains("a job failed for good")).collect();
    assert!(
        failed.len() == 1 && failed[0].contains("code=\"refused\""),
        "{lines:#?}"
    );
}

/// The metrics that a server tells, each as its name with its labels.
async fn series(http: &reqwest::Client, server: &Replica) -> BTreeSet<String> {
    let told = http
        .get(format!("http://{}/metrics", server.metrics))
        .send()
        .await
        .unwrap();
    let text = told.text().await.unwrap();
    let lines = text.lines().filter(|l| l.starts_with("clawdwako_"));
    lines.map(|l| l.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_no_more_whatever_is_asked_for() {
    let home = Home::new();
    let config = home.write("server.toml", "[server]\n");
    let server = tokio::task::block_in_place(|| Replica::start(home.command(&[]), &config, &["--no-workers"]));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |method: String, path: String| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("http://{}{path}", server.api);
        http.request(method, url).send().await.unwrap();
    };
    let round = async |n: usize| {
        ask("GET".into(), format!("/wp-{n}.php")).await;
        ask(format!("BREW{n}"), "/api/bots".into()).await;
        ask("GET".into(), format!("/api/bots/{n:032x}")).await;
        ask("GET".into(), format!("/api/deploy/{n:032x}/status?x={n}")).await;
        ask("POST".into(), format!("/api/{n}/{n}")).await;
    };
    round(0).await;
    let before = series(&http, &server).await;
    for n in 1..100 {
        round(n).await;
    }
    assert_eq!(series(&http, &server).await, before);
    assert!(before.iter().any(|s| s.contains("path=\"none\"")), "{before:#?}");
}
