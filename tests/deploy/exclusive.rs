//! What changes a server is told as the only work of its deployment there; looking disturbs nobody.

use crate::store::new_bot;
use crate::support::bots::a_bot_in_full;
use crate::support::engine::Engine;
use crate::support::recorder::Recorder;
use clawdwako::deploy::{self, NewBot, Platform, Silent, care, create, secret_names};
use clawdwako::health::{Ask, by_ssh};
use clawdwako::jobs::drain;
use clawdwako::model::{Bot, BotStatus, Deployment, DeploymentStatus, Facts, JobStatus, ProviderKind};
use clawdwako::secrets::Secret;
use clawdwako::ssh;
use clawdwako::store::{Owner, Worker};
use std::time::{Duration, Instant};

/// A bot that answered, on the recorder.
async fn bot(p: &Platform, recorder: &Recorder) -> (Bot, Deployment) {
    let new = NewBot {
        provider: ProviderKind::Existing,
        ssh_key: Some(ssh::generate("test").unwrap().private),
        ..new_bot("demo", 1)
    };
    let (bot, deployment) = create(p, new).await.unwrap();
    let facts = Facts {
        ssh: Some(recorder.target.clone()),
        host_key: Some(recorder.host_key.clone()),
        answered_at: Some(1),
        agent: a_bot_in_full("demo", 1).1.facts.agent,
        ..Facts::default()
    };
    let claim = async || {
        p.store
            .claim_job(&deployment.id, "elsewhere/1/1", 60_000)
            .await
            .unwrap()
    };
    while let Some((_, lease)) = claim().await {
        let mut tx = p.store.begin().await.unwrap();
        tx.save_facts(&lease, &facts).await.unwrap();
        tx.end_job(&lease, JobStatus::Done, None, 0).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = p.store.begin().await.unwrap();
    let gateway = Secret::new("gateway");
    tx.put_secret(&Owner::Bot(bot.id.clone()), secret_names::GATEWAY, &gateway)
        .await
        .unwrap();
    tx.set_deployment_status(&deployment.id, DeploymentStatus::Deploying)
        .await
        .unwrap();
    tx.set_deployment_status(&deployment.id, DeploymentStatus::Active)
        .await
        .unwrap();
    tx.set_bot_status(&bot.id, BotStatus::Deploying, None).await.unwrap();
    tx.set_bot_status(&bot.id, BotStatus::Active, None).await.unwrap();
    tx.commit().await.unwrap();
    let deployment = p.store.deployment(&deployment.id).await.unwrap();
    (p.store.bot_by_id(&bot.id).await.unwrap(), deployment)
}

/// What the recorder is told first.
async fn first_told<T: std::fmt::Debug>(recorder: &Recorder, work: impl Future<Output = T>) -> String {
    let since = Instant::now();
    let told = async {
        while recorder.told().is_empty() {
            assert!(since.elapsed() < Duration::from_secs(30), "nothing is told");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // It comes to nothing, since nothing is done there; it may be tried again for long.
    tokio::select! {
        () = told => {}
        ended = work => assert!(!recorder.told().is_empty(), "{ended:?}"),
    }
    recorder.told().remove(0)
}

#[tokio::test]
async fn what_changes_a_server_runs_alone_and_what_looks_does_not() {
    for what in ["destroy", "start", "stop", "restart", "look", "health"] {
        let recorder = Recorder::start().await;
        let engine = Engine::sqlite();
        let p = engine.platform().await;
        let (bot, d) = bot(&p, &recorder).await;
        let worker = Worker::this();
        let drained = || drain(&p, &d.id, &worker, &Silent);
        let asked = |ask| by_ssh(p.clone())(bot.clone(), d.clone(), ask);
        let text = match what {
            "destroy" => {
                deploy::begin_destroy(&p, &bot, &d).await.unwrap();
                first_told(&recorder, drained()).await
            }
            "start" => {
                deploy::begin_start(&p, &bot, &d).await.unwrap();
                first_told(&recorder, drained()).await
            }
            "stop" => first_told(&recorder, care::stop(&p, &bot, &d)).await,
            "restart" => first_told(&recorder, asked(Ask::Restart)).await,
            "look" => first_told(&recorder, asked(Ask::Look)).await,
            _ => first_told(&recorder, care::health(&p, &bot, &d)).await,
        };
        let looks = matches!(what, "look" | "health");
        // Its id is in what is sent for nothing but that.
        assert_eq!(text.contains(&d.id), !looks, "{what}");
    }
}
