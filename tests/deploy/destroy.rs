//! A destroy ends well only where nothing is left, and touches only what is its own.

use super::ground::{CLOUDS, Ground, begins, quiet, tag, work};
use crate::support::bots::out_of_reach;
use clawdwako::deploy::{self, Platform, Step, secret_names};
use clawdwako::error::Kind;
use clawdwako::model::{Bot, BotStatus, Deployment, DeploymentStatus, EventKind, Facts, ProviderKind};
use clawdwako::provider::ResourceKind;
use clawdwako::sandbox::fault::{self, Rule};
use clawdwako::ssh;
use clawdwako::store::Owner;
use serde_json::json;
use std::sync::Mutex;

fn always(path: &str, method: &str, kind: fault::Kind) -> Rule {
    Rule {
        path: path.into(),
        method: Some(method.into()),
        times: u32::MAX,
        kind,
        code: None,
        message: None,
    }
}

/// Demands that a bot is stuck: not destroyed, with its secrets, and why.
async fn is_stuck(ground: &Ground, bot: &Bot) -> Deployment {
    let (bot, deployment) = ground.records(&bot.id).await;
    assert_eq!(
        (bot.status, deployment.status),
        (BotStatus::Failed, DeploymentStatus::Stuck)
    );
    assert!(bot.failure.is_some() && ground.store().last_failure(&bot.id).await.unwrap().is_some());
    assert!(
        !ground.secrets(&bot.id).await.is_empty(),
        "a destroy goes on with its secrets"
    );
    deployment
}

/// Demands that a bot is destroyed, and nothing left of it but its record.
async fn is_gone(ground: &Ground, bot: &Bot) {
    let (bot, deployment) = ground.records(&bot.id).await;
    assert_eq!(
        (bot.status, deployment.status, bot.failure),
        (BotStatus::Destroyed, DeploymentStatus::Destroyed, None)
    );
    assert_eq!(ground.left(&deployment).await, 0);
    assert_eq!(ground.secrets(&bot.id).await, [""; 0]);
}

#[tokio::test]
async fn what_a_list_left_out_is_found_at_the_end_and_named() {
    let lists = ["/hetzner/v1/firewalls", "/digitalocean/v2/firewalls"];
    for (cloud, list) in CLOUDS.into_iter().zip(lists) {
        let ground = Ground::quick().await;
        let (bot, deployment) = ground.standing("demo", cloud).await;
        let faults = &ground.stand_ins.world.faults;
        let hidden = |event: &_| {
            if begins(event, Step::DeleteFirewall) {
                faults.add(always(list, "GET", fault::Kind::EmptyPage));
            } else if begins(event, Step::DeleteSshKey) {
                faults.clear();
            }
        };
        let e = ground.destroy(&bot, hidden).await.unwrap_err();
        let firewall = deployment.facts.firewall_id.as_deref().unwrap();
        let name = tag(&bot, &deployment).resource_name();
        let told = e.message();
        assert_eq!(e.kind(), Kind::Stuck, "{cloud}: {e:?}");
        assert!(told.contains(&name) && told.contains(firewall), "{cloud}: {told}");
        assert!(e.next_step().unwrap().contains("clawdwako destroy"), "{e:?}");
        is_stuck(&ground, &bot).await;
        assert_eq!(ground.left(&deployment).await, 1);
        ground.destroy(&bot, quiet).await.unwrap();
        is_gone(&ground, &bot).await;
    }
}

/// Whatever it was that was made: none of it is to be seen in another project, and all of it stays.
#[tokio::test]
async fn with_the_token_of_another_project_nothing_is_called_gone() {
    for cloud in CLOUDS {
        let (ground, other) = (Ground::quick().await, Ground::quick().await);
        let elsewhere = Platform {
            store: ground.platform.store.clone(),
            ..other.platform.clone()
        };
        let kinds = [ResourceKind::SshKey, ResourceKind::Firewall, ResourceKind::Server];
        for (upto, things) in kinds.into_iter().zip(1..) {
            let (bot, deployment) = ground.made(&format!("demo-{things}"), cloud, Some(upto)).await;
            deploy::begin_destroy(&elsewhere, &bot, &deployment).await.unwrap();
            let e = work(&elsewhere, &deployment.id, quiet).await.unwrap_err();
            assert_eq!(e.kind(), Kind::Stuck, "{cloud} {upto:?}: {e:?}");
            assert!(e.next_step().unwrap().contains("token"), "{e:?}");
            let stuck = is_stuck(&ground, &bot).await;
            assert_eq!(stuck.facts.server_deleted_at, None);
            assert_eq!(ground.left(&deployment).await, things);
            assert_eq!(other.changes("DELETE", "/"), [""; 0]);

            ground.destroy(&bot, quiet).await.unwrap();
            is_gone(&ground, &bot).await;
        }
    }
}

/// Each fact alone says that something was made.
#[tokio::test]
async fn one_thing_that_was_made_and_cannot_be_seen_is_enough() {
    let ground = Ground::quick().await;
    let known = [
        Facts {
            instance_id: Some("1".into()),
            ..Facts::default()
        },
        Facts {
            firewall_id: Some("1".into()),
            ..Facts::default()
        },
        Facts {
            ssh_key_id: Some("1".into()),
            ..Facts::default()
        },
    ];
    for (i, facts) in known.iter().enumerate() {
        let (bot, deployment) = ground.made(&format!("demo-{i}"), ProviderKind::Hetzner, None).await;
        ground.note(&deployment.id, &[Step::CreateSshKey], Some(facts)).await;
        let e = ground.destroy(&bot, quiet).await.unwrap_err();
        assert_eq!(e.kind(), Kind::Stuck, "{facts:?}");
        is_stuck(&ground, &bot).await;
    }
    // A server that an earlier destroy deleted need not be seen, and neither what was never made.
    let deleted = Facts {
        server_deleted_at: Some(1),
        ..known[0].clone()
    };
    for (i, facts) in [deleted, Facts::default()].iter().enumerate() {
        let (bot, deployment) = ground.made(&format!("gone-{i}"), ProviderKind::Hetzner, None).await;
        ground.note(&deployment.id, &[Step::MakeKeys], Some(facts)).await;
        ground.destroy(&bot, quiet).await.unwrap();
        is_gone(&ground, &bot).await;
    }
}

#[tokio::test]
async fn only_a_webhook_that_may_be_the_agents_is_removed() {
    let ground = Ground::quick().await;
    let hook = json!({"url": "https://hooks.example.org/tg"});
    for (name, started) in [("demo-1", false), ("demo-2", true)] {
        let (bot, deployment) = ground.made(name, ProviderKind::Hetzner, None).await;
        let owner = Owner::Bot(bot.id.clone());
        let token = ground.store().secret(&owner, secret_names::TELEGRAM).await.unwrap();
        ground.telegram(&token, "setWebhook", hook.clone()).await;
        if started {
            ground.note(&deployment.id, &[Step::StartAgent], None).await;
        }
        ground.destroy(&bot, quiet).await.unwrap();
        is_gone(&ground, &bot).await;
        let left = ground.webhook(&token).await;
        assert_eq!(left.is_empty(), started, "{name}: {left}");
    }
}

/// Telegram is no reason to go on paying for a server.
#[tokio::test]
async fn a_webhook_that_cannot_be_removed_is_told_unless_its_token_is_gone() {
    let ground = Ground::quick().await;
    for (i, (status, told)) in [(400, 1), (401, 0)].into_iter().enumerate() {
        let (bot, deployment) = ground.made(&format!("demo-{i}"), ProviderKind::Hetzner, None).await;
        ground.note(&deployment.id, &[Step::StartAgent], None).await;
        let faults = &ground.stand_ins.world.faults;
        faults.add(always("/telegram/*", "POST", fault::Kind::Status(status)));
        let warnings = Mutex::new(Vec::new());
        let hear = |event: &clawdwako::model::Event| {
            if event.kind == EventKind::Warning {
                warnings.lock().unwrap().push(event.text.clone());
            }
        };
        ground.destroy(&bot, hear).await.unwrap();
        faults.clear();
        is_gone(&ground, &bot).await;
        assert_eq!(warnings.lock().unwrap().len(), told, "{status}: {warnings:?}");
    }
}

#[tokio::test]
async fn an_own_server_that_is_not_reached_is_not_destroyed_and_can_be_forgotten() {
    let ground = Ground::quick().await;
    let mut new = ground.wanted("demo", ProviderKind::Existing).await;
    new.ssh_key = Some(ssh::generate("test").unwrap().private);
    let (bot, deployment) = deploy::create(&ground.platform, new).await.unwrap();
    let facts = out_of_reach();
    let steps = [Step::Connect, Step::PrepareSystem];
    ground.note(&deployment.id, &steps, Some(&facts)).await;
    let e = ground.destroy(&bot, quiet).await.unwrap_err();
    assert!(e.next_step().unwrap().contains("--forget"), "{e:?}");
    is_stuck(&ground, &bot).await;

    let (bot, deployment) = ground.records(&bot.id).await;
    deploy::forget(&ground.platform, &bot, &deployment).await.unwrap();
    assert_eq!(ground.secrets(&bot.id).await, [""; 0]);
    assert_eq!(
        ground.store().bot_by_id(&bot.id).await.unwrap_err().kind(),
        Kind::NotFound
    );
}

/// A rented server goes with everything on it, reached or not.
#[tokio::test]
async fn a_rented_server_that_is_not_reached_is_destroyed_all_the_same() {
    let ground = Ground::quick().await;
    let (bot, deployment) = ground
        .made("demo", ProviderKind::Hetzner, Some(ResourceKind::Server))
        .await;
    let gone = out_of_reach();
    let facts = Facts {
        ssh: gone.ssh,
        host_key: gone.host_key,
        ..deployment.facts.clone()
    };
    ground.note(&deployment.id, &[Step::Connect], Some(&facts)).await;
    ground.destroy(&bot, quiet).await.unwrap();
    is_gone(&ground, &bot).await;
    let (_, gone) = ground.records(&bot.id).await;
    assert!(gone.facts.server_deleted_at.is_some());
}

#[tokio::test]
async fn what_belongs_to_another_deployment_stays() {
    for cloud in CLOUDS {
        let ground = Ground::quick().await;
        let (bot, _) = ground.standing("demo", cloud).await;
        let (other, theirs) = ground.standing("other", cloud).await;
        let secrets = ground.secrets(&other.id).await;
        ground.destroy(&bot, quiet).await.unwrap();
        is_gone(&ground, &bot).await;
        assert_eq!(ground.left(&theirs).await, 3, "{cloud}");
        assert_eq!(ground.secrets(&other.id).await, secrets);
        assert_eq!(ground.records(&other.id).await.0.status, BotStatus::Active);
    }
}
