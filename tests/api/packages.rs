//! What npm put on a bot's server, as its user sees it.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::bots::a_bot;
use crate::support::cli::Home;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::model::{Bot, Deployment, LOCAL_USER, Package, Packages, Role};
use clawdwako::store::Store;
use serde_json::{Value, json};

on_both_engines!(they_are_kept_once_and_told_to_who_may_know);

fn list() -> Packages {
    let package = |name: &str, integrity: Option<&str>| Package {
        name: name.into(),
        version: "1.2.3".into(),
        integrity: integrity.map(str::to_owned),
    };
    Packages::new(vec![
        package("openclaw", Some("sha512-abc==")),
        package("@within/it", None),
    ])
}

async fn keep(store: &Store, bot: &Bot, deployment: &Deployment) {
    let mut tx = store.begin().await.unwrap();
    tx.insert_bot(bot).await.unwrap();
    tx.insert_deployment(deployment).await.unwrap();
    tx.keep_packages(&list()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn they_are_kept_once_and_told_to_who_may_know(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let (_, bobs) = api.user("bob@example.org", Role::Member).await;
    let (mut bot, mut deployment) = a_bot("demo", 7);
    bot.user_id = ada.id.clone();
    deployment.facts.agent.packages = Some(list().sum());
    keep(&api.store, &bot, &deployment).await;
    // One more with the same packages, and one of before they were noted.
    let (mut twin, mut other) = a_bot("twin", 8);
    twin.user_id = ada.id.clone();
    other.facts.agent.packages = Some(list().sum());
    keep(&api.store, &twin, &other).await;
    let (mut old, before) = a_bot("old", 9);
    old.user_id = ada.id.clone();
    keep(&api.store, &old, &before).await;
    let rows = api
        .store
        .query("SELECT COUNT(*) FROM package_lists", &[])
        .await
        .unwrap();
    assert_eq!(rows[0].int(0).unwrap(), 1);

    let path = |bot: &Bot| format!("/api/deploy/{}/packages", bot.id);
    let told = api.get(&token, &path(&bot)).await;
    // printf '@within/it 1.2.3 -\nopenclaw 1.2.3 sha512-abc==\n' | sha256sum
    let sum = "0beaad519baed1df06f95c0c14f49d5afad0a5cd9c2d8416c610095d1362d202";
    let packages = json!([
        {"name": "@within/it", "version": "1.2.3", "integrity": null},
        {"name": "openclaw", "version": "1.2.3", "integrity": "sha512-abc=="},
    ]);
    assert_eq!(told, json!({"count": 2, "sha256": sum, "packages": packages}));
    let status = api.get(&token, &format!("/api/deploy/{}/status", bot.id)).await;
    assert_eq!(
        status["bot"]["deployment"]["agent"]["packages"],
        json!({"count": 2, "sha256": sum})
    );
    for (token, bot) in [(&bobs, &bot), (&token, &old)] {
        let none = api.with(token, "GET", &path(bot), Value::Null).await;
        none.refused(404, "not_found");
    }

    // The command line shows the same for a bot of its own and for one of the server's.
    let here = Home::new();
    let store = here.store().await;
    let own = |bot: Bot| Bot {
        user_id: LOCAL_USER.into(),
        ..bot
    };
    keep(&store, &own(bot), &deployment).await;
    keep(&store, &own(old), &before).await;
    let there = Home::new()
        .env("CLAWDWAKO_SERVER_URL", &api.base)
        .env("CLAWDWAKO_SERVER_TOKEN", &token);
    // The binary runs on a thread of its own: the server answers on this one.
    let run = async |args: &[&str]| {
        let (local, remote) = (here.command(args), there.command(&[args, &["--remote"]].concat()));
        tokio::task::spawn_blocking(|| [local, remote].map(|mut c| c.output().unwrap()))
            .await
            .unwrap()
            .map(|ran| (ran.status.code(), String::from_utf8(ran.stdout).unwrap()))
    };
    for (args, part) in [
        (
            vec!["status", "demo", "--packages"],
            "openclaw    1.2.3    sha512-abc==\n\n2 packages, SHA-256",
        ),
        (vec!["status", "demo", "--packages", "--json"], sum),
        (vec!["status", "demo", "--quick", "--json"], sum),
    ] {
        let [local, remote] = run(&args).await;
        assert_eq!(local, remote, "{args:?}");
        assert!(local.0 == Some(0) && local.1.contains(part), "{args:?}: {local:?}");
    }
    let [local, remote] = run(&["status", "old", "--packages", "--json"]).await;
    assert_eq!(local, remote);
    assert!(local.0 == Some(3) && local.1.contains("not noted"), "{local:?}");
}
