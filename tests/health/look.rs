//! How a bot is looked at, over SSH: the server and its agent are played, what is asked is real.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::at_google;
use crate::support::engine::{Engine, on_both_engines, on_sqlite};
use crate::support::fleet::Standing;
use clawdwako::deploy::Platform;
use clawdwako::error::Kind;
use clawdwako::health::{Ask, Found, Look, by_ssh, check};
use clawdwako::model::{BotStatus, now};
use clawdwako::openclaw::health::{Verdict, judge};
use clawdwako::sandbox::fault::{self, Rule};
use clawdwako::store::By;
use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

on_both_engines!(each_secret_of_a_look_is_told_once_a_day);
on_sqlite! {
    an_agent_that_works_is_seen_and_restarted_over_ssh,
    the_server_is_looked_at_only_with_the_key_that_is_pinned,
    an_agent_that_does_not_run_is_restarted_over_ssh,
    an_agent_that_has_given_up_on_telegram_is_not_waited_for,
}

async fn scene(engine: &Engine) -> (Platform, StandIns) {
    let stand_ins = StandIns::start().await;
    let platform = Platform {
        endpoints: at_google(&stand_ins).0,
        ..engine.platform().await
    };
    (platform, stand_ins)
}

fn scheduled(platform: &Platform) -> Look {
    by_ssh(Platform {
        store: platform.store.acting(By::Schedule),
        ..platform.clone()
    })
}

async fn an_agent_that_works_is_seen_and_restarted_over_ssh(engine: Engine) {
    let (platform, stand_ins) = scene(&engine).await;
    let standing = Standing::new(&platform, &stand_ins, "ada", |_| None).await;
    let look = scheduled(&platform);
    // The process that runs afterwards: it is another after a restart, and only then.
    for (ask, pid) in [
        (Ask::Look, 101),
        (Ask::Look, 101),
        (Ask::Restart, 102),
        (Ask::Look, 102),
    ] {
        let seen = look(standing.bot.clone(), standing.deployment.clone(), ask)
            .await
            .unwrap();
        assert_eq!(judge(&seen.report), Verdict::Well, "{:?}", seen.report);
        assert_eq!(seen.report.unit.pid, Some(pid), "{ask:?}");
        let reading = seen.reading.expect("what the server tells of itself");
        assert_eq!((reading.memory_bytes, reading.tokens), (Some(900 << 20), Some(53)));
    }
}

/// What the watch does with it: the agent runs again, and its bot is well.
async fn an_agent_that_does_not_run_is_restarted_over_ssh(engine: Engine) {
    let (platform, stand_ins) = scene(&engine).await;
    let scripts = Arc::new(AtomicUsize::new(0));
    let started = scripts.clone();
    let standing = Standing::new(&platform, &stand_ins, "ada", move |script| {
        started.fetch_add(usize::from(script == "start"), Ordering::SeqCst);
        None
    })
    .await;
    standing.server.crash();
    let look = scheduled(&platform);
    let checked = async || check(&platform.store, &look, &standing.bot, i64::MAX, ready(true)).await;
    assert_eq!(checked().await.unwrap(), Found::Restarted);
    assert_eq!(standing.server.running().len(), 1);
    assert_eq!(checked().await.unwrap(), Found::Well);
    assert_eq!(scripts.load(Ordering::SeqCst), 1);
    let bot = platform.store.bot_by_id(&standing.bot.id).await.unwrap();
    assert_eq!(bot.status, BotStatus::Active);
}

/// A refused token is seen at once: neither a look nor a restart makes another of it.
async fn an_agent_that_has_given_up_on_telegram_is_not_waited_for(engine: Engine) {
    let (platform, stand_ins) = scene(&engine).await;
    let standing = Standing::new(&platform, &stand_ins, "ada", |_| None).await;
    stand_ins.world.faults.add(Rule {
        path: "/telegram/*".into(),
        method: None,
        times: 1000,
        kind: fault::Kind::Status(401),
        code: None,
        message: None,
    });
    let (look, begun) = (scheduled(&platform), Instant::now());
    let found = check(&platform.store, &look, &standing.bot, i64::MAX, ready(true)).await;
    assert_eq!(found.unwrap(), Found::Failed);
    // It may wait for a minute where that can help, and three after a restart.
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let bot = platform.store.bot_by_id(&standing.bot.id).await.unwrap();
    assert!(
        bot.failure.as_ref().unwrap().contains("refuses the bot's token"),
        "{bot:?}"
    );
}

async fn the_server_is_looked_at_only_with_the_key_that_is_pinned(engine: Engine) {
    let (platform, stand_ins) = scene(&engine).await;
    let standing = Standing::new(&platform, &stand_ins, "ada", |script| panic!("asked for {script}")).await;
    let mut other = standing.deployment.clone();
    other.facts.host_key = Some(clawdwako::ssh::generate("other").unwrap().public);
    for ask in [Ask::Look, Ask::Restart] {
        let e = scheduled(&platform)(standing.bot.clone(), other.clone(), ask)
            .await
            .unwrap_err();
        assert_eq!(e.kind(), Kind::HostKey, "{ask:?}: {e:?}");
    }
    assert_eq!(standing.server.running().len(), 1);
}

async fn each_secret_of_a_look_is_told_once_a_day(engine: Engine) {
    let (platform, stand_ins) = scene(&engine).await;
    let standing = Standing::new(&platform, &stand_ins, "ada", |_| None).await;
    let look = scheduled(&platform);
    let day = || now() / (24 * 3_600_000);
    let first = day();
    for ask in [Ask::Look, Ask::Look, Ask::Restart] {
        look(standing.bot.clone(), standing.deployment.clone(), ask)
            .await
            .unwrap();
    }
    let mut told: BTreeMap<String, i64> = BTreeMap::new();
    for entry in platform.store.audit(None, None, 100).await.unwrap() {
        assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("server", "use secret"));
        *told.entry(entry.object.unwrap()).or_default() += 1;
    }
    let of = |name: &str| format!("bot/{}/{name}", standing.bot.id);
    let names: Vec<String> = told.keys().cloned().collect();
    assert_eq!(names, ["gateway", "model", "ssh_private_key", "telegram"].map(of));
    // It may be midnight (UTC).
    assert!(told.values().all(|n| (1..=1 + day() - first).contains(n)), "{told:?}");
}
