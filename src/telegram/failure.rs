//! What Telegram's refusals mean.

use crate::error::{Error, Kind};
use crate::http::Miss;
use std::time::Duration;
use teloxide_core::ApiError;

/// An error, how long Telegram wants us to wait, and whether asking again can help.
pub(super) struct Failure {
    pub error: Error,
    pub wait: Option<Duration>,
    pub again: bool,
}

/// What Telegram adds to a refusal.
#[derive(serde::Deserialize)]
pub(super) struct Parameters {
    retry_after: Option<u64>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure {
            again: error.kind().may_retry(),
            error,
            wait: None,
        }
    }
}

impl From<Miss> for Failure {
    fn from(miss: Miss) -> Failure {
        let lasting = matches!(miss, Miss::Final(_));
        let failure = Failure::from(Error::from(miss));
        Failure {
            again: failure.again && !lasting,
            ..failure
        }
    }
}

/// Translates a refusal.
pub(super) fn refused(e: &ApiError, parameters: Option<Parameters>) -> Failure {
    match parameters.and_then(|p| p.retry_after) {
        None => api(e).into(),
        Some(seconds) => Failure {
            error: Error::new(Kind::RateLimited, format!("Telegram asks us to wait {seconds} s"))
                .hint("try again after that time"),
            wait: Some(Duration::from_secs(seconds)),
            again: true,
        },
    }
}

/// What came is no answer of Telegram's. Its text is left out: it can repeat the address, and the
/// address holds the token.
pub(super) fn not_understood() -> Failure {
    Error::new(Kind::Upstream, "Telegram answered something that cannot be understood")
        .hint("try again; if it stays, a proxy may be in between, or clawdwako needs an update")
        .into()
}

fn api(e: &ApiError) -> Error {
    match e {
        ApiError::InvalidToken => Error::new(Kind::Auth, "Telegram refused the token")
            .hint("look at it in @BotFather (/mybots → API Token); a revoked token never works again"),
        ApiError::TerminatedByOtherGetUpdates => second_poller(),
        ApiError::CantGetUpdates => webhook_set(),
        // The library knows some answers only without their prefix or suffix.
        ApiError::Unknown(text) if text.starts_with("Conflict: terminated by other") => second_poller(),
        ApiError::Unknown(text) if text.starts_with("Conflict") && text.contains("webhook") => webhook_set(),
        ApiError::Unknown(text) if text.starts_with("Unauthorized") => {
            Error::new(Kind::Auth, "Telegram refused the token").hint("look at it in @BotFather")
        }
        ApiError::Unknown(text) if text.starts_with("Logged out") => {
            Error::new(Kind::State, "this bot was logged out from Telegram's cloud")
                .hint("wait ten minutes and try again")
        }
        ApiError::Unknown(text)
            if ["Internal Server Error", "Bad Gateway", "Gateway Timeout"].contains(&text.as_str()) =>
        {
            Error::new(Kind::Upstream, "Telegram has an internal problem").hint("try again in a few minutes")
        }
        // Telegram's descriptions name the fault, never the token.
        other => Error::new(Kind::Upstream, format!("Telegram refused the call: {}", words(other)))
            .hint("if it stays, please report it with the command you ran"),
    }
}

fn words(e: &ApiError) -> String {
    let text = match e {
        ApiError::Unknown(text) => text.clone(),
        known => known.to_string(),
    };
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn second_poller() -> Error {
    Error::new(
        Kind::State,
        "something else reads this bot's messages with the same token",
    )
    .hint("stop the other program, or make another bot with @BotFather: one token serves one program")
}

fn webhook_set() -> Error {
    Error::new(
        Kind::State,
        "this bot's messages go to a webhook, so something else uses its token",
    )
    .hint("make another bot with @BotFather, or remove the webhook if nothing uses it any more")
}
