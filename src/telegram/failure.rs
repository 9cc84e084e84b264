//! What Telegram's answers mean. The library's own texts never pass: they can hold the address,
//! and the address holds the token.

use crate::error::{Error, Kind};
use std::time::Duration;
use teloxide_core::{ApiError, RequestError};

/// An error, and how long Telegram wants us to wait.
pub(super) struct Failure {
    pub error: Error,
    pub wait: Option<Duration>,
}

/// Translates the library's error.
pub(super) fn map(e: RequestError) -> Failure {
    let mut wait = None;
    let error = match e {
        RequestError::Api(e) => api(&e),
        RequestError::RetryAfter(seconds) => {
            let pause = seconds.duration();
            wait = Some(pause);
            Error::new(
                Kind::RateLimited,
                format!("Telegram asks us to wait {} s", pause.as_secs()),
            )
            .hint("try again after that time")
        }
        RequestError::Network(e) if e.is_timeout() => Error::new(Kind::Timeout, "Telegram did not answer in time")
            .hint("try again; `clawdwako doctor` looks at the network"),
        // The cause's text is left out: below the library's own error it repeats the address.
        RequestError::Network(_) => Error::new(Kind::Network, "Telegram could not be reached")
            .hint("look at your network (some block Telegram); `clawdwako doctor` tells more"),
        RequestError::InvalidJson { source, .. } => Error::new(
            Kind::Upstream,
            format!(
                "Telegram answered something that cannot be understood (line {}, column {})",
                source.line(),
                source.column()
            ),
        )
        .hint("try again; if it stays, a proxy may be in between, or clawdwako needs an update"),
        RequestError::Io(e) => Error::new(Kind::Io, "a local file for Telegram failed").because(e.kind().to_string()),
        RequestError::MigrateToChatId(_) => Error::new(Kind::Upstream, "Telegram moved this chat"),
    };
    Failure { error, wait }
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
