//! The agent's log at a control server: as many lines as at a terminal, and none lost or told twice
//! when the connection is cut. The journal and the SSH server are real.

use super::live::{keep, keeping, on};
use crate::sandbox::stand_ins::StandIns;
use crate::ssh::server::{PATIENCE, Server, possible};
use crate::support::api::{Api, open};
use crate::support::cli::Home;
use crate::support::engine::Engine;
use crate::support::proxy::Proxy;
use clawdwako::api::client::{Client, Events};
use clawdwako::http::Http;
use clawdwako::model::{Bot, Role};
use clawdwako::openclaw::layout;
use clawdwako::secrets::Secret;
use clawdwako::ssh::Script;
use serde_json::Value;
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::time::timeout;

/// Has the agent write numbered lines.
async fn write(server: &Server, bot: &Bot, lines: RangeInclusive<usize>) {
    const BODY: &str = r#"
        for ((i = FROM; i <= TO; i++)); do
            printf 'MESSAGE=line %s\nOBJECT_SYSTEMD_UNIT=%s\nSYSLOG_IDENTIFIER=agent\n' "$i" "$UNIT" | logger --journald
        done
        journalctl --sync
    "#;
    let unit = format!("clawdwako-{}.service", layout::bot_user(&bot.name, &bot.id));
    let script = Script::new("write", BODY)
        .var("FROM", lines.start().to_string())
        .var("TO", lines.end().to_string())
        .var("UNIT", unit);
    server.session().await.run(&script, &mut |_| {}).await.unwrap();
}

/// The number of a line as it is shown.
fn number(text: &str) -> usize {
    let (_, line) = text.split_once("]: line ").unwrap_or_else(|| panic!("{text:?}"));
    line.parse().unwrap()
}

async fn next(events: &mut Events) -> usize {
    let event = timeout(PATIENCE, events.next()).await.expect("a line in time");
    number(&event.unwrap().expect("the log goes on").text)
}

struct Scene {
    api: Api,
    server: Server,
    bot: Bot,
    token: String,
    deployment: clawdwako::model::Deployment,
    _engine: Engine,
    _google: StandIns,
}

/// A bot with a journal of its own, at a control server.
async fn scene() -> Option<Scene> {
    if !possible() {
        return None;
    }
    let (engine, google) = (Engine::sqlite(), StandIns::start().await);
    let api = Api::start(&engine, &google, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let server = Server::with_journal();
    let (mut bot, deployment) = on(&server);
    bot.user_id = ada.id;
    keep(&api.store, &server, &bot, &deployment).await;
    Some(Scene {
        api,
        server,
        bot,
        token,
        deployment,
        _engine: engine,
        _google: google,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn following_loses_no_line_and_repeats_none_however_often_it_is_cut() {
    let Some(s) = scene().await else { return };
    write(&s.server, &s.bot, 1..=50).await;
    let proxy = Proxy::start(s.api.base.strip_prefix("http://").unwrap()).await;
    let base = format!("http://{}/", proxy.address).parse().unwrap();
    // It comes back for as long as writing takes while nobody is let in.
    let http = Http::new().unwrap().with_pause(Duration::from_millis(50));
    let client = Client::new(http, base, Some(Secret::new(s.token.as_str())));

    let mut events = client.agent_events(&s.bot.id, 20, None);
    // It is there before more is written, so that its twenty lines are known.
    let mut told = vec![next(&mut events).await];
    for round in 0..5 {
        let end = 100 + 50 * round;
        let read = async {
            while told.last() != Some(&end) {
                told.push(next(&mut events).await);
                // In the middle of what is written; what came before the cut may still be read.
                if told.len() % 50 == 35 {
                    proxy.cut();
                }
            }
        };
        tokio::join!(read, write(&s.server, &s.bot, end - 49..=end));
    }
    assert_eq!(told, (31..=300).collect::<Vec<_>>());
    assert!(proxy.connections() >= 5, "it was cut: {}", proxy.connections());

    // Cut off before the first line, and it comes while nobody is connected.
    let mut events = client.agent_events(&s.bot.id, 0, None);
    let place = proxy.heard("event: place");
    let while_away = async {
        timeout(PATIENCE, place).await.expect("where the journal is");
        proxy.close();
        write(&s.server, &s.bot, 301..=302).await;
        proxy.open();
    };
    let (first, ()) = tokio::join!(next(&mut events), while_away);
    assert_eq!((first, next(&mut events).await), (301, 302));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_lines_are_as_many_as_at_a_terminal() {
    let Some(s) = scene().await else { return };
    write(&s.server, &s.bot, 1..=260).await;
    let path = |query: &str| format!("/api/deploy/{}/logs?kind=agent&{query}", s.bot.id);
    let told = s.api.get(&s.token, &path("lines=250")).await;
    let lines: Vec<usize> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| number(e["text"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, (11..=260).collect::<Vec<_>>());
    let none = s.api.get(&s.token, &path("lines=0")).await;
    assert_eq!(none["items"], Value::Array(Vec::new()));
    for wrong in ["lines=5001", "lines=-1", "since=tomorrow"] {
        let told = s.api.with(&s.token, "GET", &path(wrong), Value::Null).await;
        told.refused(422, "usage");
    }
    let bearer = format!("Bearer {}", s.token);
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "text/event-stream"),
        ("last-event-id", "--flush"),
    ];
    let told = s.api.call("GET", &path("lines=1"), &headers, &Value::Null).await;
    told.refused(422, "usage");

    let here = keeping(&s.server, &s.bot, &s.deployment).await;
    let there = Home::new()
        .env("CLAWDWAKO_SERVER_URL", &s.api.base)
        .env("CLAWDWAKO_SERVER_TOKEN", &s.token);
    let run = |home: &Home, args: &[&str]| tokio::task::block_in_place(|| home.run(args));
    for args in [
        vec!["logs", "demo", "--lines", "230"],
        vec!["logs", "demo", "--lines", "3", "--since", "1h", "--json"],
    ] {
        let local = run(&here, &args).ok().out;
        let mut remote = args.clone();
        remote.push("--remote");
        assert_eq!(local, run(&there, &remote).ok().out, "{args:?}");
        assert!(local.contains("]: line 260"), "{local}");
    }
    let ran = run(&there, &["logs", "demo", "--lines", "5001", "--remote"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--lines 5000"), "{ran:?}");
}
