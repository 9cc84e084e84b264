//! Messages that a bot writes, changes and takes back in private chats.

use super::answer::{Outcome, Refusal, bad, forbidden, ok};
use super::markup;
use super::params::Params;
use super::state::{Bot, Sent};
use crate::sandbox::sync::unix_now;
use serde_json::Value;
use tokio::time::Instant;

/// The most characters in a message, counted after the markup is taken out.
const LONGEST: usize = 4096;

/// What `sendChatAction` may show.
const ACTIONS: &[&str] = &[
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "record_audio",
    "upload_audio",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
    "cancel",
];

pub fn send(bot: &mut Bot, params: &Params) -> Outcome {
    let chat = chat_of(params)?;
    let (text, entities) = text_of(params)?;
    writable(bot, chat)?;
    bot.last_message += 1;
    let sent = Sent {
        chat,
        message_id: bot.last_message,
        text,
        edited: false,
        deleted: false,
        entities,
        date: unix_now(),
    };
    let message = bot.message(&sent);
    bot.sent.push(sent);
    // A message ends the typing that the other side sees.
    if let Some(chat) = bot.chats.get_mut(&chat) {
        chat.typing = None;
    }
    bot.last_answer = Some(Instant::now());
    bot.touch(chat);
    ok(message)
}

/// Drafts are shown while they are written and are no messages.
pub fn send_draft(bot: &mut Bot, params: &Params) -> Outcome {
    let chat = chat_of(params)?;
    text_of(params)?;
    if params.number("draft_id").is_none_or(|id| id == 0) {
        return Err(bad("draft_id must be non-zero"));
    }
    writable(bot, chat)?;
    bot.touch(chat);
    ok(true)
}

pub fn edit_text(bot: &mut Bot, params: &Params) -> Outcome {
    let chat = chat_of(params)?;
    let id = message_of(params)?;
    let (text, entities) = text_of(params)?;
    writable(bot, chat)?;
    let message = bot.live(chat, id).ok_or_else(|| bad("message to edit not found"))?;
    if message.text == text && message.entities == entities {
        return Err(bad(
            "message is not modified: specified new message content and reply markup are exactly the same \
             as a current content and reply markup of the message",
        ));
    }
    (message.text, message.entities, message.edited) = (text, entities, true);
    let copy = message.clone();
    bot.last_answer = Some(Instant::now());
    bot.touch(chat);
    ok(bot.message(&copy))
}

/// Keyboards are not kept, so that only the message is checked.
pub fn edit_markup(bot: &mut Bot, params: &Params) -> Outcome {
    let chat = chat_of(params)?;
    let id = message_of(params)?;
    let copy = bot
        .live(chat, id)
        .ok_or_else(|| bad("message to edit not found"))?
        .clone();
    ok(bot.message(&copy))
}

pub fn delete(bot: &mut Bot, params: &Params) -> Outcome {
    let chat = chat_of(params)?;
    let id = message_of(params)?;
    let message = bot.live(chat, id).ok_or_else(|| bad("message to delete not found"))?;
    message.deleted = true;
    bot.touch(chat);
    ok(true)
}

pub fn chat_action(bot: &mut Bot, params: &Params) -> Outcome {
    let id = chat_of(params)?;
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(bad("wrong parameter action in request"));
    }
    writable(bot, id)?;
    if let Some(chat) = bot.chats.get_mut(&id) {
        chat.typing = (action != "cancel").then(Instant::now);
    }
    ok(true)
}

/// Reactions are not kept; the message must exist (the person's messages have numbers too).
pub fn react(bot: &Bot, params: &Params) -> Outcome {
    let chat = chat_of(params)?;
    let id = message_of(params)?;
    writable(bot, chat)?;
    if id < 1 || id > bot.last_message {
        return Err(bad("message to react not found"));
    }
    ok(true)
}

/// Nobody here presses a button, so every query is unknown.
pub fn answer_callback() -> Outcome {
    Err(bad(
        "query is too old and response timeout expired or query ID is invalid",
    ))
}

/// Nobody here sends a file.
pub fn get_file() -> Outcome {
    Err(bad("invalid file_id"))
}

/// The chat that a call names; only private chats exist here.
pub fn chat_of(params: &Params) -> Result<i64, Refusal> {
    match params.text("chat_id").as_deref().map(str::trim) {
        None | Some("") => Err(bad("chat_id is empty")),
        Some(text) => text.parse().map_err(|_| bad("chat not found")),
    }
}

fn message_of(params: &Params) -> Result<i64, Refusal> {
    params
        .number("message_id")
        .ok_or_else(|| bad("message identifier is not specified"))
}

/// A bot cannot begin a conversation.
fn writable(bot: &Bot, chat: i64) -> Result<(), Refusal> {
    if bot.chats.contains_key(&chat) {
        return Ok(());
    }
    // Groups and channels have negative numbers, and there are none.
    Err(if chat > 0 {
        forbidden("bot can't initiate conversation with a user")
    } else {
        bad("chat not found")
    })
}

/// The text without markup, and its entities.
fn text_of(params: &Params) -> Result<(String, Value), Refusal> {
    let raw = params.text("text").unwrap_or_default();
    let (text, entities) = match params.text("parse_mode").as_deref().unwrap_or_default() {
        "" => (raw, params.json("entities").unwrap_or_else(|| Value::Array(Vec::new()))),
        mode if mode.eq_ignore_ascii_case("html") => {
            let (text, entities) = markup::html(&raw).map_err(|e| bad(format!("can't parse entities: {e}")))?;
            (text, Value::Array(entities))
        }
        // Both Markdowns are taken as they are: nobody here reads them.
        mode if mode.eq_ignore_ascii_case("markdown") || mode.eq_ignore_ascii_case("markdownv2") => {
            (raw, Value::Array(Vec::new()))
        }
        _ => return Err(bad("unsupported parse_mode")),
    };
    if text.trim().is_empty() {
        return Err(bad("message text is empty"));
    }
    if text.chars().count() > LONGEST {
        return Err(bad("message is too long"));
    }
    Ok((text, entities))
}
