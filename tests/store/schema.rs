//! Opening a store: new, old, newer than we are.

use super::new_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::create;
use clawdwako::error::Kind;
use clawdwako::model::{BotStatus, LOCAL_USER};
use clawdwako::store::BotFilter;

on_both_engines! {
    two_processes_open_a_new_store_at_once,
    a_store_of_a_newer_version_is_refused,
}

async fn two_processes_open_a_new_store_at_once(engine: Engine) {
    let (a, b) = tokio::join!(engine.try_open(), engine.try_open());
    assert!(a.is_ok() && b.is_ok());
}

async fn a_store_of_a_newer_version_is_refused(engine: Engine) {
    let store = engine.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.execute(
        "INSERT INTO migrations (number, name, applied_at) VALUES (999, 'future', 0)",
        &[],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let e = engine.try_open().await.err().unwrap();
    assert!(e.kind() == Kind::Store && e.message().contains("999"), "{e}");
}

/// The first version knew SQLite only.
#[tokio::test]
async fn a_store_of_the_first_version_is_brought_up_to_date_and_keeps_everything() {
    let engine = Engine::sqlite();
    rusqlite::Connection::open(engine.file())
        .unwrap()
        .execute_batch(include_str!("fixtures/version-1.sql"))
        .unwrap();
    let p = engine.platform().await;
    let bots = p.store.bots(LOCAL_USER, BotFilter::default()).await.unwrap();
    let names: Vec<&str> = bots.iter().map(|(b, _)| b.name.as_str()).collect();
    assert_eq!(names, ["bot-1", "bot-2"]);
    let (bot, deployment) = p.store.bot(LOCAL_USER, "bot-1").await.unwrap();
    assert_eq!((bot.status, bot.owner), (BotStatus::Active, Some(42)));
    assert_eq!(deployment.facts.size.as_deref(), Some("cx23"));
    assert_eq!(p.store.jobs(&deployment.id).await.unwrap().len(), 1);
    assert_eq!(p.store.events(&deployment.id, 0, None).await.unwrap().len(), 1);
    create(&p, new_bot("third", 9)).await.unwrap();
}
