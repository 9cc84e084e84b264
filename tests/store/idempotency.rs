//! Requests with a key: a claim that is kept up holds, and an answer stays as it was first told.

use crate::support::engine::{Engine, on_both_engines};
use clawdwako::error::Kind;
use clawdwako::secrets::Secret;
use clawdwako::store::{Begun, Store};

on_both_engines! {
    an_answer_is_never_overwritten_forgotten_or_prolonged,
    a_claim_holds_for_as_long_as_it_is_kept_up,
    somebody_elses_key_of_the_same_name_is_another,
}

const HOUR: i64 = 3_600_000;
/// When it all begins.
const AT: i64 = 1_000_000_000_000;

async fn begin(store: &Store, at: i64) -> Result<Begun, Kind> {
    let begun = store.begin_idempotent("ada", "key", b"asked", at).await;
    begun.map_err(|e| e.kind())
}

async fn finish(store: &Store, answer: &str) -> bool {
    let mut tx = store.begin().await.unwrap();
    let kept = tx
        .finish_idempotent("ada", "key", 201, &Secret::new(answer))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    kept
}

async fn an_answer_is_never_overwritten_forgotten_or_prolonged(engine: Engine) {
    let store = engine.open().await;
    assert!(!finish(&store, "to nothing").await, "nobody asked");
    assert_eq!(begin(&store, AT).await, Ok(Begun::New));
    assert!(finish(&store, "first").await);
    assert!(!finish(&store, "second").await);
    store.forget_idempotent("ada", "key").await.unwrap();
    store.renew_idempotent("ada", "key", AT + 5 * HOUR).await.unwrap();
    let first = Begun::Done {
        status: 201,
        answer: Secret::new("first"),
    };
    assert_eq!(begin(&store, AT + 24 * HOUR - 1).await, Ok(first));
    assert_eq!(begin(&store, AT + 24 * HOUR).await, Ok(Begun::New), "kept for a day");
}

async fn a_claim_holds_for_as_long_as_it_is_kept_up(engine: Engine) {
    let store = engine.open().await;
    assert_eq!(begin(&store, AT).await, Ok(Begun::New));
    // Far longer than a claim that nobody keeps up.
    for second in (5..=300).step_by(5) {
        store.renew_idempotent("ada", "key", AT + second * 1000).await.unwrap();
    }
    let last = AT + 300_000;
    assert_eq!(begin(&store, last + 19_999).await, Err(Kind::Busy));
    // Somebody else's key, and another of hers, are not kept up with it.
    for (user, name) in [("bob", "key"), ("ada", "other")] {
        let begun = store.begin_idempotent(user, name, b"asked", AT).await.unwrap();
        assert_eq!(begun, Begun::New);
        store.renew_idempotent("ada", "key", last).await.unwrap();
        let again = store.begin_idempotent(user, name, b"asked", AT + 20_000).await;
        assert_eq!(again.unwrap(), Begun::New, "{user} {name}");
    }
    store.forget_idempotent("ada", "other").await.unwrap();
    assert_eq!(begin(&store, last).await, Err(Kind::Busy));
    assert_eq!(begin(&store, last + 20_000).await, Ok(Begun::New), "lost");
    store.forget_idempotent("ada", "key").await.unwrap();
    assert_eq!(begin(&store, last).await, Ok(Begun::New), "it came to nothing");
}

async fn somebody_elses_key_of_the_same_name_is_another(engine: Engine) {
    let store = engine.open().await;
    let bobs = async || {
        store
            .begin_idempotent("bob", "key", b"bob's", AT)
            .await
            .map_err(|e| e.kind())
    };
    assert_eq!(bobs().await, Ok(Begun::New));
    assert_eq!(begin(&store, AT).await, Ok(Begun::New));
    store.forget_idempotent("ada", "key").await.unwrap();
    assert_eq!(bobs().await, Err(Kind::Busy), "it still runs");
    assert_eq!(begin(&store, AT).await, Ok(Begun::New));
    assert!(finish(&store, "hers").await);
    assert_eq!(bobs().await, Err(Kind::Busy), "it has no answer yet");
    let hers = Begun::Done {
        status: 201,
        answer: Secret::new("hers"),
    };
    assert_eq!(begin(&store, AT).await, Ok(hers));
}
