//! Where the operator pays for the server, an image is rented by its number only if it is listed.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, at_google, open};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::config::ServerSettings;
use clawdwako::model::{BotStatus, DeploymentStatus, Plan, Role};
use clawdwako::secrets::Secret;
use clawdwako::secrets::keyring::SecretName;
use serde_json::{Value, json};

on_both_engines!(a_number_is_refused_before_anything_is_bought);

async fn server(engine: &Engine, world: &StandIns, payer: &str) -> Api {
    let (endpoints, mut operator) = at_google(world);
    operator.insert(SecretName::Hetzner, Secret::new("cloud-of-the-operator"));
    let limits = json!({"max_bots": 100, "cloud_tokens": payer});
    let settings = ServerSettings {
        plans: [(Plan::Starter, serde_json::from_value(limits).unwrap())].into(),
        images: vec!["hetzner/310000001".into()],
        ..open()
    };
    Api::start_with(engine, endpoints, operator, settings).await
}

async fn bot(api: &Api, world: &StandIns, token: &str, name: &str) -> Value {
    let telegram = world.bot().await.0;
    let wanted = json!({"name": name, "token": telegram, "model": "claude-opus", "model_key": "sk-x", "audience": 42});
    api.with(token, "POST", "/api/bots/create", wanted).await.ok()["id"].clone()
}

async fn a_number_is_refused_before_anything_is_bought(engine: Engine) {
    let world = StandIns::start().await;
    let (operators, users) = (
        server(&engine, &world, "operator").await,
        server(&engine, &world, "user").await,
    );
    let (_, token) = operators.user("ada@example.org", Role::Member).await;
    let value = json!({"value": "h".repeat(64)});
    users.with(&token, "PUT", "/api/secrets/hetzner", value).await.ok();
    let mut n = 0;
    for (api, image, allowed) in [
        (&operators, "424242", false),
        (&operators, "+310000002", false),
        (&operators, "-1", false),
        (&operators, "310000001", true),
        (&operators, "debian-12", true),
        (&users, "424242", true),
    ] {
        for path in ["/api/deploy", "/api/cloud/provision"] {
            n += 1;
            let id = bot(api, &world, &token, &format!("bot-{n}")).await;
            world.calls.lock().unwrap().clear();
            let asked = json!({"bot_id": id, "provider": "hetzner", "image": image});
            let told = api.with(&token, "POST", path, asked).await;
            let deployment = api.store.deployment_of(id.as_str().unwrap()).await.unwrap();
            let jobs = api.store.jobs(&deployment.id).await.unwrap();
            if allowed {
                assert_eq!(told.status, 202, "{image}: {told:?}");
                assert_eq!(deployment.placement.image.as_deref(), Some(image));
                continue;
            }
            told.refused(403, "quota");
            let text = told.body.to_string();
            assert!(text.contains(image) && text.contains("debian-12"), "{text}");
            assert!(jobs.is_empty(), "{image}: {jobs:?}");
            assert_eq!(
                (deployment.status, deployment.placement.image),
                (DeploymentStatus::Pending, None)
            );
            assert_eq!(*world.calls.lock().unwrap(), [], "no cloud was asked");
        }
    }
    // One that was asked for before the plan changed is not ordered later either, and one whose
    // server is there goes on.
    for (server, status) in [(Value::Null, 403), (json!("77"), 202)] {
        n += 1;
        let id = bot(&users, &world, &token, &format!("bot-{n}")).await;
        let asked = json!({"bot_id": id, "provider": "hetzner", "image": "424242"});
        users.with(&token, "POST", "/api/deploy", asked.clone()).await.ok();
        let id = id.as_str().unwrap();
        let deployment = users.store.deployment_of(id).await.unwrap();
        let mut tx = users.store.begin().await.unwrap();
        let values = [
            deployment.id.clone().into(),
            json!({"instance_id": server}).to_string().into(),
        ];
        let known = "UPDATE deployments SET facts = $2 WHERE id = $1";
        tx.execute(known, &values).await.unwrap();
        for next in [DeploymentStatus::Deploying, DeploymentStatus::Failed] {
            tx.set_deployment_status(&deployment.id, next).await.unwrap();
        }
        for next in [BotStatus::Deploying, BotStatus::Failed] {
            tx.set_bot_status(id, next, None).await.unwrap();
        }
        tx.commit().await.unwrap();
        let told = operators.with(&token, "POST", "/api/deploy", asked).await;
        assert_eq!(told.status, status, "{told:?}");
    }
}
