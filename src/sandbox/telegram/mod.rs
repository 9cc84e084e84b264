//! Telegram's Bot API: what a deployer and an agent in a private chat need of it, with
//! Telegram's own refusals, a BotFather, and a person who talks.

mod account;
mod answer;
mod chat;
mod commands;
mod markup;
mod messages;
mod methods;
mod params;
mod state;
mod token;
mod updates;
mod webhook;

pub use chat::Reply;
pub use state::{NewBot, Sent, Summary};

use super::sync::lock;
use super::world::World;
use crate::error::{Error, Kind, Result};
use state::{Bot, Registry};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// Telegram's bots and chats.
pub struct Telegram {
    registry: Mutex<Registry>,
    /// Counts changes, so that long polls and chats wait for one instead of looking again.
    changed: watch::Sender<u64>,
}

impl Default for Telegram {
    fn default() -> Self {
        Telegram {
            registry: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }
}

impl Telegram {
    /// BotFather's `/newbot`: a bot with that display name and a user name made from it.
    pub fn new_bot(&self, name: &str) -> NewBot {
        self.registry().new_bot(name)
    }

    /// What a status shows: every bot with its calls, poller and unknown methods; no token.
    pub fn summary(&self) -> Vec<Summary> {
        self.registry().bots.values().map(Bot::summary).collect()
    }

    /// Everything that a bot wrote, in order, deleted messages included.
    ///
    /// # Errors
    /// `not_found` if there is no such bot.
    pub fn sent(&self, username: &str) -> Result<Vec<Sent>> {
        let registry = self.registry();
        Ok(registry.by_username(username)?.sent.clone())
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.registry)
    }

    /// Changes a bot and wakes whoever waits for a change.
    fn change<T>(&self, id: i64, how: impl FnOnce(&mut Bot) -> T) -> Option<T> {
        let result = self.registry().bots.get_mut(&id).map(how);
        self.changed.send_modify(|n| *n = n.wrapping_add(1));
        result
    }

    /// Changes what nobody waits for.
    fn change_quietly<T>(&self, id: i64, how: impl FnOnce(&mut Bot) -> T) -> Option<T> {
        self.registry().bots.get_mut(&id).map(how)
    }

    /// Reads a bot.
    fn read<T>(&self, id: i64, how: impl FnOnce(&Bot) -> T) -> Option<T> {
        self.registry().bots.get(&id).map(how)
    }
}

impl Registry {
    /// A bot by its user name, or by the name that BotFather was told, if only one has that.
    fn by_username(&self, username: &str) -> Result<&Bot> {
        let wanted = username.trim_start_matches('@');
        let named = || {
            let mut all = self.bots.values().filter(|b| b.name == wanted);
            all.next().filter(|_| all.next().is_none())
        };
        self.bots
            .values()
            .find(|b| b.username.eq_ignore_ascii_case(wanted))
            .or_else(named)
            .ok_or_else(|| {
                Error::new(Kind::NotFound, format!("there is no bot @{wanted} in the sandbox"))
                    .hint("`clawdwako sandbox status` lists the bots")
            })
    }
}

/// Routes, relative to the prefix: `/bot<token>/<method>`.
pub fn router(world: Arc<World>) -> axum::Router {
    // The token is only a part of a path segment, so the path is taken apart by hand.
    axum::Router::new().fallback(methods::handle).with_state(world)
}
