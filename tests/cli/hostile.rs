//! Texts that others wrote (a cloud, Telegram, a server's log) are shown whole and can do nothing:
//! whatever Unicode is in them, in tables, details, stories and JSON.

use crate::support::bots::a_bot;
use crate::support::cli::Home;
use clawdwako::model::{Bot, BotStatus, Deployment, Event, EventKind, now};
use serde_json::Value;

/// Moves the cursor, sets the title, turns the text round, hides a part of it, ends the line.
const HOSTILE: [&str; 6] = [
    "\x1b[2J\x1b]0;owned\x07red\x1b[31m",
    "\u{9b}2J\u{90}q\u{9c}",
    "txt.\u{202e}exe\u{202c}\u{2066}x\u{2069}\u{61c}",
    "a\u{200b}\u{200d}\u{feff}\u{ad}b\u{e0041}",
    "one\r\ntwo\u{2028}three\u{85}\tfour",
    "\x08\x7f\x0b\x0c",
];
/// As strange, and meant to be read.
const FOREIGN: &str = "שלום مرحبا 你好 e\u{301} 👩 ไทย";

/// What a terminal may get: what is seen, line ends, and colours of our own.
fn demand_tame(what: &str, shown: &str) {
    let uncoloured: String = shown
        .split("\x1b[")
        .enumerate()
        .map(|(n, part)| match part.split_once('m') {
            Some((numbers, rest)) if n > 0 && numbers.bytes().all(|b| b.is_ascii_digit() || b == b';') => rest,
            _ if n == 0 => part,
            _ => panic!("{what}: {part:?} in {shown:?}"),
        })
        .collect();
    let wild = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(*c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(*c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let found: Vec<char> = uncoloured.chars().filter(wild).collect();
    assert!(found.is_empty(), "{what}: {found:?} in {shown:?}");
}

/// A bot all of whose texts are this.
fn named(text: &str, id: i64) -> (Bot, Deployment) {
    let (mut bot, mut deployment) = a_bot(&format!("bot-{id}"), id);
    let text = || text.to_owned();
    (bot.username, bot.model) = (Some(text()), text());
    (bot.status, bot.failure) = (BotStatus::Failed, Some(text()));
    let f = &mut deployment.facts;
    (f.ipv4, f.region, f.size, f.currency) = (Some(text()), Some(text()), Some(text()), Some(text()));
    f.agent.version = Some(text());
    (bot, deployment)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_wrote_is_shown_and_does_nothing() {
    let home = Home::new();
    let store = home.store().await;
    let texts: Vec<&str> = HOSTILE.into_iter().chain([FOREIGN]).collect();
    let mut tx = store.begin().await.unwrap();
    for (id, text) in (0..).zip(&texts) {
        let (bot, deployment) = named(text, id);
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        let event = Event {
            at: now(),
            kind: EventKind::Log,
            job: None,
            step: Some((*text).to_owned()),
            text: (*text).to_owned(),
            duration_ms: None,
        };
        tx.insert_event(&deployment.id, &event).await.unwrap();
    }
    tx.commit().await.unwrap();
    drop(store);

    let shown = |args: &[&str]| {
        let ran = home.run(args).ok();
        demand_tame(&format!("{args:?}"), &ran.out);
        demand_tame(&format!("{args:?}"), &ran.err);
        ran.out
    };
    for (id, text) in texts.iter().enumerate() {
        let bot = format!("bot-{id}");
        for args in [&["list"][..], &["status", &bot, "--quick"], &["logs", &bot, "--deploy"]] {
            let table = shown(args);
            shown(&[args, &["--color", "always"]].concat());
            let told: Value = serde_json::from_str(&shown(&[args, &["--json"]].concat())).unwrap();
            // Foreign writing is left as it is, and JSON means the very same text.
            if *text == FOREIGN {
                assert!(table.contains(FOREIGN), "{args:?}: {table}");
            }
            assert!(has(&told, text), "{args:?}: {text:?} in {told}");
        }
    }
}

/// Whether a document holds a text as a value.
fn has(document: &Value, text: &str) -> bool {
    match document {
        Value::String(own) => own == text,
        Value::Array(all) => all.iter().any(|v| has(v, text)),
        Value::Object(all) => all.values().any(|v| has(v, text)),
        _ => false,
    }
}
