//! Webhooks: which may be set. Nothing is posted to them; the updates wait.

use super::Telegram;
use super::answer::{Outcome, Refusal, bad, done, ok};
use super::params::Params;
use super::state::{Bot, Webhook};
use serde_json::{Value, json};
use url::Url;

/// The ports that Telegram posts to.
const PORTS: [u16; 4] = [443, 80, 88, 8443];
/// The longest secret.
const LONGEST_SECRET: usize = 256;

/// Sets the webhook and ends a running poll; an empty address deletes it.
pub fn set(telegram: &Telegram, id: i64, params: &Params) -> Outcome {
    let url = params.text("url").unwrap_or_default();
    if url.trim().is_empty() {
        return delete(telegram, id, params);
    }
    let hook = checked(url.trim(), params)?;
    telegram.change(id, |bot| {
        bot.poll += 1;
        bot.poll_ended_by_webhook = true;
        bot.webhook = Some(hook);
        if let Some(Value::Array(kinds)) = params.json("allowed_updates") {
            bot.allow(&kinds);
        }
        forget(bot, params);
    });
    done("Webhook was set")
}

/// Deletes the webhook; it is no mistake if there is none.
pub fn delete(telegram: &Telegram, id: i64, params: &Params) -> Outcome {
    let was = telegram.change(id, |bot| {
        forget(bot, params);
        bot.webhook.take()
    });
    done(match was.flatten() {
        Some(_) => "Webhook was deleted",
        None => "Webhook is already deleted",
    })
}

/// `getWebhookInfo`.
pub fn info(bot: &Bot) -> Outcome {
    let mut info = json!({"url": "", "has_custom_certificate": false, "pending_update_count": bot.queue.len()});
    if let Some(hook) = &bot.webhook {
        info["url"] = hook.url.clone().into();
        info["has_custom_certificate"] = hook.certificate.into();
        info["max_connections"] = hook.max_connections.into();
    }
    if let Some(kinds) = &bot.allowed {
        info["allowed_updates"] = json!(kinds);
    }
    ok(info)
}

fn forget(bot: &mut Bot, params: &Params) {
    if params.flag("drop_pending_updates") {
        bot.queue.clear();
    }
}

fn checked(url: &str, params: &Params) -> Result<Webhook, Refusal> {
    let parsed = Url::parse(url).map_err(|_| bad("invalid webhook URL specified"))?;
    if parsed.scheme() != "https" {
        return Err(bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    if !PORTS.contains(&parsed.port_or_known_default().unwrap_or(0)) {
        return Err(bad(
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ));
    }
    if let Some(secret) = params.text("secret_token").filter(|s| !s.is_empty()) {
        if secret.len() > LONGEST_SECRET {
            return Err(bad("secret token is too long"));
        }
        let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !secret.bytes().all(letters) {
            return Err(bad("secret token contains unallowed characters"));
        }
    }
    Ok(Webhook {
        url: url.to_owned(),
        certificate: params.text("certificate").is_some(),
        max_connections: params.number("max_connections").unwrap_or(40).clamp(1, 100),
    })
}
