//! A bot whose destroy was begun: nothing is deployed there any more, and everybody is told how it
//! goes on, from a store of one's own and from a control server's.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::bots::a_bot;
use crate::support::cli::Home;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::model::{Bot, BotStatus, Deployment, DeploymentStatus, JobKind, LOCAL_USER, Role};
use clawdwako::store::Store;
use serde_json::{Value, json};

on_both_engines!(it_is_not_deployed_again);

/// Bot and deployment with a destroy in the queue, as `begin_destroy` leaves them, or one that was
/// cancelled there.
async fn keep(store: &Store, bot: &Bot, deployment: &Deployment, cancelled: bool) {
    let mut tx = store.begin().await.unwrap();
    tx.insert_bot(bot).await.unwrap();
    tx.insert_deployment(deployment).await.unwrap();
    tx.enqueue(&deployment.id, JobKind::DestroyServer, 3).await.unwrap();
    if cancelled {
        tx.cancel_jobs(&deployment.id).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// All that a deploy would change.
async fn state(store: &Store, bot: &Bot) -> String {
    let bot = store.bot_by_id(&bot.id).await.unwrap();
    let deployment = store.deployment_of(&bot.id).await.unwrap();
    let jobs = store.jobs(&deployment.id).await.unwrap();
    format!("{bot:?} {deployment:?} {jobs:?}")
}

async fn it_is_not_deployed_again(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let here = Home::new();
    let there = Home::new()
        .env("CLAWDWAKO_SERVER_URL", &api.base)
        .env("CLAWDWAKO_SERVER_TOKEN", &token);
    let own = here.store().await;
    let states = [
        // Nobody is at it yet.
        ("queued", BotStatus::Deploying, DeploymentStatus::Active),
        ("stuck", BotStatus::Failed, DeploymentStatus::Stuck),
        ("cancelled", BotStatus::Failed, DeploymentStatus::Stuck),
    ];
    for (id, (name, status, of_deployment)) in (7..).zip(states) {
        let (mut bot, mut deployment) = a_bot(name, id);
        (bot.status, deployment.status) = (status, of_deployment);
        bot.user_id = LOCAL_USER.into();
        keep(&own, &bot, &deployment, name == "cancelled").await;
        bot.user_id = ada.id.clone();
        keep(&api.store, &bot, &deployment, name == "cancelled").await;
        let before = [state(&own, &bot).await, state(&api.store, &bot).await];

        let next = format!("clawdwako destroy {name}");
        let told = api.with(&token, "POST", "/api/deploy", json!({"bot_id": bot.id})).await;
        let hint = told.refused(409, "wrong_state").body["error"]["hint"].as_str().unwrap();
        assert!(hint.contains(&next), "{hint}");
        for (home, remote) in [(&here, false), (&there, true)] {
            let mut args = vec!["deploy", name, "--model", "claude-opus", "--json", "--no-input"];
            args.extend(remote.then_some("--remote"));
            let mut command = home.command(&args);
            // The binary runs on a thread of its own: the server answers on this one.
            let ran = tokio::task::spawn_blocking(move || command.output().unwrap())
                .await
                .unwrap();
            assert_eq!(ran.status.code(), Some(1), "{args:?}: {ran:?}");
            let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
            assert_eq!(told["error"]["code"], "wrong_state", "{args:?}: {told}");
            let hint = told["error"]["hint"].as_str().unwrap();
            assert!(hint.contains(&next), "{args:?}: {told}");
        }
        assert_eq!(before, [state(&own, &bot).await, state(&api.store, &bot).await]);
    }
}
