//! What Telegram remembers: bots, the updates that wait for them, chats and messages.

use super::token;
use crate::sandbox::random;
use crate::sandbox::sync::unix_now;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use tokio::time::Instant;

/// The shortest user name that Telegram gives out, and the longest.
const USERNAME: std::ops::RangeInclusive<usize> = 5..=32;

/// All bots by id.
#[derive(Default)]
pub struct Registry {
    /// The bots.
    pub bots: BTreeMap<i64, Bot>,
}

/// What BotFather tells the one who made a bot.
#[derive(Debug, Clone, Serialize)]
pub struct NewBot {
    /// The secret.
    pub token: String,
    /// Without `@`; ends in `bot`.
    pub username: String,
    /// The number in front of the token's colon.
    pub id: i64,
}

/// A bot as a status shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Its id.
    pub id: i64,
    /// Its user name.
    pub username: String,
    /// Updates that wait for it.
    pub pending: usize,
    /// The address that updates are posted to.
    pub webhook: Option<String>,
    /// How often each method was called.
    pub calls: BTreeMap<String, u64>,
    /// Methods that do not exist here, and how often they were called.
    pub unknown: BTreeMap<String, u64>,
}

/// A message that a bot wrote.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// The chat.
    pub chat: i64,
    /// Its number in that bot's chats.
    pub message_id: i64,
    /// What is to be read, without markup.
    pub text: String,
    /// Whether it was changed after it was sent.
    pub edited: bool,
    /// Whether the bot took it back.
    pub deleted: bool,
    /// Where bold and the like are.
    #[serde(skip)]
    pub entities: Value,
    /// When, in seconds since 1970.
    pub date: i64,
}

/// A private chat.
pub struct Chat {
    /// First name of the person.
    pub first_name: String,
    /// When the bot was last seen to type; a message ends it.
    pub typing: Option<Instant>,
    /// When anything but typing last happened on the bot's side.
    pub touched: Option<Instant>,
}

/// Where updates would be posted to: the sandbox keeps them in the queue instead.
#[derive(Debug)]
pub struct Webhook {
    /// Address.
    pub url: String,
    /// Whether a certificate was uploaded.
    pub certificate: bool,
    /// Connections at once.
    pub max_connections: i64,
}

/// A bot.
pub struct Bot {
    /// Its id.
    pub id: i64,
    /// Its secret.
    pub token: String,
    /// Its user name.
    pub username: String,
    /// Its display name.
    pub name: String,
    /// When BotFather made it.
    pub born: Instant,
    /// Until when it is logged out.
    pub logged_out: Option<Instant>,
    /// Updates not confirmed yet.
    pub queue: VecDeque<Value>,
    /// The last update's number.
    pub last_update: i64,
    /// The highest number that `getUpdates` gave out or that a webhook took.
    pub last_given: i64,
    /// The last message's number.
    pub last_message: i64,
    /// Which `getUpdates` is the running one: a new one takes the next number.
    pub poll: u64,
    /// Whether a `getUpdates` was ended by `setWebhook` rather than by another one.
    pub poll_ended_by_webhook: bool,
    /// Kinds of updates that the bot wants; `None` is the default set.
    pub allowed: Option<Vec<String>>,
    /// The webhook.
    pub webhook: Option<Webhook>,
    /// Command lists by scope and language.
    pub commands: BTreeMap<String, Value>,
    /// People who wrote to it.
    pub chats: BTreeMap<i64, Chat>,
    /// When a message was last sent or edited.
    pub last_answer: Option<Instant>,
    /// What it wrote.
    pub sent: Vec<Sent>,
    /// Calls by method.
    pub calls: BTreeMap<String, u64>,
    /// Calls of methods that do not exist here.
    pub unknown: BTreeMap<String, u64>,
}

impl Registry {
    /// Makes a bot with a free user name.
    pub fn new_bot(&mut self, name: &str) -> NewBot {
        let mut id = 0;
        while id == 0 || self.bots.contains_key(&id) {
            // Ten digits, as new bots have today.
            id = format!("8{}", random::text(random::DIGITS, 9)).parse().unwrap_or(0);
        }
        let mut username = username(name, "");
        while self.bots.values().any(|b| b.username == username) {
            username = self::username(name, &random::text(random::DIGITS, 4));
        }
        let bot = Bot::new(id, username, name);
        let made = NewBot {
            token: bot.token.clone(),
            username: bot.username.clone(),
            id,
        };
        self.bots.insert(id, bot);
        made
    }
}

/// A user name in Telegram's rules: letters, digits and underscores, starts with a letter,
/// ends in `bot`.
fn username(name: &str, suffix: &str) -> String {
    let mut base: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    base = base.trim_matches(|c: char| c == '_' || c.is_ascii_digit()).to_owned();
    base = base.trim_end_matches("bot").trim_end_matches('_').to_owned();
    base.truncate(USERNAME.end() - suffix.len() - "__bot".len());
    match (base.is_empty(), suffix.is_empty()) {
        (true, _) => format!("sandbox{suffix}_bot"),
        (false, true) => format!("{base}_bot"),
        (false, false) => format!("{base}_{suffix}_bot"),
    }
}

impl Bot {
    fn new(id: i64, username: String, name: &str) -> Self {
        Bot {
            id,
            token: token::new(id),
            username,
            name: name.to_owned(),
            born: Instant::now(),
            logged_out: None,
            queue: VecDeque::new(),
            last_update: 100_000_000,
            last_given: 0,
            last_message: 0,
            poll: 0,
            poll_ended_by_webhook: false,
            allowed: None,
            webhook: None,
            commands: BTreeMap::new(),
            chats: BTreeMap::new(),
            last_answer: None,
            sent: Vec::new(),
            calls: BTreeMap::new(),
            unknown: BTreeMap::new(),
        }
    }

    /// What a status shows.
    pub fn summary(&self) -> Summary {
        Summary {
            id: self.id,
            username: self.username.clone(),
            pending: self.queue.len(),
            webhook: self.webhook.as_ref().map(|w| w.url.clone()),
            calls: self.calls.clone(),
            unknown: self.unknown.clone(),
        }
    }

    /// The bot as a `User`, as others see it.
    pub fn user(&self) -> Value {
        json!({"id": self.id, "is_bot": true, "first_name": self.name, "username": self.username})
    }

    /// A message as the API shows it.
    pub fn message(&self, sent: &Sent) -> Value {
        let mut message = json!({
            "message_id": sent.message_id,
            "from": self.user(),
            "chat": self.chat(sent.chat),
            "date": sent.date,
            "text": sent.text,
        });
        if sent.entities.as_array().is_some_and(|list| !list.is_empty()) {
            message["entities"] = sent.entities.clone();
        }
        if sent.edited {
            message["edit_date"] = unix_now().into();
        }
        message
    }

    /// A private chat as the API shows it.
    pub fn chat(&self, id: i64) -> Value {
        let name = self.chats.get(&id).map_or("", |c| c.first_name.as_str());
        json!({"id": id, "type": "private", "first_name": name, "username": format!("user{id}")})
    }

    /// The live message with that number in that chat.
    pub fn live(&mut self, chat: i64, message_id: i64) -> Option<&mut Sent> {
        self.sent
            .iter_mut()
            .find(|m| m.chat == chat && m.message_id == message_id && !m.deleted)
    }

    /// Notes that the bot did something in a chat.
    pub fn touch(&mut self, chat: i64) {
        if let Some(chat) = self.chats.get_mut(&chat) {
            chat.touched = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_legal_and_unique() {
        let mut registry = Registry::default();
        let names = ["demo", "demo", "Demo Bot", "42", "ö", &"long".repeat(20), "x"];
        let mut seen = std::collections::BTreeSet::new();
        for name in names {
            let bot = registry.new_bot(name);
            assert!(USERNAME.contains(&bot.username.len()), "{}", bot.username);
            assert!(bot.username.ends_with("bot") && bot.username.as_bytes()[0].is_ascii_alphabetic());
            assert!(seen.insert(bot.username));
        }
        assert!(seen.contains("demo_bot"));
    }
}
