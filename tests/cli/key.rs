//! `server admin key rotate`: no secret is lost, and the old key opens none.

use crate::support::cli::Home;
use crate::support::engine::Engine;
use crate::support::sealed::{COUNT, fill, keys, opened, with_key_alone};
use clawdwako::secrets::seal::MasterKey;
use clawdwako::secrets::{Secret, master};
use clawdwako::store::{Owner, Store};
use std::path::PathBuf;

const ROTATE: [&str; 5] = ["server", "admin", "key", "rotate", "--json"];

/// Where the embedded store of a control server and its key are.
fn server(home: &Home) -> PathBuf {
    home.path().join("clawdwako/state/profiles/default/server")
}

#[tokio::test]
async fn the_key_file_ends_with_a_new_key_that_alone_opens_all() {
    let home = Home::new();
    // In use all the while, as by a control server.
    let store = home.server_store().await;
    fill(&store).await;
    let file = server(&home).join(master::FILE);
    let old = keys(&file);
    let told = home.run(&ROTATE).ok().json();
    assert_eq!(told["sealed_anew"], COUNT);
    let new = keys(&file);
    assert!(old.len() == 1 && new.len() == 1 && old != new);
    assert_eq!(opened(&store.with_sealer(with_key_alone(&new[0]))).await, COUNT);
    assert_eq!(opened(&store.with_sealer(with_key_alone(&old[0]))).await, 0);
    assert_eq!(opened(&store).await, COUNT, "whoever runs goes on");
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_changes_no_key() {
    let home = Home::new();
    let store = home.server_store().await;
    let stranger = MasterKey::generate().unwrap().to_hex();
    let theirs = store.with_sealer(with_key_alone(stranger.expose()));
    let mut tx = theirs.begin().await.unwrap();
    let ada = Owner::User("ada".into());
    tx.put_secret(&ada, "hetzner", &Secret::new("theirs")).await.unwrap();
    tx.commit().await.unwrap();
    let file = server(&home).join(master::FILE);
    let before = keys(&file);
    let ran = home.run(&ROTATE);
    assert_eq!(
        (ran.code, &ran.json()["error"]["code"]),
        (1, &"store".into()),
        "{ran:?}"
    );
    assert_eq!(keys(&file), before);
    assert_eq!(theirs.secret(&ada, "hetzner").await.unwrap().expose(), "theirs");
}

/// The operator's own keys: the first of those that are given counts from now on.
async fn with_given_keys(home: Home, store: Store, old: &str) -> Home {
    fill(&store).await;
    let new = MasterKey::generate().unwrap().to_hex();
    let home = home.env("CLAWDWAKO_MASTER_KEY", &format!("{},{old}", new.expose()));
    assert_eq!(home.run(&ROTATE).ok().json()["sealed_anew"], COUNT);
    assert_eq!(opened(&store.with_sealer(with_key_alone(new.expose()))).await, COUNT);
    assert_eq!(opened(&store.with_sealer(with_key_alone(old))).await, 0);
    home
}

#[tokio::test]
async fn given_keys_seal_an_embedded_store_anew_and_leave_the_file_alone() {
    let home = Home::new();
    let store = home.server_store().await;
    let before = keys(&server(&home).join(master::FILE));
    let home = with_given_keys(home, store, &before[0]).await;
    assert_eq!(keys(&server(&home).join(master::FILE)), before);
}

#[tokio::test]
async fn given_keys_seal_a_shared_store_anew() {
    let Some(engine) = Engine::postgres("cli::key::given_keys_seal_a_shared_store_anew") else {
        return;
    };
    let store = engine.open().await;
    let old = keys(&engine.path().join(master::FILE)).remove(0);
    let home = Home::new().env("DATABASE_URL", &engine.postgres.as_ref().unwrap().url());
    with_given_keys(home, store, &old).await;
}
