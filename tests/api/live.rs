//! What a control server learns of a bot over SSH while somebody waits: from a real server.

use crate::sandbox::stand_ins::StandIns;
use crate::ssh::server::{Server, possible};
use crate::support::api::{Api, open};
use crate::support::bots::a_bot;
use crate::support::cli::Home;
use crate::support::engine::Engine;
use clawdwako::config::ServerSettings;
use clawdwako::deploy::secret_names;
use clawdwako::model::{Bot, BotStatus, Deployment, Role};
use clawdwako::secrets::Secret;
use clawdwako::ssh::generate;
use clawdwako::store::{Owner, Store};
use serde_json::{Value, json};

/// A bot whose server is the one on this machine.
pub fn on(server: &Server) -> (Bot, Deployment) {
    let (bot, mut deployment) = a_bot("demo", 7);
    deployment.facts.ssh = Some(server.target());
    deployment.facts.host_key = Some(server.host.public.clone());
    (bot, deployment)
}

pub async fn keep(store: &Store, server: &Server, bot: &Bot, deployment: &Deployment) {
    let mut tx = store.begin().await.unwrap();
    tx.insert_bot(bot).await.unwrap();
    tx.insert_deployment(deployment).await.unwrap();
    let (owner, key) = (Owner::Bot(bot.id.clone()), &server.user.private);
    tx.put_secret(&owner, secret_names::SSH_KEY, key).await.unwrap();
    let gateway = Secret::new("gateway");
    tx.put_secret(&owner, secret_names::GATEWAY, &gateway).await.unwrap();
    tx.commit().await.unwrap();
}

/// A home that keeps the same bot itself.
pub async fn keeping(server: &Server, bot: &Bot, deployment: &Deployment) -> Home {
    let home = Home::new();
    let store = home.store().await;
    let own = Bot {
        user_id: clawdwako::model::LOCAL_USER.into(),
        ..bot.clone()
    };
    keep(&store, server, &own, deployment).await;
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_tells_how_the_agent_is_if_that_is_asked() {
    if !possible() {
        return;
    }
    let (engine, google) = (Engine::sqlite(), StandIns::start().await);
    let few = ServerSettings {
        guarded_per_minute: 4,
        ..open()
    };
    let api = Api::start(&engine, &google, few).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let server = Server::start();
    let (mut bot, deployment) = on(&server);
    bot.user_id = ada.id.clone();
    keep(&api.store, &server, &bot, &deployment).await;
    let path = format!("/api/deploy/{}/status", bot.id);
    assert_eq!(api.get(&token, &path).await["health"], Value::Null);
    let told = api.get(&token, &format!("{path}?live=true")).await;
    assert_eq!(
        told["health"],
        json!({"verdict": "stopped", "text": "does not run", "pid": null, "version": null, "cage": null})
    );

    // The command line shows the same for a bot of its own and for one of the server's.
    let here = keeping(&server, &bot, &deployment).await;
    let there = Home::new()
        .env("CLAWDWAKO_SERVER_URL", &api.base)
        .env("CLAWDWAKO_SERVER_TOKEN", &token);
    let run = |home: &Home, args: &[&str]| tokio::task::block_in_place(|| home.run(args).ok().out);
    for args in [vec!["status", "demo"], vec!["status", "demo", "--json"]] {
        let local = run(&here, &args);
        assert!(local.contains("does not run"), "{local}");
        let mut remote = args.clone();
        remote.push("--remote");
        assert_eq!(local, run(&there, &remote), "{args:?}");
    }
    let quick = run(&there, &["status", "demo", "--quick", "--json", "--remote"]);
    assert_eq!(serde_json::from_str::<Value>(&quick).unwrap()["health"], Value::Null);

    // A server that is another one now is not asked anything; that is told, and no failure.
    let other = generate("other").unwrap().public;
    let mut moved = deployment.clone();
    moved.facts.host_key = Some(other);
    let facts = serde_json::to_string(&moved.facts).unwrap();
    let mut tx = api.store.begin().await.unwrap();
    let sql = "UPDATE deployments SET facts = $1 WHERE bot_id = $2";
    tx.execute(sql, &[facts.into(), bot.id.clone().into()]).await.unwrap();
    tx.commit().await.unwrap();
    let told = api.get(&token, &format!("{path}?live=true")).await;
    assert_eq!(told["health"]["verdict"], "unreachable", "{told}");
    assert!(told["health"]["text"].as_str().unwrap().contains("pinned"), "{told}");

    // Looks are counted apart: they end, and the rest goes on.
    let mut looks = 0;
    let over = loop {
        let told = api.with(&token, "GET", &format!("{path}?live=true"), Value::Null).await;
        if told.status != 200 {
            break told;
        }
        looks += 1;
        assert!(looks < 20, "nobody counts them");
    };
    over.refused(429, "rate_limited");
    assert!(!over.header("retry-after").is_empty());
    api.get(&token, &path).await;
    api.with(&token, "GET", &format!("{path}?live=perhaps"), Value::Null)
        .await
        .refused(422, "usage");

    // A bot that is not active is not asked.
    let mut tx = api.store.begin().await.unwrap();
    tx.set_bot_status(&bot.id, BotStatus::Stopped, None).await.unwrap();
    tx.commit().await.unwrap();
    let told = api.get(&token, &format!("{path}?live=true")).await;
    assert_eq!(told["health"], Value::Null);
}
