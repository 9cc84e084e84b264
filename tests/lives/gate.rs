//! The last gate: which words of the agent are asked again, and which are an answer.

use super::world::World;
use crate::support::alone::alone;
use crate::support::fleet::Mishap;
use clawdwako::error::Kind;
use clawdwako::model::ProviderKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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
