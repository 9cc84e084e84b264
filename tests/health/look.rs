//! How a bot is looked at.

use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::deploy::{Platform, secret_names};
use clawdwako::health::{Ask, by_ssh};
use clawdwako::model::{SshTarget, now};
use clawdwako::secrets::Secret;
use clawdwako::store::{By, Owner};

on_both_engines!(the_key_of_a_look_is_told_once_a_day);

async fn the_key_of_a_look_is_told_once_a_day(engine: Engine) {
    let platform = engine.platform().await;
    let (mut bot, mut deployment) = a_bot("demo", 1);
    bot.user_id = "ada".into();
    deployment.facts.ssh = Some(SshTarget {
        host: "127.0.0.1".into(),
        port: 9,
        user: "root".into(),
    });
    deployment.facts.host_key = Some("no key".into());
    let mut tx = platform.store.begin().await.unwrap();
    tx.insert_bot(&bot).await.unwrap();
    tx.insert_deployment(&deployment).await.unwrap();
    let owner = Owner::Bot(bot.id.clone());
    let key = Secret::new("no key either");
    tx.put_secret(&owner, secret_names::SSH_KEY, &key).await.unwrap();
    tx.commit().await.unwrap();
    let look = by_ssh(Platform {
        store: platform.store.acting(By::Schedule),
        ..platform.clone()
    });
    let day = || now() / (24 * 3_600_000);
    let first = day();
    for ask in [Ask::Look, Ask::Look, Ask::Restart] {
        assert!(look(bot.clone(), deployment.clone(), ask).await.is_err());
    }
    let told = platform.store.audit(None, None, 10).await.unwrap();
    let told: Vec<_> = told.iter().map(|e| (e.actor.as_str(), e.object.clone())).collect();
    let object = format!("bot/{}/{}", bot.id, secret_names::SSH_KEY);
    // It may be midnight (UTC).
    assert!((1..=1 + day() - first).contains(&(told.len() as i64)), "{told:?}");
    assert!(told.iter().all(|t| *t == ("server", Some(object.clone()))), "{told:?}");
}
