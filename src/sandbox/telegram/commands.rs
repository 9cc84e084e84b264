//! The menu of commands that a bot shows, by scope and language.

use super::answer::{Outcome, Refusal, bad, ok};
use super::params::Params;
use super::state::Bot;
use serde_json::{Value, json};

/// The most commands in one list.
const MOST: usize = 100;
/// The longest command.
const LONGEST_COMMAND: usize = 32;
/// The longest description.
const LONGEST_DESCRIPTION: usize = 256;

/// The scopes that Telegram knows.
const SCOPES: &[&str] = &[
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
];

pub fn set(bot: &mut Bot, params: &Params) -> Outcome {
    let key = key(params)?;
    let Some(Value::Array(list)) = params.json("commands") else {
        return Err(bad("can't parse commands JSON object"));
    };
    if list.len() > MOST {
        return Err(bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut kept = Vec::with_capacity(list.len());
    for entry in &list {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        // Telegram takes a leading slash and forgets it.
        let command = text("command").trim_start_matches('/').to_owned();
        let description = text("description");
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if command.is_empty() || command.len() > LONGEST_COMMAND || !command.bytes().all(letters) {
            return Err(bad("BOT_COMMAND_INVALID"));
        }
        if description.is_empty() || description.chars().count() > LONGEST_DESCRIPTION {
            return Err(bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
        kept.push(json!({"command": command, "description": description}));
    }
    bot.commands.insert(key, Value::Array(kept));
    ok(true)
}

pub fn get(bot: &Bot, params: &Params) -> Outcome {
    ok(bot.commands.get(&key(params)?).cloned().unwrap_or_else(|| json!([])))
}

pub fn delete(bot: &mut Bot, params: &Params) -> Outcome {
    bot.commands.remove(&key(params)?);
    ok(true)
}

/// One text for scope and language.
fn key(params: &Params) -> Result<String, Refusal> {
    let scope = params.json("scope").unwrap_or_else(|| json!({"type": "default"}));
    let kind = scope["type"].as_str().unwrap_or_default();
    if !SCOPES.contains(&kind) {
        return Err(bad("can't parse BotCommandScope: Unsupported type specified"));
    }
    let language = params.text("language_code").unwrap_or_default();
    Ok(format!("{kind}/{}/{}/{language}", scope["chat_id"], scope["user_id"]))
}
