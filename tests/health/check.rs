//! What a look leads to.

use super::{active, killed, look, well};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::error::{Error, Kind};
use clawdwako::health::{Ask, Found, Look, check};
use clawdwako::model::{Bot, BotStatus, Sample, now};
use clawdwako::store::Store;
use std::future::ready;

on_both_engines! {
    a_bot_that_works_leaves_a_sample,
    a_bot_that_does_not_work_is_restarted_once,
    a_bot_that_a_restart_does_not_help_has_failed,
    a_bot_that_needs_a_restart_again_and_again_has_failed,
    three_restarts_an_hour_are_help_and_older_ones_are_forgotten,
    a_restart_that_is_cut_off_counts,
    the_next_look_does_not_hide_a_restart,
    a_server_that_is_not_reached_is_given_time,
    in_a_row_is_not_in_all,
    a_changed_host_key_is_a_failure_at_once,
    a_bot_that_somebody_is_at_work_on_is_left_alone,
}

const NEXT: i64 = i64::MAX;

async fn checked(store: &Store, look: &Look, bot: &Bot) -> Found {
    check(store, look, bot, NEXT, ready(true)).await.unwrap()
}

async fn status(store: &Store, bot: &Bot) -> BotStatus {
    store.bot_by_id(&bot.id).await.unwrap().status
}

async fn story(store: &Store, deployment: &str) -> Vec<String> {
    let events = store.events(deployment, 0, None).await.unwrap();
    events.into_iter().map(|(_, e)| e.text).collect()
}

/// Writes a sample of some minutes ago.
async fn before(store: &Store, bot: &Bot, minutes: i64, sample: Sample) {
    let at = now() - minutes * 60_000;
    let mut tx = store.begin().await.unwrap();
    tx.put_sample(&bot.id, &Sample { at, ..sample }).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_bot_that_works_leaves_a_sample(engine: Engine) {
    let store = engine.open().await;
    let (bot, deployment) = active(&store, 1).await.remove(0);
    let mut earlier = Sample {
        reached: true,
        well: true,
        ..Sample::default()
    };
    earlier.reading.cpu_us = Some(1_000_000);
    before(&store, &bot, 10, earlier).await;
    // Six seconds of ten minutes.
    let (look, _) = look(|_, _| Ok(well(7_000_000)));
    assert_eq!(checked(&store, &look, &bot).await, Found::Well);
    let samples = store.samples(&bot.id, 0, 10).await.unwrap();
    assert_eq!(samples.len(), 2);
    let sample = &samples[0];
    assert!(sample.well && sample.reached && !sample.restarted);
    assert_eq!(sample.cpu_percent, Some(1.0));
    assert_eq!(
        (
            sample.reading.memory_bytes,
            sample.reading.messages,
            sample.reading.tokens,
            sample.reading.cost_usd
        ),
        (Some(900 << 20), Some(12), Some(3456), Some(0.25))
    );
    assert!(story(&store, &deployment.id).await.is_empty(), "nothing to tell");
    assert!(store.claim_check(1).await.unwrap().is_none(), "its next look is noted");
    assert_eq!(store.delete_samples_before(now() - 6 * 60_000).await.unwrap(), 1);
    assert_eq!(store.samples(&bot.id, 0, 10).await.unwrap().len(), 1);
}

async fn a_bot_that_does_not_work_is_restarted_once(engine: Engine) {
    let store = engine.open().await;
    let (bot, deployment) = active(&store, 1).await.remove(0);
    let (look, asked) = look(|_, ask| Ok(if ask == Ask::Look { killed() } else { well(1) }));
    assert_eq!(checked(&store, &look, &bot).await, Found::Restarted);
    let asked: Vec<Ask> = asked.lock().unwrap().iter().map(|a| a.1).collect();
    assert_eq!(asked, [Ask::Look, Ask::Restart]);
    assert_eq!(status(&store, &bot).await, BotStatus::Active);
    let story = story(&store, &deployment.id).await;
    assert_eq!(story.len(), 2, "{story:?}");
    assert!(story[0].contains("memory"), "{story:?}");
    assert_eq!(story[1], "the bot works again after a restart");
    assert!(store.samples(&bot.id, 0, 1).await.unwrap()[0].restarted);
}

async fn a_bot_that_a_restart_does_not_help_has_failed(engine: Engine) {
    let store = engine.open().await;
    let (bot, deployment) = active(&store, 1).await.remove(0);
    let (look, asked) = look(|_, _| Ok(killed()));
    assert_eq!(checked(&store, &look, &bot).await, Found::Failed);
    assert_eq!(asked.lock().unwrap().len(), 2);
    let failed = store.bot_by_id(&bot.id).await.unwrap();
    assert_eq!(failed.status, BotStatus::Failed);
    let story = story(&store, &deployment.id).await;
    assert_eq!(story[1], format!("failed: {}", failed.failure.unwrap()));
    assert!(
        store.claim_check(1).await.unwrap().is_none(),
        "it is not looked at any more"
    );
}

async fn a_bot_that_needs_a_restart_again_and_again_has_failed(engine: Engine) {
    let store = engine.open().await;
    let (bot, _) = active(&store, 1).await.remove(0);
    for minutes in [10, 20, 30] {
        before(&store, &bot, minutes, restarted()).await;
    }
    let (look, asked) = look(|_, ask| Ok(if ask == Ask::Look { killed() } else { well(1) }));
    assert_eq!(checked(&store, &look, &bot).await, Found::Failed);
    assert_eq!(asked.lock().unwrap().len(), 1, "no fourth restart within the hour");
    let failure = store.bot_by_id(&bot.id).await.unwrap().failure.unwrap();
    assert!(failure.contains("restarted 3 times"), "{failure}");
}

/// One that was of help: the bot worked again.
fn restarted() -> Sample {
    Sample {
        reached: true,
        well: true,
        restarted: true,
        ..Sample::default()
    }
}

async fn three_restarts_an_hour_are_help_and_older_ones_are_forgotten(engine: Engine) {
    let store = engine.open().await;
    let (bot, _) = active(&store, 1).await.remove(0);
    for minutes in [10, 20, 61, 62] {
        before(&store, &bot, minutes, restarted()).await;
    }
    let (look, asked) = look(|_, ask| Ok(if ask == Ask::Look { killed() } else { well(1) }));
    assert_eq!(checked(&store, &look, &bot).await, Found::Restarted, "the third");
    assert_eq!(checked(&store, &look, &bot).await, Found::Failed, "there is no fourth");
    assert_eq!(asked.lock().unwrap().len(), 3);
}

/// It was begun: a bot that ends its server's connection each time would be restarted for ever.
async fn a_restart_that_is_cut_off_counts(engine: Engine) {
    let store = engine.open().await;
    let (bot, deployment) = active(&store, 1).await.remove(0);
    for minutes in [10, 20] {
        before(&store, &bot, minutes, restarted()).await;
    }
    let (look, asked) = look(|_, ask| match ask {
        Ask::Look => Ok(killed()),
        Ask::Restart => Err(Error::new(Kind::Network, "cut off")),
    });
    assert_eq!(checked(&store, &look, &bot).await, Found::Unreached);
    assert_eq!(status(&store, &bot).await, BotStatus::Active);
    let told = story(&store, &deployment.id).await;
    assert!(told.len() == 1 && told[0].contains("is restarted"), "{told:?}");
    assert_eq!(checked(&store, &look, &bot).await, Found::Failed);
    let restarts = asked.lock().unwrap().iter().filter(|a| a.1 == Ask::Restart).count();
    assert_eq!(restarts, 1);
}

/// Samples are kept by five minutes, and looks may be closer together.
async fn the_next_look_does_not_hide_a_restart(engine: Engine) {
    let store = engine.open().await;
    let (bot, _) = active(&store, 1).await.remove(0);
    for minutes in [10, 20] {
        before(&store, &bot, minutes, restarted()).await;
    }
    let (ended, _) = look(|_, ask| Ok(if ask == Ask::Look { killed() } else { well(1) }));
    let (works, _) = look(|_, _| Ok(well(2)));
    assert_eq!(checked(&store, &ended, &bot).await, Found::Restarted);
    assert_eq!(checked(&store, &works, &bot).await, Found::Well);
    let newest = store.samples(&bot.id, 0, 1).await.unwrap().remove(0);
    assert_eq!((newest.well, newest.reading.cpu_us), (true, Some(2)));
    assert_eq!(
        checked(&store, &ended, &bot).await,
        Found::Failed,
        "the fourth in an hour"
    );
}

async fn a_server_that_is_not_reached_is_given_time(engine: Engine) {
    let store = engine.open().await;
    let (bot, deployment) = active(&store, 1).await.remove(0);
    let (look, _) = look(|_, _| Err(Error::new(Kind::Network, "198.18.0.1 cannot be reached")));
    assert_eq!(checked(&store, &look, &bot).await, Found::Unreached);
    assert_eq!(story(&store, &deployment.id).await.len(), 1, "it is told");
    before(&store, &bot, 5, Sample::default()).await;
    before(&store, &bot, 10, Sample::default()).await;
    // If nothing else is reached either, it is not the server.
    let alone = check(&store, &look, &bot, NEXT, ready(false)).await.unwrap();
    assert_eq!(alone, Found::Unreached);
    assert_eq!(status(&store, &bot).await, BotStatus::Active);
    assert_eq!(story(&store, &deployment.id).await.len(), 1, "and told once");
    assert_eq!(checked(&store, &look, &bot).await, Found::Failed);
    assert_eq!(status(&store, &bot).await, BotStatus::Failed);
}

/// Three of an hour's looks did not reach it, and one between them did.
async fn in_a_row_is_not_in_all(engine: Engine) {
    let store = engine.open().await;
    let (bot, _) = active(&store, 1).await.remove(0);
    let reached = Sample {
        reached: true,
        well: true,
        ..Sample::default()
    };
    for (minutes, sample) in [
        (25, Sample::default()),
        (20, Sample::default()),
        (15, reached),
        (10, Sample::default()),
    ] {
        before(&store, &bot, minutes, sample).await;
    }
    let (look, _) = look(|_, _| Err(Error::new(Kind::Network, "198.18.0.1 cannot be reached")));
    assert_eq!(
        checked(&store, &look, &bot).await,
        Found::Unreached,
        "the second in a row"
    );
    assert_eq!(status(&store, &bot).await, BotStatus::Active);
    assert_eq!(checked(&store, &look, &bot).await, Found::Failed, "the third");
}

async fn a_changed_host_key_is_a_failure_at_once(engine: Engine) {
    let store = engine.open().await;
    let (bot, _) = active(&store, 1).await.remove(0);
    let (look, _) = look(|_, _| Err(Error::new(Kind::HostKey, "the host key changed")));
    assert_eq!(checked(&store, &look, &bot).await, Found::Failed);
}

async fn a_bot_that_somebody_is_at_work_on_is_left_alone(engine: Engine) {
    let store = engine.open().await;
    let (bot, deployment) = active(&store, 1).await.remove(0);
    let mut tx = store.begin().await.unwrap();
    tx.set_bot_status(&bot.id, BotStatus::Stopped, None).await.unwrap();
    tx.commit().await.unwrap();
    let (look, asked) = look(|_, _| Ok(killed()));
    assert_eq!(checked(&store, &look, &bot).await, Found::NotOurs);
    assert_eq!(asked.lock().unwrap().len(), 1, "and not restarted");
    assert_eq!(status(&store, &bot).await, BotStatus::Stopped);
    assert!(story(&store, &deployment.id).await.is_empty());
    assert!(store.samples(&bot.id, 0, 1).await.unwrap().is_empty());
}
