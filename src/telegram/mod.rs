//! Telegram's Bot API, as far as a deployer needs it.
//!
//! Checking a token calls `getMe` and `getWebhookInfo` only: one `getUpdates` from here would
//! throw a running bot out of its own poll. The one place that may poll is [`owner`].

mod call;
mod failure;
mod owner;
mod prove;
mod token;

pub use owner::{link, new_code};
pub(crate) use prove::other_bot;
pub use token::parse_token;

use crate::error::{Result, internal, usage};
use crate::http::Http;
use crate::secrets::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use teloxide_core::payloads::{DeleteWebhook, DeleteWebhookSetters, GetMe, SetWebhook, SetWebhookSetters};
use teloxide_core::requests::Payload;
use url::Url;

/// How long one call may take.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How often a call is tried that was rate limited, or found no network or a broken server.
const TRIES: u32 = 3;
/// The longest pause that Telegram may ask for before we give up.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// One bot, as seen with its token.
#[derive(Clone)]
pub struct Telegram {
    http: Http,
    base: Url,
    token: Secret,
    /// First pause between tries.
    pause: Duration,
}

/// Who a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotIdentity {
    /// Telegram's number of the bot.
    pub id: i64,
    /// Its name in links, without `@`.
    pub username: String,
    /// Its display name.
    pub name: String,
}

/// Where Telegram delivers a bot's updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The address that is set, if any.
    pub url: Option<String>,
    /// Updates that wait for somebody to take them.
    pub pending: u32,
    /// Telegram's last trouble in delivering, in its own words.
    pub last_error: Option<String>,
}

/// `getWebhookInfo` with the fields that we read. The library's own answer type knows a closed
/// list of update kinds, and fails on the newer ones that the agent asks Telegram for.
#[derive(Clone, serde::Serialize)]
struct WebhookQuestion {}

#[derive(serde::Deserialize)]
struct WebhookAnswer {
    #[serde(default)]
    url: String,
    #[serde(default)]
    pending_update_count: u32,
    last_error_message: Option<String>,
}

impl Payload for WebhookQuestion {
    type Output = WebhookAnswer;
    const NAME: &'static str = "GetWebhookInfo";
}

impl Telegram {
    /// A client for one token. `base` is the API's address without `/bot…`.
    ///
    /// # Errors
    /// `usage` if the token or the address cannot be one.
    pub fn new(base: Url, token: &Secret) -> Result<Telegram> {
        parse_token(token)?;
        let mut base = base;
        match base.path_segments_mut() {
            // A slash at its end would be doubled.
            Ok(mut path) => drop(path.pop_if_empty()),
            Err(()) => return Err(usage("Telegram's address must begin with http:// or https://")),
        }
        Ok(Telegram {
            http: Http::new()?,
            base,
            token: token.clone(),
            pause: Duration::from_millis(500),
        })
    }

    /// The same with another first pause between tries, for tests.
    #[must_use]
    pub fn with_pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// `refused` if Telegram does not know the token; `network`, `timeout`, `rate_limited`.
    pub async fn get_me(&self) -> Result<BotIdentity> {
        let me = self.call(&GetMe::new()).await?;
        let name = me.user.full_name();
        Ok(BotIdentity {
            id: i64::try_from(me.user.id.0).map_err(|_| internal("Telegram sent an impossible bot number"))?,
            username: me.user.username.unwrap_or_default(),
            name,
        })
    }

    /// Where updates go; this does not disturb a running bot.
    ///
    /// # Errors
    /// As [`Telegram::get_me`].
    pub async fn webhook(&self) -> Result<Webhook> {
        let info = self.call(&WebhookQuestion {}).await?;
        Ok(Webhook {
            url: Some(info.url).filter(|url| !url.is_empty()),
            pending: info.pending_update_count,
            last_error: info.last_error_message,
        })
    }

    /// Removes the webhook; waiting updates stay. Can be repeated.
    ///
    /// # Errors
    /// As [`Telegram::get_me`].
    pub async fn delete_webhook(&self) -> Result<()> {
        self.call(&DeleteWebhook::new().drop_pending_updates(false)).await?;
        Ok(())
    }

    /// Has updates delivered to `url`, each with `secret` in its header. Can be repeated.
    ///
    /// # Errors
    /// `usage` if the secret or the address is not what Telegram takes; else as
    /// [`Telegram::get_me`].
    pub async fn set_webhook(&self, url: &Url, secret: &Secret) -> Result<()> {
        token::check_webhook(url, secret)?;
        self.call(&SetWebhook::new(url.clone()).secret_token(secret.expose()))
            .await?;
        Ok(())
    }

    /// Tries a repeatable call a few times, obeying Telegram's pauses while they are short.
    async fn call<P>(&self, payload: &P) -> Result<P::Output>
    where
        P: Payload + Serialize,
        P::Output: DeserializeOwned,
    {
        let mut pause = self.pause;
        let mut tries = 1;
        loop {
            let failure = match self.once(payload, CALL_LIMIT).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let wait = failure.wait.unwrap_or(pause);
            if tries == TRIES || !failure.again || wait > MAX_PAUSE {
                return Err(failure.error);
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
            tries += 1;
        }
    }
}
