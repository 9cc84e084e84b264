//! Bots and their records.

use super::new_bot;
use crate::support::bots::{a_bot, a_bot_in_full};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::{Platform, create};
use clawdwako::error::Kind;
use clawdwako::model::{Audience, BotStatus, Deployment, DeploymentStatus, Facts, LOCAL_USER, Summary};
use clawdwako::store::{BotFilter, Owner};
use std::path::Path;

on_both_engines! {
    a_bot_is_written_whole_and_its_secrets_are_sealed,
    a_name_and_a_token_serve_one_bot_only_until_it_is_destroyed,
    a_bot_in_short_is_what_its_records_say,
    a_dropped_transaction_leaves_nothing,
    of_two_who_want_one_name_at_once_one_gets_it,
}

async fn a_bot_is_written_whole_and_its_secrets_are_sealed(engine: Engine) {
    let p = engine.platform().await;
    let (bot, deployment) = create(&p, new_bot("demo", 1)).await.unwrap();
    let (found, same) = p.store.bot(LOCAL_USER, "demo").await.unwrap();
    assert_eq!(
        (found.id.as_str(), same.id.as_str()),
        (bot.id.as_str(), deployment.id.as_str())
    );
    assert_eq!(
        p.store.jobs(&deployment.id).await.unwrap().len(),
        5,
        "all jobs but destroy"
    );
    let secret = p.store.secret(&Owner::Bot(bot.id.clone()), "telegram").await.unwrap();
    assert!(secret.expose().contains("canary-telegram"));
    let mut seen = 0;
    search(&engine.files(), &mut |path| {
        let bytes = std::fs::read(path).unwrap();
        seen += usize::from(bytes.windows(4).any(|w| w == b"demo"));
        assert!(
            !bytes.windows(6).any(|w| w == b"canary"),
            "a secret is in {}",
            path.display()
        );
    });
    assert!(seen > 0, "the search looks where the records are");
}

fn search(folder: &Path, look: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            search(&entry.path(), look);
        } else {
            look(&entry.path());
        }
    }
}

async fn a_name_and_a_token_serve_one_bot_only_until_it_is_destroyed(engine: Engine) {
    let p = engine.platform().await;
    let (bot, deployment) = create(&p, new_bot("demo", 1)).await.unwrap();
    assert_eq!(create(&p, new_bot("demo", 2)).await.unwrap_err().kind(), Kind::Exists);
    let e = create(&p, new_bot("other", 1)).await.unwrap_err();
    assert!(e.kind() == Kind::Exists && e.message().contains("\"demo\""), "{e}");
    let mut tx = p.store.begin().await.unwrap();
    for s in [DeploymentStatus::Destroying, DeploymentStatus::Destroyed] {
        tx.set_deployment_status(&deployment.id, s).await.unwrap();
    }
    for s in [BotStatus::Deploying, BotStatus::Destroyed] {
        tx.set_bot_status(&bot.id, s, None).await.unwrap();
    }
    tx.commit().await.unwrap();
    create(&p, new_bot("demo", 1)).await.unwrap();
    assert_eq!(
        p.store
            .bots(LOCAL_USER, BotFilter { destroyed: true })
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(p.store.bots(LOCAL_USER, BotFilter::default()).await.unwrap().len(), 1);
}

async fn a_bot_in_short_is_what_its_records_say(engine: Engine) {
    let p = engine.platform().await;
    let mut bots = vec![a_bot_in_full("whole", 1), a_bot("bare", 2), a_bot_in_full("gone", 3)];
    (bots[1].0.username, bots[1].0.audience) = (None, Audience::Everyone);
    (bots[1].0.status, bots[1].0.failure) = (BotStatus::Failed, Some("no credit \"today\"".into()));
    bots[1].1.facts = Facts::default();
    (bots[2].0.status, bots[2].1.status) = (BotStatus::Destroyed, DeploymentStatus::Destroyed);
    bots.push(a_bot("theirs", 4));
    bots[3].0.user_id = "somebody".into();
    let mut tx = p.store.begin().await.unwrap();
    for (bot, deployment) in &bots {
        tx.insert_bot(bot).await.unwrap();
        tx.insert_deployment(deployment).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (destroyed, names) in [(false, vec!["bare", "whole"]), (true, vec!["bare", "gone", "whole"])] {
        let filter = BotFilter { destroyed };
        let short = p.store.summaries(LOCAL_USER, filter).await.unwrap();
        assert_eq!(short.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), names);
        let records = p.store.bots(LOCAL_USER, filter).await.unwrap();
        let of = |(bot, deployment): &(_, Deployment)| Summary::of(bot, deployment);
        assert_eq!(short, records.iter().map(of).collect::<Vec<_>>());
    }
    let (bot, deployment) = &bots[0];
    assert_eq!(
        serde_json::to_value(Summary::of(bot, deployment)).unwrap(),
        serde_json::json!({
            "name": "whole", "status": "active", "username": "whole_bot", "link": "https://t.me/whole_bot",
            "model": "anthropic/claude-opus-5", "audience": 42, "failure": null, "created_at": bot.created_at,
            "deployment_id": deployment.id, "deployment_status": "active", "provider": "hetzner",
            "region": "fsn1", "size": "cx23", "ipv4": "198.18.0.1", "ipv6": "2001:db8:731:cf0a::1",
            "price_month": 5.99, "currency": "EUR",
        }),
        "what `list --json` shows of a bot"
    );
}

async fn a_dropped_transaction_leaves_nothing(engine: Engine) {
    let p = engine.platform().await;
    let (bot, _) = create(&p, new_bot("demo", 1)).await.unwrap();
    let mut tx = p.store.begin().await.unwrap();
    tx.set_bot_status(&bot.id, BotStatus::Failed, Some("no")).await.unwrap();
    drop(tx);
    assert_eq!(
        p.store.bot(LOCAL_USER, "demo").await.unwrap().0.status,
        BotStatus::Pending
    );
}

async fn of_two_who_want_one_name_at_once_one_gets_it(engine: Engine) {
    let (one, other) = (engine.platform().await, engine.platform().await);
    for round in 0..10 {
        let name = format!("demo-{round}");
        let make = |p: &Platform, telegram_id| {
            let (p, new) = (p.clone(), new_bot(&name, telegram_id));
            tokio::spawn(async move { create(&p, new).await })
        };
        let (a, b) = (make(&one, 100 + round), make(&other, 200 + round));
        let (a, b) = (a.await.unwrap(), b.await.unwrap());
        let (Ok(_), Err(e)) = (if a.is_ok() { (a, b) } else { (b, a) }) else {
            panic!("both or none got the name");
        };
        assert_eq!(e.kind(), Kind::Exists);
        assert_eq!(e.message(), format!("there is a bot named {name:?} already"));
    }
    assert_eq!(
        one.store.bots(LOCAL_USER, BotFilter::default()).await.unwrap().len(),
        10
    );
}
