//! The schedule, shared by replicas.

use super::{active, look, well};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::health::{Settings, Watch};
use clawdwako::store::Store;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

on_both_engines! {
    replicas_look_at_each_bot_once_an_interval,
}

async fn replicas_look_at_each_bot_once_an_interval(engine: Engine) {
    const BOTS: usize = 20;
    let (one, other) = (engine.open().await, engine.open().await);
    active(&one, BOTS as i64).await;
    let settings = Settings {
        interval: Duration::from_millis(2000),
        at_once: 3,
        ..Settings::default()
    };
    let (look, asked) = look(|_, _| Ok(well(1)));
    let watch = |store: &Store| Watch {
        store: store.clone(),
        settings: settings.clone(),
        look: look.clone(),
        accounts: Arc::new(|| Box::pin(async { Ok(Vec::new()) })),
        network: Arc::new(|| Box::pin(async { true })),
    };
    let (stop, stopped) = watch::channel(false);
    let begun = Instant::now();
    let replicas = [
        tokio::spawn(watch(&one).work(stopped.clone())),
        tokio::spawn(watch(&other).work(stopped)),
    ];
    let looks = || {
        let mut looks: HashMap<String, usize> = HashMap::new();
        for (bot, _) in asked.lock().unwrap().iter() {
            *looks.entry(bot.clone()).or_default() += 1;
        }
        looks
    };
    // Each has been looked at for the third time.
    while looks().values().filter(|&&n| n >= 3).count() < BOTS {
        assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", looks());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    for replica in replicas {
        tokio::time::timeout(Duration::from_secs(10), replica)
            .await
            .unwrap()
            .unwrap();
    }
    // Only now: while they end, they may still look.
    let took = begun.elapsed();
    // The first look is at once, the second at the bot's own moment, each other an interval later.
    let most = took.as_millis() as usize / 2000 + 2;
    for (bot, looks) in looks() {
        assert!(looks <= most, "{bot}: {looks} looks in {took:?}");
    }
}
