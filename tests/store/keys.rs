//! Everything is sealed anew with another master key, while the store is in use.

use crate::support::engine::{Engine, on_both_engines};
use crate::support::sealed::{COUNT, fill, keys, opened, with_key_alone};
use clawdwako::error::Kind;
use clawdwako::secrets::{Secret, master};
use clawdwako::store::{Owner, Store};
use std::time::{Duration, Instant};

on_both_engines! {
    all_that_is_sealed_is_sealed_anew_and_opens_with_the_new_key_alone,
    a_value_that_is_set_meanwhile_is_not_set_back,
    what_no_key_opens_stops_it,
}

async fn all_that_is_sealed_is_sealed_anew_and_opens_with_the_new_key_alone(engine: Engine) {
    let store = engine.open().await;
    fill(&store).await;
    let file = engine.path().join(master::FILE);
    let old = keys(&file).remove(0);
    master::begin_rotation(engine.path()).unwrap();
    let new = keys(&file).remove(0);
    assert_eq!(store.seal_anew().await.unwrap(), COUNT as u64);
    assert_eq!(
        store.seal_anew().await.unwrap(),
        0,
        "what the new key sealed stays as it is"
    );
    assert_eq!(opened(&store.with_sealer(with_key_alone(&new))).await, COUNT);
    assert_eq!(opened(&store.with_sealer(with_key_alone(&old))).await, 0);
    master::end_rotation(engine.path()).unwrap();
    assert_eq!(keys(&file), [new]);
    store.demand_openable().await.unwrap();
}

async fn a_value_that_is_set_meanwhile_is_not_set_back(engine: Engine) {
    let store = engine.open().await;
    let ada = Owner::User("ada".into());
    let put = async |value: &str| {
        let mut tx = store.begin().await.unwrap();
        tx.put_secret(&ada, "hetzner", &Secret::new(value)).await.unwrap();
        tx
    };
    put("before").await.commit().await.unwrap();
    master::begin_rotation(engine.path()).unwrap();
    let setting = put("after").await;
    let sealing = tokio::spawn({
        let store = store.clone();
        async move { store.seal_anew().await }
    });
    until_it_waits(&store).await;
    setting.commit().await.unwrap();
    assert_eq!(sealing.await.unwrap().unwrap(), 0);
    assert_eq!(store.secret(&ada, "hetzner").await.unwrap().expose(), "after");
}

/// Waits until somebody waits for a transaction that is open.
async fn until_it_waits(store: &Store) {
    if !store.is_shared() {
        // It has read everything, and stands at its first transaction, once it lets others run.
        return tokio::task::yield_now().await;
    }
    let since = Instant::now();
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted";
    while store.query(waiting, &[]).await.unwrap()[0].int(0).unwrap() == 0 {
        assert!(since.elapsed() < Duration::from_secs(30), "nobody waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn what_no_key_opens_stops_it(engine: Engine) {
    let store = engine.open().await;
    let stranger = tempfile::tempdir().unwrap();
    let theirs = store.with_sealer(master::load(stranger.path(), None).unwrap());
    let mut tx = theirs.begin().await.unwrap();
    let ada = Owner::User("ada".into());
    tx.put_secret(&ada, "hetzner", &Secret::new("theirs")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.demand_openable().await.unwrap_err().kind(), Kind::Store);
    assert_eq!(store.seal_anew().await.unwrap_err().kind(), Kind::Store);
    theirs.demand_openable().await.unwrap();
    assert_eq!(theirs.secret(&ada, "hetzner").await.unwrap().expose(), "theirs");
}
