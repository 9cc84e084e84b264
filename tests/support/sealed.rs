//! A sealed value of every kind that a store holds, to be put in and opened again.

use clawdwako::error::{Kind, Result};
use clawdwako::model::now;
use clawdwako::secrets::Secret;
use clawdwako::secrets::seal::{MasterKey, Sealer};
use clawdwako::store::{Begun, Login, Owner, Store};
use std::path::Path;

/// With two secrets each, more than are sealed anew in one transaction.
const BOTS: usize = 60;
const NAMES: [&str; 2] = ["telegram", "hetzner"];
/// Logins and answers that are put in.
const OTHERS: usize = 2;

/// How many values [`fill`] puts in.
pub const COUNT: usize = BOTS * NAMES.len() + NAMES.len() + OTHERS;

fn owners() -> Vec<Owner> {
    let bots = (0..BOTS).map(|i| Owner::Bot(format!("bot-{i}")));
    bots.chain([Owner::User("ada".into())]).collect()
}

fn value(owner: &Owner, name: &str) -> Secret {
    Secret::new(format!("{name} of {owner:?}"))
}

/// Puts in secrets of bots and of a user, a sign-in under way, an answer that is kept, and a
/// request that has none yet.
pub async fn fill(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for owner in owners() {
        for name in NAMES {
            tx.put_secret(&owner, name, &value(&owner, name)).await.unwrap();
        }
    }
    let login = Login {
        nonce: "nonce".into(),
        verifier: Secret::new("verifier"),
    };
    tx.insert_login("state", &login, now(), now() + 600_000).await.unwrap();
    tx.commit().await.unwrap();
    for name in ["answered", "runs"] {
        let begun = store.begin_idempotent("ada", name, b"asked", now()).await.unwrap();
        assert_eq!(begun, Begun::New);
    }
    let mut tx = store.begin().await.unwrap();
    let answer = Secret::new("an answer");
    assert!(tx.finish_idempotent("ada", "answered", 201, &answer).await.unwrap());
    tx.commit().await.unwrap();
}

/// How many of the values can be opened; each that can is what was put in.
pub async fn opened(store: &Store) -> usize {
    let mut opened = 0;
    for owner in owners() {
        for name in NAMES {
            let found = store.secret(&owner, name).await;
            opened += counts(found, |secret| assert_eq!(secret, value(&owner, name)));
        }
    }
    // Taken out and, since nothing is committed, put back.
    let mut tx = store.begin().await.unwrap();
    let login = tx.take_login("state", now()).await;
    drop(tx);
    opened += counts(login, |login| assert_eq!(login.unwrap().verifier.expose(), "verifier"));
    let answer = store.begin_idempotent("ada", "answered", b"asked", now()).await;
    let kept = Begun::Done {
        status: 201,
        answer: Secret::new("an answer"),
    };
    opened + counts(answer, |answer| assert_eq!(answer, kept))
}

fn counts<T>(found: Result<T>, check: impl FnOnce(T)) -> usize {
    match found {
        Ok(value) => check(value),
        Err(e) => {
            assert_eq!(e.kind(), Kind::Store, "{e:?}");
            return 0;
        }
    }
    1
}

/// The keys that are in a key file, the newest first.
pub fn keys(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(Into::into).collect()
}

/// Seals and opens with one key alone.
pub fn with_key_alone(key: &str) -> Sealer {
    Sealer::new(MasterKey::from_hex(key).unwrap(), Vec::new())
}
