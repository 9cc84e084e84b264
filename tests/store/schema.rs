//! Opening a store: new, old, newer than we are.

use super::new_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::create;
use clawdwako::error::Kind;
use clawdwako::model::{BotStatus, LOCAL_USER};
use clawdwako::store::{AuditEntry, BEGUN, BotFilter, Deed};

on_both_engines! {
    two_processes_open_a_new_store_at_once,
    a_store_of_a_newer_version_is_refused,
    an_audit_whose_entries_named_no_request_is_kept,
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
    engine.batch(include_str!("fixtures/version-1.sql")).await;
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

async fn an_audit_whose_entries_named_no_request_is_kept(engine: Engine) {
    for sql in [
        include_str!("../../assets/migrations/0001_base.sql"),
        include_str!("../../assets/migrations/0002_former.sql"),
        include_str!("../../assets/migrations/0003_server.sql"),
        include_str!("../../assets/migrations/0004_sync.sql"),
        "CREATE TABLE migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL);
         INSERT INTO migrations VALUES (4, 'sync', 1);
         INSERT INTO audit VALUES ('00000000000070008000000000000001', 5, 'ada', 'bob', 'POST /api/deploy', 'demo', '192.0.2.1', 'ok');",
    ] {
        engine.batch(sql).await;
    }
    let store = engine.open().await;
    let deed = Deed {
        actor: "ada",
        user_id: "bob",
        request_id: Some("0b"),
        result: BEGUN,
        ..Deed::default()
    };
    store.note(deed).await.unwrap();
    let told = store.audit(Some("bob"), None, 10).await.unwrap();
    let old = AuditEntry {
        id: "00000000000070008000000000000001".into(),
        at: 5,
        actor: "ada".into(),
        user_id: "bob".into(),
        action: "POST /api/deploy".into(),
        object: Some("demo".into()),
        address: Some("192.0.2.1".into()),
        result: "ok".into(),
        request_id: None,
    };
    assert_eq!((told.len(), &told[1]), (2, &old));
    assert_eq!(
        (told[0].request_id.as_deref(), told[0].result.as_str()),
        (Some("0b"), BEGUN)
    );
}
