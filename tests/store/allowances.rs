//! Allowances that all processes share.

use crate::support::engine::{Engine, on_both_engines};
use clawdwako::store::{Rate, Store};
use std::time::Duration;

on_both_engines! {
    an_allowance_is_granted_once_to_all_together,
    an_allowance_comes_back_with_time,
    what_is_refused_takes_nothing,
    how_long_to_wait_is_told_of_the_allowance_itself,
}

const HOUR: Duration = Duration::from_secs(3600);

/// Lets so much time pass: what is noted is that much older.
async fn passes(store: &Store, time: Duration) {
    let mut tx = store.begin().await.unwrap();
    let sql = "UPDATE allowances SET whole_at_us = whole_at_us - $1";
    let passed = i64::try_from(time.as_micros()).unwrap();
    assert_eq!(tx.execute(sql, &[passed.into()]).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn an_allowance_is_granted_once_to_all_together(engine: Engine) {
    let (one, other) = (engine.open().await, engine.open().await);
    let rate = Rate::new(30, HOUR);
    let takers = (0..60).map(|i| {
        let store = if i % 2 == 0 { one.clone() } else { other.clone() };
        tokio::spawn(async move { store.take("calls", rate, 1).await.unwrap().is_zero() })
    });
    let mut granted = 0;
    for taker in takers.collect::<Vec<_>>() {
        granted += usize::from(taker.await.unwrap());
    }
    assert_eq!(granted, 30, "granted once each, over both processes");
    assert!(other.take("others", rate, 30).await.unwrap().is_zero());
}

async fn an_allowance_comes_back_with_time(engine: Engine) {
    let store = engine.open().await;
    let rate = Rate::new(4, HOUR);
    assert!(store.take("calls", rate, 4).await.unwrap().is_zero());
    let wait = store.take("calls", rate, 1).await.unwrap();
    assert!(!wait.is_zero() && wait <= HOUR / 4, "{wait:?}");
    assert_eq!(store.sweep_allowances().await.unwrap(), 0, "what is in use stays");
    passes(&store, wait).await;
    assert!(store.take("calls", rate, 1).await.unwrap().is_zero());
    let whole = store.take("calls", rate, 4).await.unwrap();
    assert!(whole > HOUR / 2, "nearly all of it is in use: {whole:?}");
    passes(&store, whole).await;
    assert_eq!(store.sweep_allowances().await.unwrap(), 1);
    assert_eq!(store.sweep_allowances().await.unwrap(), 0, "it is gone");
    assert!(store.take("calls", rate, 4).await.unwrap().is_zero());
}

async fn what_is_refused_takes_nothing(engine: Engine) {
    let store = engine.open().await;
    let rate = Rate::new(10, HOUR);
    assert!(store.take("calls", rate, 6).await.unwrap().is_zero());
    for _ in 0..3 {
        assert!(!store.take("calls", rate, 5).await.unwrap().is_zero());
    }
    assert!(store.take("calls", rate, 4).await.unwrap().is_zero());
    assert!(store.take("calls", rate, 1).await.unwrap() <= HOUR / 10);
    // More than there ever is counts as the whole.
    assert!(store.take("more", rate, 99).await.unwrap().is_zero());
}

async fn how_long_to_wait_is_told_of_the_allowance_itself(engine: Engine) {
    let store = engine.open().await;
    assert!(
        store
            .take("another", Rate::new(1, HOUR * 9), 1)
            .await
            .unwrap()
            .is_zero()
    );
    let rate = Rate::new(4, HOUR);
    assert!(store.take("calls", rate, 4).await.unwrap().is_zero());
    let wait = store.take("calls", rate, 1).await.unwrap();
    assert!(wait > HOUR / 5 && wait <= HOUR / 4, "{wait:?}");
}
