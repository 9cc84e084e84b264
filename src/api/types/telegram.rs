//! Telegram on the wire.

use crate::secrets::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// The bot's token from @BotFather.
    #[schema(value_type = String, max_length = 80, pattern = "^[1-9][0-9]{0,17}:[A-Za-z0-9_-]{30,61}$")]
    pub token: Secret,
}

/// What Telegram says of a token that it knows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VerifiedToken {
    /// Telegram's numeric id of the bot.
    pub telegram_id: i64,
    /// Telegram's name of it, without `@`.
    pub username: String,
    /// Whether none of the caller's bots uses it. Of other users' bots nothing is told.
    pub free: bool,
    /// The host that a webhook of the token points to: somebody receives its messages.
    pub webhook_host: Option<String>,
}

/// Sets or removes a bot's webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRequest {
    /// The bot.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub bot_id: String,
    /// An https address on port 443, 80, 88 or 8443; none removes the webhook.
    pub url: Option<String>,
}

/// A bot's webhook.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookView {
    /// Where messages are sent to; none if the bot polls.
    pub url: Option<String>,
    /// What Telegram sends along as `X-Telegram-Bot-Api-Secret-Token`: told once, when it is set.
    pub secret_token: Option<String>,
}

/// A bot as Telegram knows it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BotInfoView {
    /// Telegram's numeric id of it.
    pub telegram_id: i64,
    /// Telegram's name of it, without `@`.
    pub username: String,
    /// Its webhook.
    pub webhook: WebhookView,
}
