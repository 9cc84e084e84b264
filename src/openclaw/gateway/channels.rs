//! How the agent's Telegram is.

use super::{Gateway, Refusal};
use crate::openclaw::health::TelegramState;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// How long the agent may take to tell; milliseconds are usual.
const LIMIT: Duration = Duration::from_secs(10);
/// The account that our configuration gives it.
const ACCOUNT: &str = "default";

/// Asks how Telegram is; none if the agent has nothing to tell yet.
///
/// # Errors
/// As [`Gateway::call`].
pub async fn telegram<S: AsyncRead + AsyncWrite + Unpin>(
    gateway: &mut Gateway<S>,
) -> Result<Option<TelegramState>, Refusal> {
    let status: Status = gateway.call("channels.status", &json!({}), LIMIT).await?;
    Ok(status.telegram())
}

/// The answer of `channels.status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    channel_accounts: Accounts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Accounts {
    telegram: Vec<Account>,
}

/// One account, as both this call and the command `openclaw health --json` tell of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Account {
    account_id: Option<String>,
    connected: Option<bool>,
    lifecycle: Option<String>,
    last_error: Option<String>,
    terminal_disconnect: Option<bool>,
}

impl Status {
    /// The account that counts.
    pub fn telegram(mut self) -> Option<TelegramState> {
        let accounts = &mut self.channel_accounts.telegram;
        let ours = accounts.iter().position(|a| a.account_id.as_deref() == Some(ACCOUNT));
        let at = ours.or((!accounts.is_empty()).then_some(0))?;
        Some(accounts.swap_remove(at).into())
    }
}

impl From<Account> for TelegramState {
    fn from(account: Account) -> TelegramState {
        TelegramState {
            connected: account.connected == Some(true),
            lifecycle: account.lifecycle,
            last_error: account.last_error.filter(|e| !e.trim().is_empty()),
            terminal: account.terminal_disconnect == Some(true),
        }
    }
}
