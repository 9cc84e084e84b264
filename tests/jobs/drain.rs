//! A second terminal beside one that is at work: it waits, and takes nothing away.

use crate::store::new_bot;
use crate::support::engine::{Engine, on_both_engines};
use crate::support::workers::{gone, here};
use clawdwako::deploy::{self, NewBot, Platform, Reporter, create};
use clawdwako::jobs::drain;
use clawdwako::model::{Bot, BotStatus, Deployment, Event, EventKind, ProviderKind};
use clawdwako::store::{Lease, Worker};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

on_both_engines! {
    a_second_one_waits_for_a_live_one_and_steals_nothing,
    what_a_dead_one_held_is_taken_over_at_once,
}

/// What was told of, and that a warning was.
#[derive(Default)]
struct Told {
    kinds: Mutex<Vec<EventKind>>,
    warned: Notify,
}

impl Reporter for Told {
    fn event(&self, event: &Event) {
        self.kinds.lock().unwrap().push(event.kind);
        if event.kind == EventKind::Warning {
            self.warned.notify_one();
        }
    }
}

/// A bot on a server of its user's that is to be destroyed before anything was made: all its steps
/// end well without an outside.
async fn leaving(p: &Platform, name: &str, telegram_id: i64) -> (Bot, Deployment) {
    let new = NewBot {
        provider: ProviderKind::Existing,
        ..new_bot(name, telegram_id)
    };
    let (bot, d) = create(p, new).await.unwrap();
    deploy::begin_destroy(p, &bot, &d).await.unwrap();
    (bot, d)
}

async fn claim(p: &Platform, d: &Deployment, worker: &str) -> Lease {
    let claimed = p.store.claim_job(&d.id, worker, 600_000).await.unwrap();
    claimed.unwrap().1
}

async fn a_second_one_waits_for_a_live_one_and_steals_nothing(engine: Engine) {
    let p = engine.platform().await;
    let worker = here();
    let (bot, d) = leaving(&p, "demo", 1).await;
    let lease = claim(&p, &d, &worker).await;
    let told = Arc::new(Told::default());
    let (platform, reporter, id) = (p.clone(), Arc::clone(&told), d.id.clone());
    let second = tokio::spawn(async move { drain(&platform, &id, &Worker::named("second/1/1"), &*reporter).await });
    let warned = tokio::time::timeout(Duration::from_secs(30), told.warned.notified()).await;
    warned.expect("it says that it waits");
    // It looks again and again.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(!second.is_finished());
    let (holder, _) = p.store.job_holder(&d.id).await.unwrap().unwrap();
    assert_eq!(
        (holder, p.store.job(&lease.job_id).await.unwrap().fence),
        (worker, lease.fence)
    );
    assert_eq!(
        *told.kinds.lock().unwrap(),
        [EventKind::Warning],
        "said once, and nothing was begun"
    );
    // The first one hands it on before it is through.
    assert!(p.store.hand_back(&lease).await.unwrap());
    let ended = second.await.unwrap().unwrap();
    assert_eq!((ended.bot.id, ended.bot.status), (bot.id, BotStatus::Destroyed));
}

async fn what_a_dead_one_held_is_taken_over_at_once(engine: Engine) {
    let p = engine.platform().await;
    let (_, d) = leaving(&p, "demo", 1).await;
    claim(&p, &d, &gone()).await;
    let (told, since) = (Told::default(), Instant::now());
    let ended = drain(&p, &d.id, &Worker::this(), &told).await.unwrap();
    assert_eq!(ended.bot.status, BotStatus::Destroyed);
    assert!(since.elapsed() < Duration::from_secs(30), "before its lease is over");
    assert!(!told.kinds.lock().unwrap().contains(&EventKind::Warning));
}
