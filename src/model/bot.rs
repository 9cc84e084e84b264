//! A Telegram bot and its life.

use super::{Audience, Millis, words};
use serde::{Deserialize, Serialize};

/// Where a bot is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BotStatus {
    /// Written down, nothing made yet.
    Pending,
    /// Being deployed, changed or destroyed.
    Deploying,
    /// Answered, and should be answering.
    Active,
    /// Stopped by its user; its server still costs money.
    Stopped,
    /// The last deployment, start, stop or change failed, or is a stop whose end is not known yet.
    Failed,
    /// Its server is gone; only the record is left.
    Destroyed,
}

words!(BotStatus {
    Pending = "pending",
    Deploying = "deploying",
    Active = "active",
    Stopped = "stopped",
    Failed = "failed",
    Destroyed = "destroyed",
});

impl BotStatus {
    /// Whether `next` may follow.
    pub fn may_become(self, next: BotStatus) -> bool {
        use BotStatus::*;
        match (self, next) {
            (a, b) if a == b => true,
            (Destroyed, _) => false,
            (_, Pending) => false,
            (Pending, Active | Stopped) => false,
            _ => true,
        }
    }
}

/// The user whom the bots at a terminal belong to: whoever has the store.
pub const LOCAL_USER: &str = "";

/// One Telegram bot. The token is not here: it is sealed in the store.
#[derive(Debug, Clone, Serialize)]
pub struct Bot {
    /// Our id.
    pub id: String,
    /// Whose it is; [`LOCAL_USER`] at a terminal.
    #[serde(skip)]
    pub user_id: String,
    /// The user's name for it, unique among the user's bots that are not destroyed.
    pub name: String,
    /// Telegram's numeric id of the bot (the part of the token before the colon).
    pub telegram_id: i64,
    /// Telegram's name of it without `@`; known after the first check.
    pub username: Option<String>,
    /// The model, as the agent names it: `provider/model`.
    pub model: String,
    /// Who it answers.
    pub audience: Audience,
    /// Where it is in its life.
    pub status: BotStatus,
    /// Why it failed, for people; free of secrets.
    pub failure: Option<String>,
    /// When it was written down.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

/// What a bot last answered with, kept while a change is not proved yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// The model, as `provider/model`.
    pub model: String,
    /// Who it answered.
    pub audience: Audience,
}

impl Bot {
    /// The link that opens a chat with it.
    pub fn link(&self) -> Option<String> {
        self.username.as_deref().map(chat_link)
    }
}

/// The link that opens a chat with the bot of that Telegram name.
pub(crate) fn chat_link(username: &str) -> String {
    format!("https://t.me/{username}")
}

#[cfg(test)]
mod tests {
    use super::BotStatus::{self, *};

    #[test]
    fn nothing_follows_destroyed_and_nothing_becomes_pending() {
        for &s in BotStatus::ALL {
            assert_eq!(Destroyed.may_become(s), s == Destroyed);
            assert_eq!(s.may_become(Pending), s == Pending);
        }
        assert!(Pending.may_become(Deploying) && Deploying.may_become(Active) && Failed.may_become(Deploying));
        assert!(!Pending.may_become(Active));
    }
}
