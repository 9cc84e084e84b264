//! The bot itself, and what it can learn about the people who wrote to it.

use super::answer::{Outcome, bad, ok, too_many};
use super::messages::chat_of;
use super::params::Params;
use super::state::Bot;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// How long the cloud bars a bot after `logOut`, and refuses `close` after its birth.
const TEN_MINUTES: Duration = Duration::from_secs(600);

pub fn get_me(bot: &Bot) -> Outcome {
    let mut me = bot.user();
    me["can_join_groups"] = true.into();
    for off in [
        "can_read_all_group_messages",
        "supports_inline_queries",
        "can_connect_to_business",
        "has_main_web_app",
    ] {
        me[off] = false.into();
    }
    ok(me)
}

pub fn log_out(bot: &mut Bot) -> Outcome {
    bot.logged_out = Some(Instant::now() + TEN_MINUTES);
    ok(true)
}

pub fn close(bot: &Bot) -> Outcome {
    if bot.webhook.is_some() {
        return Err(bad("webhook must be deleted before closing"));
    }
    let left = TEN_MINUTES.saturating_sub(bot.born.elapsed());
    if left.is_zero() {
        ok(true)
    } else {
        Err(too_many(left.as_secs() + 1))
    }
}

pub fn get_chat(bot: &Bot, params: &Params) -> Outcome {
    let id = chat_of(params)?;
    if !bot.chats.contains_key(&id) {
        return Err(bad("chat not found"));
    }
    let mut chat = bot.chat(id);
    chat["accent_color_id"] = 0.into();
    chat["max_reaction_count"] = 11.into();
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": false,
        "limited_gifts": false,
        "unique_gifts": false,
        "premium_subscription": false,
        "gifts_from_channels": false,
    });
    ok(chat)
}

pub fn get_chat_member(bot: &Bot, params: &Params) -> Outcome {
    let id = chat_of(params)?;
    let chat = bot.chats.get(&id).ok_or_else(|| bad("chat not found"))?;
    let user = params
        .number("user_id")
        .ok_or_else(|| bad("invalid user_id specified"))?;
    if user == bot.id {
        return ok(json!({"status": "member", "user": bot.user()}));
    }
    if user != id {
        return Err(bad("user not found"));
    }
    ok(json!({
        "status": "member",
        "user": {"id": id, "is_bot": false, "first_name": chat.first_name},
    }))
}
