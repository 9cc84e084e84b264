//! The store and the queue, on a real SQLite file and a real PostgreSQL.

mod accounts;
mod allowances;
mod files;
mod idempotency;
mod keys;
mod others;
mod owners;
mod private;
mod queue;
mod records;
mod retention;
mod schema;
mod turns;
mod uses;

use clawdwako::deploy::NewBot;
use clawdwako::model::{Audience, LOCAL_USER, Placement, ProviderKind};
use clawdwako::secrets::Secret;

/// A bot that is wanted; its secrets can be searched for by the word `canary`.
pub fn new_bot(name: &str, telegram_id: i64) -> NewBot {
    NewBot {
        user_id: LOCAL_USER.into(),
        name: name.into(),
        token: Secret::new(format!("{telegram_id}:canary-telegram-token-canary-canary")),
        telegram_id,
        username: None,
        model: "anthropic/claude-opus-5".into(),
        model_key: Secret::new("canary-model-key"),
        audience: Audience::Owner(42),
        provider: ProviderKind::Hetzner,
        placement: Placement::default(),
        ssh_key: None,
    }
}
