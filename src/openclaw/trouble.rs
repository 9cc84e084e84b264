//! What can go wrong with an agent: named causes, what they mean, and what to do next.

use super::unit::DESCRIPTION;
use crate::error::{Error, Kind};
use serde::Serialize;

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Which sort.
    pub cause: Cause,
    /// What it means, a sentence without a full stop.
    pub meaning: String,
    /// What to do next.
    pub hint: String,
    /// The agent's own words, if any are telling.
    pub words: Option<String>,
}

impl From<Trouble> for Error {
    fn from(t: Trouble) -> Error {
        let kind = match t.cause {
            // A paused key was refused, for whatever reason: whoever reads the code asks about the key.
            Cause::ModelKey | Cause::ModelPaused | Cause::TelegramToken => Kind::Auth,
            Cause::NoCredit => Kind::Quota,
            _ => Kind::Agent,
        };
        let message = match t.words {
            Some(words) => format!("{}; the agent says: {words}", t.meaning),
            None => t.meaning,
        };
        Error::new(kind, message).hint(t.hint)
    }
}

/// The sorts of trouble that have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The provider refuses the model key.
    ModelKey,
    /// The key's account has no credit left.
    NoCredit,
    /// The agent pauses the key because the provider refused it a moment ago, for either reason.
    ModelPaused,
    /// The provider does not know the model, or the key may not use it.
    ModelName,
    /// The provider is overloaded or limits the rate.
    ModelBusy,
    /// Telegram refuses the bot's token.
    TelegramToken,
    /// Another process polls with the same token.
    SecondPoller,
    /// Telegram cannot be reached.
    TelegramUnreachable,
    /// The memory limit, or the server's memory, was not enough.
    Memory,
    /// The agent refuses its configuration or state.
    Configuration,
    /// The disk is full.
    DiskFull,
    /// Another user's process listens on the gateway's port.
    PortHeld,
    /// The agent's gateway does not take the token that we gave it.
    Gateway,
    /// None of these.
    Unknown,
}

/// What a whole log comes to: a known trouble, else its most telling line.
pub(super) fn named_or_last_words(log: &[String]) -> Trouble {
    // systemd's lines are of memory alone: their numbers would pass for others' status codes.
    let words: Vec<&str> = log
        .iter()
        .filter(|l| own(l) || out_of_memory(l))
        .map(String::as_str)
        .collect();
    match explain(&words.join("\n")) {
        t if t.cause == Cause::Unknown => trouble(Cause::Unknown, last_words(log)),
        // A known trouble needs no line that says nothing of it.
        t => Trouble {
            words: bad_words(log),
            ..t
        },
    }
}

/// What an agent's words mean. Only words are there to go by: the agent has no codes for these.
pub fn explain(words: &str) -> Trouble {
    let lower = words.to_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|n| lower.contains(n));
    let telegram = has(&["telegram", "getupdates", "getme", "bot token", "bot instance"]);
    let cause = if has(&["enospc", "no space left", "disk is full", "sqlite_full", "disk quota"]) {
        Cause::DiskFull
    } else if has(&["terminated by other getupdates", "only one bot instance"]) || telegram && has(&["409", "conflict"])
    {
        Cause::SecondPoller
    } else if telegram && has(&["401", "unauthorized", "404: not found", "invalid token"]) {
        Cause::TelegramToken
    } else if has(&["temporarily disabled after a provider"]) {
        Cause::ModelPaused
    } else if has(&[
        "credit balance",
        "insufficient_quota",
        "exceeded your current quota",
        "billing",
        "out of credit",
        "payment required",
    ]) {
        Cause::NoCredit
    } else if has(&[
        "invalid x-api-key",
        "invalid api key",
        "incorrect api key",
        "api key not valid",
        "api_key_invalid",
        "authentication",
        "permission_denied",
        "401",
        "unauthorized",
    ]) {
        Cause::ModelKey
    } else if has(&["model_not_found", "unknown model", "not_found_error", "model not found"])
        || has(&["model"]) && has(&["404", "does not exist", "not found", "is not supported"])
    {
        Cause::ModelName
    } else if has(&[
        "429",
        "rate limit",
        "rate_limit",
        "overloaded",
        "529",
        "resource_exhausted",
        "503",
    ]) {
        Cause::ModelBusy
    } else if out_of_memory(&lower) {
        Cause::Memory
    } else if has(&[
        "invalid config",
        "config invalid",
        "schema newer than this build",
        "already running",
    ]) {
        Cause::Configuration
    } else if telegram && has(&["timeout", "timed out", "econn", "enotfound", "network", "fetch failed"]) {
        Cause::TelegramUnreachable
    } else {
        Cause::Unknown
    };
    // What follows the first line is where the agent's client looked, not why it failed.
    let telling = words.lines().map(str::trim).find(|line| !line.is_empty());
    trouble(cause, telling.map(short))
}

pub(super) fn out_of_memory(text: &str) -> bool {
    let text = text.to_lowercase();
    // Not every kernel says who killed it; nothing else kills the main process while it starts.
    [
        "oom killer",
        "oom-kill",
        "heap out of memory",
        "exited, code=killed, status=9/kill",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

/// The line of the agent's own that tells most: one that sounds like a failure, else the last.
pub(super) fn last_words(log: &[String]) -> Option<String> {
    let last = || log.iter().rev().find(|l| own(l));
    bad_words(log).or_else(|| last().map(|l| short(l)))
}

/// The last line of the agent's own that sounds like a failure.
pub(super) fn bad_words(log: &[String]) -> Option<String> {
    const BAD: &[&str] = &[
        "blocked",
        "error",
        "fail",
        "fatal",
        "invalid",
        "killed",
        "missing",
        "newer than",
        "no space",
        "refus",
        "cannot",
    ];
    let bad = |l: &&String| own(l) && BAD.iter().any(|word| l.to_lowercase().contains(word));
    log.iter().rev().find(bad).map(|l| short(l))
}

/// Whether a line is the agent's, not systemd's about its unit, which it calls by its name or, up
/// to version 249, by its description.
fn own(line: &str) -> bool {
    !line.contains("clawdwako-") && !line.contains(DESCRIPTION)
}

fn short(line: &str) -> String {
    line.chars().take(400).collect()
}

pub(super) fn trouble(cause: Cause, words: Option<String>) -> Trouble {
    let (meaning, hint) = match cause {
        Cause::ModelKey => (
            "the model's provider refuses the key",
            "make a new key at the provider, give it with `clawdwako secrets set`, and resume",
        ),
        Cause::NoCredit => (
            "the account behind the model key has no credit left",
            "add credit at the provider, then resume; or choose another model with `clawdwako set NAME model=…`",
        ),
        Cause::ModelPaused => (
            "the provider refused the model key a moment ago, so the agent pauses it",
            "check the key and the account's credit at the provider, wait as long as the agent says, then resume",
        ),
        Cause::ModelName => (
            "the provider does not know this model, or the key may not use it",
            "choose another model with `clawdwako set NAME model=…`",
        ),
        Cause::ModelBusy => (
            "the model's provider is busy or limits this account's rate",
            "wait some minutes and resume",
        ),
        Cause::TelegramToken => (
            "Telegram refuses the bot's token (401)",
            "get the token from @BotFather again (/mybots, API Token) and give it anew",
        ),
        Cause::SecondPoller => (
            "something else fetches this bot's messages with the same token (409)",
            "stop the other program that uses this bot, or revoke its token at @BotFather, then resume",
        ),
        Cause::TelegramUnreachable => (
            "the server does not reach Telegram",
            "check the server's network and whether Telegram is blocked there, then resume; `clawdwako doctor` looks closer",
        ),
        Cause::Memory => (
            "the agent ran out of memory",
            "use a server with 4 GB of memory (`--size`)",
        ),
        Cause::Configuration => (
            "the agent refuses its configuration or its state (exit code 78)",
            "`clawdwako resume` writes the configuration anew; state of a newer version needs that version",
        ),
        Cause::DiskFull => (
            "the server's disk is full",
            "free space on the server (`clawdwako ssh NAME -- df -h`), then restart the bot",
        ),
        Cause::PortHeld => (
            "the port of the agent's gateway is held by another user; nothing secret was sent",
            "end the program that holds it, then restart the bot",
        ),
        Cause::Gateway => (
            "the agent's gateway refuses to tell how the agent is",
            "`clawdwako resume NAME` writes the agent's configuration anew and restarts it",
        ),
        Cause::Unknown => (
            "the agent does not work",
            "`clawdwako logs NAME --lines 200` shows its own log",
        ),
    };
    Trouble {
        cause,
        meaning: meaning.into(),
        hint: hint.into(),
        words,
    }
}

/// What to say when another user's process listens where the agent of `bot` should.
pub(super) fn held(bot: &str, port: u16, uid: u32) -> Trouble {
    Trouble {
        meaning: format!(
            "port {port} on the server is held by another user (uid {uid}), not by {bot}'s agent; nothing secret was sent"
        ),
        hint: format!(
            "`clawdwako ssh {bot} -- ss -Hltnpe sport = :{port}` shows the program; end it, then `clawdwako restart {bot}`"
        ),
        ..trouble(Cause::PortHeld, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the agent really said, with the stand-ins answering so.
    #[test]
    fn words_of_the_agent_are_understood() {
        for (words, cause) in [
            (
                "⚠️ anthropic/claude-opus-5 request failed (authentication failed, HTTP 401). Re-authenticate the provider and try again.",
                Cause::ModelKey,
            ),
            (
                "Inline API key for provider \"anthropic\" is temporarily disabled after a provider auth/billing failure. Retry after about 1 minute, or switch to a different auth profile/API key.",
                Cause::ModelPaused,
            ),
            (
                "400 Your credit balance is too low to access the Anthropic API.",
                Cause::NoCredit,
            ),
            (
                "You exceeded your current quota, please check your plan (insufficient_quota)",
                Cause::NoCredit,
            ),
            (
                "The selected model was not found by the provider. Check the model id or choose a different model.",
                Cause::ModelName,
            ),
            ("HTTP 429: rate limited", Cause::ModelBusy),
            ("529 overloaded_error: Overloaded", Cause::ModelBusy),
            (
                "Telegram bot token unauthorized for account \"default\" (getMe returned 401 from Telegram; source: config token).",
                Cause::TelegramToken,
            ),
            (
                "Telegram getUpdates conflict: Conflict: terminated by other getUpdates request; make sure that only one bot instance is running.",
                Cause::SecondPoller,
            ),
            ("telegram: fetch failed ECONNREFUSED", Cause::TelegramUnreachable),
            ("Error: ENOSPC: no space left on device, write", Cause::DiskFull),
            (
                "FATAL ERROR: Reached heap limit: JavaScript heap out of memory",
                Cause::Memory,
            ),
            ("database schema newer than this build", Cause::Configuration),
            ("something never heard of", Cause::Unknown),
        ] {
            assert_eq!(explain(words).cause, cause, "{words}");
        }
    }

    #[test]
    fn an_error_of_many_lines_is_told_by_its_first() {
        let first = "Gateway not reachable at ws://127.0.0.1:18789 (ECONNREFUSED).";
        let words = explain(&format!("\n{first}\nBind: loopback\n")).words;
        assert_eq!(words.as_deref(), Some(first));
    }

    /// What systemd says of the unit, in Debian 12 and in Ubuntu 22.04.
    #[test]
    fn what_systemd_says_is_not_the_agents_word() {
        let lines = [
            "no own word but this",
            "clawdwako-cw-x.service: Failed with result 'exit-code'.",
            "Failed to start OpenClaw agent of the bot demo.",
        ];
        let log: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        assert_eq!(last_words(&log).as_deref(), Some(lines[0]));
        assert_eq!(last_words(&log[1..]), None);
        let named = |line: &str| named_or_last_words(&[line.to_owned()]).cause;
        assert_eq!(
            named("clawdwako-cw-x.service: Consumed 2.429s CPU time."),
            Cause::Unknown
        );
        let killed = "clawdwako-cw-x.service: A process of this unit has been killed by the OOM killer.";
        assert_eq!(named(killed), Cause::Memory);
    }

    /// Which of the two the agent says depends on which of its turns is looked at.
    #[test]
    fn a_refused_key_and_its_pause_are_one_kind() {
        let kind = |words: &str| Error::from(explain(words)).kind();
        assert_eq!(kind("authentication failed, HTTP 401"), Kind::Auth);
        assert_eq!(
            kind("temporarily disabled after a provider auth/billing failure"),
            Kind::Auth
        );
    }
}
