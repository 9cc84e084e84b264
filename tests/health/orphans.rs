//! What carries our label, and no bot lives on.

use super::active;
use crate::support::bots::a_bot;
use crate::support::cloud::Clouds;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::health::{Account, orphans, remove};
use clawdwako::http::{Endpoints, Http};
use clawdwako::model::{DeploymentStatus, ProviderKind, new_id};
use clawdwako::provider::{Provider, Tag};
use clawdwako::secrets::Secret;
use std::time::Duration;

on_both_engines! {
    only_what_is_known_to_be_destroyed_is_removed,
    what_is_being_destroyed_is_no_orphan,
}

async fn only_what_is_known_to_be_destroyed_is_removed(engine: Engine) {
    let store = engine.open().await;
    let clouds = Clouds::start().await;
    let endpoints = Endpoints {
        hetzner: clouds.hetzner_url().parse().unwrap(),
        digitalocean: format!("{}/v2/", clouds.digitalocean_url()).parse().unwrap(),
        ..Endpoints::default()
    };
    let http = Http::new().unwrap().with_pause(Duration::from_millis(5));
    for (kind, token) in [
        (ProviderKind::Hetzner, &clouds.world.credentials.hetzner),
        (ProviderKind::DigitalOcean, &clouds.world.credentials.digitalocean),
    ] {
        let provider = Provider::new(kind, &http, &endpoints, Some(&Secret::new(token.clone()))).unwrap();
        let account = Account {
            whose: "operator".into(),
            provider,
        };
        let mut bots = active(&store, 2).await;
        let (lives, gone) = (bots.remove(0).1.id, bots.remove(0));
        let unknown = new_id();
        for id in [&lives, &gone.1.id, &unknown] {
            let tag = Tag {
                deployment_id: id.clone(),
                bot_name: "bot".into(),
            };
            account.provider.ensure_firewall(&tag).await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        for status in [DeploymentStatus::Destroying, DeploymentStatus::Destroyed] {
            tx.set_deployment_status(&gone.1.id, status).await.unwrap();
        }
        tx.commit().await.unwrap();

        let found = orphans(&store, &account).await.unwrap();
        let mut told: Vec<_> = found
            .iter()
            .map(|o| (o.resource.deployment_id.clone(), o.destroyed_here))
            .collect();
        told.sort();
        let mut wanted = vec![(gone.1.id.clone(), true), (unknown.clone(), false)];
        wanted.sort();
        assert_eq!(told, wanted);

        let left = remove(&account, found).await.unwrap();
        assert_eq!(left.len(), 1);
        let mut there: Vec<_> = account
            .provider
            .resources(None)
            .await
            .unwrap()
            .into_iter()
            .map(|r| r.deployment_id)
            .collect();
        there.sort();
        let mut wanted = vec![lives, unknown];
        wanted.sort();
        assert_eq!(there, wanted, "what somebody else may need stays");
        // For the other cloud's turn.
        for (bot, _) in store.bots("", Default::default()).await.unwrap() {
            let mut tx = store.begin().await.unwrap();
            tx.erase_bot(&bot.id).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

/// Not even where the destroy failed: the record says what is left, and goes on with it.
async fn what_is_being_destroyed_is_no_orphan(engine: Engine) {
    let store = engine.open().await;
    let clouds = Clouds::start().await;
    let endpoints = Endpoints {
        hetzner: clouds.hetzner_url().parse().unwrap(),
        ..Endpoints::default()
    };
    let http = Http::new().unwrap().with_pause(Duration::from_millis(5));
    let token = Secret::new(clouds.world.credentials.hetzner.clone());
    let provider = Provider::new(ProviderKind::Hetzner, &http, &endpoints, Some(&token)).unwrap();
    let account = Account {
        whose: "operator".into(),
        provider,
    };
    for (i, &status) in DeploymentStatus::ALL.iter().enumerate() {
        let (bot, mut deployment) = a_bot(&format!("bot-{i}"), i as i64);
        deployment.status = status;
        let mut tx = store.begin().await.unwrap();
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        tx.commit().await.unwrap();
        let tag = Tag {
            deployment_id: deployment.id.clone(),
            bot_name: bot.name.clone(),
        };
        account.provider.ensure_firewall(&tag).await.unwrap();
        let found = orphans(&store, &account).await.unwrap();
        let is_one = found.iter().any(|o| o.resource.deployment_id == deployment.id);
        assert_eq!(is_one, status == DeploymentStatus::Destroyed, "{status}");
        if !is_one {
            remove(&account, found).await.unwrap();
            let left = account.provider.resources(Some(&deployment.id)).await.unwrap();
            assert_eq!(left.len(), 1, "{status}");
        }
    }
}
