//! `getUpdates`: long polling by exactly one poller.

use super::Telegram;
use super::answer::{Outcome, Refusal, conflict, ok, refusal};
use super::params::Params;
use super::state::Bot;
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The most updates in one answer.
const MOST: i64 = 100;
/// The longest poll in seconds.
const LONGEST: i64 = 50;

const WEBHOOK_ACTIVE: &str =
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
const OTHER_POLLER: &str = "terminated by other getUpdates request; make sure that only one bot instance is running";
const WEBHOOK_SET: &str = "terminated by setWebhook request";

/// Answers at once when updates wait, else with the first one or after `timeout` seconds.
/// Another `getUpdates` of the same bot ends this one with 409.
pub async fn get(telegram: &Telegram, id: i64, params: &Params) -> Outcome {
    let limit = params.number("limit").unwrap_or(MOST).clamp(1, MOST);
    let limit = usize::try_from(limit).unwrap_or(1);
    let seconds = params.number("timeout").unwrap_or(0).clamp(0, LONGEST);
    let deadline = Instant::now() + Duration::from_secs(seconds.unsigned_abs());
    // Subscribed before the first look, so that no change in between is missed.
    let mut changes = telegram.changed.subscribe();
    let mine = telegram.change(id, |bot| begin(bot, params)).unwrap_or_else(gone)?;
    loop {
        changes.mark_unchanged();
        let updates = telegram
            .change_quietly(id, |bot| look(bot, mine, limit))
            .unwrap_or_else(gone)?;
        if !updates.is_empty() {
            return ok(updates);
        }
        if timeout_at(deadline, changes.changed()).await.is_err() {
            // Time is up: still 409 if somebody took over in the last moment.
            return ok(telegram
                .change_quietly(id, |bot| look(bot, mine, limit))
                .unwrap_or_else(gone)?);
        }
    }
}

fn gone<T>() -> Result<T, Refusal> {
    Err(refusal(401, "Unauthorized"))
}

/// Takes over from a running poll, and forgets what `offset` confirms.
fn begin(bot: &mut Bot, params: &Params) -> Result<u64, Refusal> {
    if bot.webhook.is_some() {
        return Err(conflict(WEBHOOK_ACTIVE));
    }
    if let Some(Value::Array(kinds)) = params.json("allowed_updates") {
        bot.allow(&kinds);
    }
    let offset = params.number("offset").unwrap_or(0);
    if offset > 0 {
        bot.queue.retain(|u| u["update_id"].as_i64() >= Some(offset));
    } else if offset < 0 {
        let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        let drop = bot.queue.len().saturating_sub(keep);
        bot.queue.drain(..drop);
    }
    bot.poll += 1;
    bot.poll_ended_by_webhook = false;
    Ok(bot.poll)
}

fn look(bot: &mut Bot, mine: u64, limit: usize) -> Result<Vec<Value>, Refusal> {
    if bot.poll != mine {
        let why = if bot.poll_ended_by_webhook {
            WEBHOOK_SET
        } else {
            OTHER_POLLER
        };
        return Err(conflict(why));
    }
    let updates: Vec<Value> = bot.queue.iter().take(limit).cloned().collect();
    if let Some(last) = updates.last().and_then(|u| u["update_id"].as_i64()) {
        bot.last_given = bot.last_given.max(last);
    }
    Ok(updates)
}

impl Bot {
    /// Remembers which kinds of updates are wanted; an empty list is the default set.
    pub fn allow(&mut self, kinds: &[Value]) {
        let kinds: Vec<String> = kinds.iter().filter_map(|k| k.as_str().map(str::to_owned)).collect();
        self.allowed = (!kinds.is_empty()).then_some(kinds);
    }
}
