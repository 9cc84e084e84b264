//! Webhooks of bots: whoever sets one where an agent polls silences it.

use super::rules;
use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::engine::{Engine, on_sqlite};
use clawdwako::model::{BotStatus, DeploymentStatus, Role};
use serde_json::{Value, json};

on_sqlite!(an_agent_that_polls_is_given_no_webhook);

async fn an_agent_that_polls_is_given_no_webhook(engine: Engine) {
    const HOOK: &str = "https://hook.example.org/here";
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    for (name, bot, deployment, polls) in [
        ("works", BotStatus::Active, DeploymentStatus::Active, true),
        ("starts", BotStatus::Deploying, DeploymentStatus::Deploying, true),
        ("rests", BotStatus::Stopped, DeploymentStatus::Stopped, false),
        ("broken", BotStatus::Failed, DeploymentStatus::Failed, false),
    ] {
        let (id, _) = rules::bot(&api, &world, &ada, name, (bot, deployment)).await;
        let set = |url: Value| {
            api.with(
                &token,
                "POST",
                "/api/telegram/set-webhook",
                json!({"bot_id": id, "url": url}),
            )
        };
        let webhook = async || {
            let path = format!("/api/telegram/bot-info?bot_id={id}");
            api.get(&token, &path).await["webhook"]["url"].take()
        };
        let told = set(json!(HOOK)).await;
        if polls {
            told.refused(409, "wrong_state");
            assert!(told.body["error"]["hint"].as_str().unwrap().contains("stop the bot"));
            assert_eq!(webhook().await, Value::Null, "{name}");
        } else {
            let told = told.ok();
            assert_eq!(told["url"], HOOK, "{name}");
            assert!(!told["secret_token"].as_str().unwrap().is_empty(), "{name}");
            assert_eq!(webhook().await, HOOK, "{name}");
        }
        // None in its place is what every agent wants.
        assert_eq!(set(Value::Null).await.ok()["url"], Value::Null, "{name}");
        assert_eq!(webhook().await, Value::Null, "{name}");
    }
}
