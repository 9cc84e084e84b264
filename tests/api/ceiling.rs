//! What a deployment chooses by itself stays within its user's plan, at each cloud.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, at_google, open};
use crate::support::engine::Engine;
use clawdwako::config::{LimitsChange, ServerSettings};
use clawdwako::deploy::{CloudTokens, Platform, Silent};
use clawdwako::error::Kind;
use clawdwako::jobs::drain;
use clawdwako::model::{Deployment, Plan, ProviderKind, Role};
use clawdwako::secrets::Secret;
use clawdwako::store::Worker;
use serde_json::json;
use std::time::Duration;

/// A control server whose first plan has these limits, and a user who has asked for a bot.
async fn asked(google: &StandIns, provider: ProviderKind, limits: LimitsChange) -> (Api, Deployment, Platform, Engine) {
    let engine = Engine::sqlite();
    let settings = ServerSettings {
        plans: [(Plan::Starter, limits)].into(),
        ..open()
    };
    let api = Api::start(&engine, google, settings).await;
    let (_, token) = api.user("ada@example.org", Role::Member).await;
    let keys = &google.world.credentials;
    let cloud_token = match provider {
        ProviderKind::Hetzner => &keys.hetzner,
        _ => &keys.digitalocean,
    };
    let path = format!("/api/secrets/{provider}");
    api.with(&token, "PUT", &path, json!({"value": cloud_token})).await.ok();
    let (telegram, _) = google.bot().await;
    let wanted =
        json!({"name": "demo", "token": telegram, "model": "claude-opus", "model_key": keys.anthropic, "audience": 42});
    let bot = api.with(&token, "POST", "/api/bots/create", wanted).await.ok();
    let id = bot["id"].as_str().unwrap();
    let body = json!({"bot_id": id, "provider": provider});
    api.with(&token, "POST", "/api/deploy", body).await.ok();
    let platform = Platform {
        store: api.store.clone(),
        http: crate::clients::http(),
        endpoints: at_google(google).0,
        tokens: CloudTokens {
            hetzner: Some(Secret::new(keys.hetzner.as_str())),
            digitalocean: Some(Secret::new(keys.digitalocean.as_str())),
        },
    };
    let deployment = api.store.deployment_of(id).await.unwrap();
    (api, deployment, platform, engine)
}

/// Where this provider's stand-in puts a server that nobody chose a place for is none of these.
fn elsewhere(provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::Hetzner => "hel1",
        _ => "sgp1",
    }
}

#[tokio::test]
async fn a_plan_that_allows_nothing_that_fits_is_told_before_anything_is_made() {
    for provider in [ProviderKind::Hetzner, ProviderKind::DigitalOcean] {
        let google = StandIns::start().await;
        let tiny = LimitsChange {
            max_memory_mb: Some(1024),
            ..LimitsChange::default()
        };
        let (api, deployment, platform, _engine) = asked(&google, provider, tiny).await;
        let e = drain(&platform, &deployment.id, &Worker::this(), &Silent)
            .await
            .unwrap_err();
        assert_eq!(e.kind(), Kind::Quota, "{e}");
        assert!(
            e.message().contains("1024 MiB") && e.next_step().unwrap().contains("larger plan"),
            "{e}"
        );
        let made = platform.provider(provider).unwrap().resources(None).await.unwrap();
        assert!(made.is_empty(), "{made:?}");
        let told = api.store.last_failure(&deployment.bot_id).await.unwrap().unwrap();
        assert_eq!(told.code, "quota");
    }
}

#[tokio::test]
async fn what_is_chosen_is_what_the_plan_allows() {
    for provider in [ProviderKind::Hetzner, ProviderKind::DigitalOcean] {
        let google = StandIns::start().await;
        let place = elsewhere(provider);
        let small = LimitsChange {
            max_memory_mb: Some(4096),
            regions: Some(vec![place.into()]),
            ..LimitsChange::default()
        };
        let (api, deployment, platform, _engine) = asked(&google, provider, small).await;
        let (worker, silent) = (Worker::this(), Silent);
        let ordered = async {
            loop {
                let facts = api.store.deployment(&deployment.id).await.unwrap().facts;
                if facts.size.is_some() {
                    return facts;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let facts = tokio::select! {
            facts = ordered => facts,
            ended = drain(&platform, &deployment.id, &worker, &silent) => panic!("{ended:?}"),
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("no server was ordered"),
        };
        assert_eq!(facts.region.as_deref(), Some(place));
        assert!(facts.memory_mb.unwrap() <= 4096, "{facts:?}");
    }
}
