//! The last gate: which words of the agent are asked again, and which are an answer.

use super::verbs::Verb;
use super::world::World;
use crate::support::alone::alone;
use crate::support::fleet::Mishap;
use clawdwako::error::Kind;
use clawdwako::model::{BotStatus, DeploymentStatus, ProviderKind};
use clawdwako::sandbox;
use clawdwako::sandbox::fault::{self, Rule};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// Deploys while the agent says this at its first so many turns; answers how it ended, and how
/// often the model was asked.
async fn deployed(words: &'static str, times: u32) -> (Result<(), Kind>, u32) {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let world = World::start(move |script| {
        let stumbles = script == "model_turn" && counted.fetch_add(1, Ordering::SeqCst) < times;
        stumbles.then_some(Mishap::Stumbles(words))
    })
    .await;
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    let ended = world.process().deploy(new).await;
    (ended.map(drop).map_err(|e| e.kind()), asked.load(Ordering::SeqCst))
}

#[tokio::test]
async fn an_agent_that_stumbles_is_asked_again_and_a_refused_key_is_not() {
    if !alone("lives::gate::an_agent_that_stumbles_is_asked_again_and_a_refused_key_is_not") {
        return;
    }
    // Seen on a loaded machine.
    let stumbles = "SQLite read-only worker SQLite staging ownership changed before retirement";
    assert_eq!(deployed(stumbles, 2).await, (Ok(()), 3));
    assert_eq!(deployed(stumbles, 9).await, (Err(Kind::Agent), 3));
    // The key was refused a moment ago, and is good again.
    let paused = "Inline API key is temporarily disabled after a provider auth/billing failure.";
    assert_eq!(deployed(paused, 4).await, (Ok(()), 5));
    let refused = "request failed (authentication failed, HTTP 401)";
    assert_eq!(deployed(refused, 9).await, (Err(Kind::Auth), 1));
}

/// The key is refused while the agent pauses it: that is the answer, and nobody waits for more.
#[tokio::test]
async fn a_paused_key_that_its_provider_still_refuses_is_told_at_once() {
    if !alone("lives::gate::a_paused_key_that_its_provider_still_refuses_is_told_at_once") {
        return;
    }
    let paused = "Inline API key is temporarily disabled after a provider auth/billing failure.";
    let refused = Rule {
        path: "/anthropic/*".into(),
        method: Some("POST".into()),
        times: u32::MAX,
        kind: fault::Kind::Status(401),
        code: None,
        message: None,
    };
    let asked = Arc::new(AtomicU32::new(0));
    let outside: Arc<OnceLock<Arc<sandbox::world::World>>> = Arc::default();
    let (counted, provider) = (Arc::clone(&asked), Arc::clone(&outside));
    let world = World::start(move |script| {
        if script != "model_turn" {
            return None;
        }
        let faults = &provider.get().unwrap().faults;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            faults.add(refused.clone());
        }
        (!faults.list().is_empty()).then_some(Mishap::Stumbles(paused))
    })
    .await;
    assert!(outside.set(Arc::clone(&world.stand_ins.world)).is_ok());
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    let e = world.process().deploy(new).await.map(drop).unwrap_err();
    assert_eq!((e.kind(), asked.load(Ordering::SeqCst)), (Kind::Auth, 1), "{e}");
    assert!(!e.message().contains("agent says") && e.next_step().is_some(), "{e}");
    let (bot, deployment) = world.bot("demo").await.unwrap();
    assert_eq!(
        (bot.status, deployment.status),
        (BotStatus::Failed, DeploymentStatus::Failed)
    );

    // The provider takes it again.
    world.stand_ins.world.faults.clear();
    let process = world.process();
    Verb::Resume.run(&process, "demo", ProviderKind::Hetzner).await.unwrap();
    let (bot, deployment) = world.bot("demo").await.unwrap();
    assert_eq!(
        (bot.status, deployment.status),
        (BotStatus::Active, DeploymentStatus::Active)
    );
    assert_eq!(world.fleet.made(), 1, "on the same server");
}

/// A version of the agent whose gateway is not understood is asked by its command line, and told so.
#[tokio::test]
async fn an_agent_of_another_protocol_is_asked_by_its_command_line() {
    if !alone("lives::gate::an_agent_of_another_protocol_is_asked_by_its_command_line") {
        return;
    }
    let asked = Arc::new(Mutex::new(Vec::new()));
    let scripts = Arc::clone(&asked);
    let world = World::start(move |script| {
        scripts.lock().unwrap().push(script.to_owned());
        (script == "relay").then_some(Mishap::Stranger)
    })
    .await;
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    world.process().deploy(new).await.unwrap();
    let asked = asked.lock().unwrap().clone();
    let count = |name: &str| asked.iter().filter(|script| *script == name).count();
    // Once for the health, once for the turn; the gateway itself is never asked for one.
    assert_eq!((count("ask_agent"), count("model_turn")), (2, 0), "{asked:?}");
    let (_, deployment) = world.bot("demo").await.unwrap();
    let events = world.platform.store.events(&deployment.id, 0, None).await.unwrap();
    let told = events
        .iter()
        .filter(|(_, e)| e.text.contains("its command line is asked"))
        .count();
    assert_eq!(told, 2, "{events:?}");
}

/// An agent that is waited for and never stops talking holds nothing up: its unit is looked at again
/// over the same session.
#[tokio::test]
async fn an_agent_that_talks_without_end_holds_up_nothing() {
    if !alone("lives::gate::an_agent_that_talks_without_end_holds_up_nothing") {
        return;
    }
    let relays = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&relays);
    let world = World::start(move |script| {
        let first = script == "relay" && counted.fetch_add(1, Ordering::SeqCst) == 0;
        first.then_some(Mishap::Floods)
    })
    .await;
    let new = world.wanted("demo", ProviderKind::Hetzner).await;
    let process = world.process();
    let deployed = tokio::time::timeout(Duration::from_secs(60), process.deploy(new)).await;
    deployed.expect("it hangs").unwrap();
    assert_eq!(relays.load(Ordering::SeqCst), 3, "the flood, the health, the turn");
}
