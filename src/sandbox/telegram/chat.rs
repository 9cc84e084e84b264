//! A person who talks to a bot, from a script: says something and waits for the answer.

use super::Telegram;
use super::state::{Bot, Chat};
use crate::error::{Error, Kind, Result};
use crate::sandbox::sync::unix_now;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long nothing may happen in the chat before the answer counts as whole: long answers
/// come in several messages.
const SETTLE: Duration = Duration::from_millis(700);
/// How long Telegram's apps show "typing" after a `sendChatAction`.
const TYPING: Duration = Duration::from_secs(5);
/// How long a progress note may stay after the answer: agents leave it up for some seconds.
const NOTE_STAYS: Duration = Duration::from_secs(6);
/// What progress notes begin with, while the agent works with its tools.
const NOTE: &str = "Working";

/// What the bot answered.
#[derive(Debug, Clone, Serialize)]
pub struct Reply {
    /// The answer; several messages are joined by line breaks.
    pub reply: String,
    /// From saying it to the answer's last message, in milliseconds.
    pub ms: u64,
}

/// How a turn stands.
#[derive(Debug, PartialEq)]
enum Turn {
    /// Nothing to be read yet.
    Open,
    /// There is an answer; it is whole if nothing changes until then.
    Until(Instant),
}

impl Telegram {
    /// Somebody says something to a bot, `/start PAYLOAD` from a deep link too. Answers the
    /// update's number without waiting for the bot; `None` if the bot does not want messages.
    ///
    /// # Errors
    /// `not_found` if there is no such bot.
    pub fn say(&self, username: &str, from: i64, text: &str) -> Result<Option<i64>> {
        let id = self.registry().by_username(username)?.id;
        Ok(self.change(id, |bot| hear(bot, from, text)).flatten())
    }

    /// Somebody says something to a bot and waits for the whole answer: progress notes and
    /// messages that the bot took back are none, and while the bot is seen typing it is not
    /// whole yet.
    ///
    /// # Errors
    /// `not_found` if there is no such bot; `timeout` with what was seen instead.
    pub async fn chat(&self, username: &str, from: i64, text: &str, timeout: Duration) -> Result<Reply> {
        let started = Instant::now();
        let deadline = started + timeout;
        let mut changes = self.changed.subscribe();
        let (id, before) = {
            let registry = self.registry();
            let bot = registry.by_username(username)?;
            (bot.id, bot.sent.len())
        };
        let update = self.say(username, from, text)?;
        loop {
            changes.mark_unchanged();
            let turn = self.read(id, |bot| turn(bot, from, before)).unwrap_or(Turn::Open);
            let look_again = match turn {
                Turn::Until(when) if when <= Instant::now() => {
                    return self
                        .read(id, |bot| reply(bot, from, before, started))
                        .ok_or_else(|| crate::error::internal("the bot is gone"));
                }
                Turn::Until(when) => when.min(deadline),
                Turn::Open => deadline,
            };
            if timeout_at(look_again, changes.changed()).await.is_err() && Instant::now() >= deadline {
                let seen = self.read(id, |bot| silence(bot, from, before, update));
                return Err(Error::new(
                    Kind::Timeout,
                    format!("@{username} did not answer within {} s", timeout.as_secs()),
                )
                .hint(seen.unwrap_or("the bot is gone")));
            }
        }
    }
}

/// Puts a message into the bot's queue.
fn hear(bot: &mut Bot, from: i64, text: &str) -> Option<i64> {
    let first_name = format!("User {from}");
    bot.chats.entry(from).or_insert_with(|| Chat {
        first_name: first_name.clone(),
        typing: None,
        touched: None,
    });
    bot.last_message += 1;
    if bot
        .allowed
        .as_ref()
        .is_some_and(|kinds| !kinds.iter().any(|k| k == "message"))
    {
        return None;
    }
    bot.last_update += 1;
    let mut message = json!({
        "message_id": bot.last_message,
        "from": {
            "id": from,
            "is_bot": false,
            "first_name": first_name,
            "username": format!("user{from}"),
            "language_code": "en",
        },
        "chat": bot.chat(from),
        "date": unix_now(),
        "text": text,
    });
    if let Some(command) = command(text) {
        message["entities"] = command;
    }
    bot.queue
        .push_back(json!({"update_id": bot.last_update, "message": message}));
    Some(bot.last_update)
}

/// The entity of a command at the beginning of a text.
fn command(text: &str) -> Option<Value> {
    let word = text.split_whitespace().next().filter(|w| w.len() > 1)?;
    (text.starts_with('/'))
        .then(|| json!([{"type": "bot_command", "offset": 0, "length": word.encode_utf16().count()}]))
}

/// Whether the first line is a progress note's.
fn is_note(text: &str) -> bool {
    text.lines()
        .next()
        .is_some_and(|line| line.trim().trim_end_matches(['.', '…']) == NOTE)
}

fn turn(bot: &Bot, chat: i64, before: usize) -> Turn {
    let live = || bot.sent[before..].iter().filter(|m| m.chat == chat && !m.deleted);
    let Some(state) = bot.chats.get(&chat) else {
        return Turn::Open;
    };
    let Some(touched) = state.touched.filter(|_| live().any(|m| !is_note(&m.text))) else {
        return Turn::Open;
    };
    let mut until = touched + SETTLE;
    if live().any(|m| is_note(&m.text)) {
        until = touched + NOTE_STAYS;
    }
    if let Some(typing) = state.typing {
        until = until.max(typing + TYPING);
    }
    Turn::Until(until)
}

fn reply(bot: &Bot, chat: i64, before: usize, started: Instant) -> Reply {
    let answers: Vec<&str> = bot.sent[before..]
        .iter()
        .filter(|m| m.chat == chat && !m.deleted && !is_note(&m.text))
        .map(|m| m.text.as_str())
        .collect();
    let answered = bot.last_answer.unwrap_or_else(Instant::now);
    Reply {
        reply: answers.join("\n"),
        ms: u64::try_from(answered.saturating_duration_since(started).as_millis()).unwrap_or(u64::MAX),
    }
}

/// What to look at when no answer came.
fn silence(bot: &Bot, chat: i64, before: usize, update: Option<i64>) -> &'static str {
    match update {
        None => "the bot asked Telegram for other updates than messages (allowed_updates)",
        Some(_) if bot.webhook.is_some() => {
            "the bot has a webhook set, and the sandbox posts to none: delete the webhook and poll"
        }
        Some(update) if bot.last_given < update => {
            "the bot never fetched the message: look whether the agent runs and is connected to Telegram"
        }
        Some(_) if bot.sent[before..].iter().any(|m| m.chat == chat) => {
            "the bot only showed that it is working: give it more time with --timeout, or look at its log"
        }
        Some(_) => "the bot fetched the message and kept silent: it answers its owner only, or its model failed",
    }
}
