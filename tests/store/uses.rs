//! Uses of secrets in the audit.

use super::new_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::{NewBot, create};
use clawdwako::error::Kind;
use clawdwako::secrets::seal::Sealer;
use clawdwako::store::{AuditEntry, By, Owner, Store};

on_both_engines!(
    every_use_is_told_with_whose_it_is_and_who_asked,
    the_schedules_own_uses_are_told_once_a_day,
    a_use_that_cannot_be_told_is_refused,
);

/// A bot of the user "ada".
async fn bot_of_ada(engine: &Engine) -> (Store, Owner, String) {
    let platform = engine.platform().await;
    let new = NewBot {
        user_id: "ada".into(),
        ..new_bot("demo", 1)
    };
    let (bot, _) = create(&platform, new).await.unwrap();
    let object = format!("bot/{}/telegram", bot.id);
    (platform.store, Owner::Bot(bot.id), object)
}

async fn told(store: &Store) -> Vec<AuditEntry> {
    store.audit(Some("ada"), None, 100).await.unwrap()
}

async fn every_use_is_told_with_whose_it_is_and_who_asked(engine: Engine) {
    let (store, owner, object) = bot_of_ada(&engine).await;
    let eve = By::User {
        id: "eve".into(),
        address: "192.0.2.1".into(),
        request_id: Some("0a".into()),
    };
    store.secret(&owner, "telegram").await.unwrap();
    store.acting(eve).secret(&owner, "telegram").await.unwrap();
    assert!(store.find_secret(&owner, "no such").await.unwrap().is_none());
    let told = told(&store).await;
    let who: Vec<_> = told
        .iter()
        .map(|e| (e.actor.as_str(), e.address.as_deref(), e.request_id.as_deref()))
        .collect();
    assert_eq!(
        who,
        [("eve", Some("192.0.2.1"), Some("0a")), ("server", None, None)],
        "newest first, and nothing of what is not there"
    );
    for entry in &told {
        assert_eq!(
            (entry.action.as_str(), entry.object.as_deref(), entry.result.as_str()),
            ("use secret", Some(object.as_str()), "ok")
        );
        assert!(!format!("{entry:?}").contains("canary"));
    }
    // One that cannot be opened was asked for, too.
    let keyless = store.with_sealer(Sealer::none());
    let e = keyless.secret(&owner, "telegram").await.unwrap_err();
    assert_eq!(e.kind(), Kind::Store);
    assert_eq!(self::told(&store).await[0].result, Kind::Store.code());
}

async fn the_schedules_own_uses_are_told_once_a_day(engine: Engine) {
    let (store, owner, _) = bot_of_ada(&engine).await;
    // Two control servers at once, and both all day long.
    let (one, two) = (store.acting(By::Schedule), engine.open().await.acting(By::Schedule));
    let (a, b) = tokio::join!(one.secret(&owner, "telegram"), two.secret(&owner, "telegram"));
    assert!(a.is_ok() && b.is_ok());
    for _ in 0..3 {
        one.secret(&owner, "telegram").await.unwrap();
    }
    assert_eq!(told(&store).await.len(), 1);
    one.secret(&owner, "model").await.unwrap();
    assert_eq!(told(&store).await.len(), 2, "another secret is another use");
    // Another day: the key ends with its number.
    let mut tx = store.begin().await.unwrap();
    let aged = "UPDATE audit SET unique_key = unique_key || '-' WHERE unique_key IS NOT NULL";
    assert_eq!(tx.execute(aged, &[]).await.unwrap(), 2);
    tx.commit().await.unwrap();
    one.secret(&owner, "telegram").await.unwrap();
    assert_eq!(told(&store).await.len(), 3);
    store.secret(&owner, "telegram").await.unwrap();
    assert_eq!(told(&store).await.len(), 4, "what it was given to do is told each time");
}

async fn a_use_that_cannot_be_told_is_refused(engine: Engine) {
    let (store, owner, _) = bot_of_ada(&engine).await;
    let eve = By::User {
        id: "eve".into(),
        address: "192.0.2.1".into(),
        request_id: None,
    };
    engine.batch("ALTER TABLE audit RENAME TO audit_away").await;
    for by in [By::Server, By::Schedule, eve.clone()] {
        let e = store.acting(by.clone()).secret(&owner, "telegram").await.unwrap_err();
        assert_eq!(e.kind(), Kind::Store, "{by:?}: {e}");
    }
    engine.batch("ALTER TABLE audit_away RENAME TO audit").await;
    assert!(told(&store).await.is_empty());
    for by in [By::Server, By::Schedule, eve] {
        store.acting(by).secret(&owner, "telegram").await.unwrap();
    }
    assert_eq!(told(&store).await.len(), 3);
}

/// Its store is an embedded one.
#[tokio::test]
async fn at_a_terminal_nothing_is_told() {
    let engine = Engine::sqlite();
    let platform = engine.platform().await;
    let (bot, _) = create(&platform, new_bot("demo", 1)).await.unwrap();
    platform.store.secret(&Owner::Bot(bot.id), "telegram").await.unwrap();
    assert!(platform.store.audit(None, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_copy_is_no_use() {
    let engine = Engine::sqlite();
    let (store, owner, _) = bot_of_ada(&engine).await;
    let mut tx = store.begin().await.unwrap();
    tx.copy_secret(&owner, "model", "model_former").await.unwrap();
    tx.copy_secret(&owner, "no such", "telegram").await.unwrap();
    tx.commit().await.unwrap();
    assert!(told(&store).await.is_empty(), "nobody got to see it");
    for (name, value) in [
        ("model", "canary-model-key"),
        ("model_former", "canary-model-key"),
        ("telegram", "1:canary-telegram-token-canary-canary"),
    ] {
        assert_eq!(store.secret(&owner, name).await.unwrap().expose(), value, "{name}");
    }
}
