//! Everything that is done on a server, as pure values. The texts are in `assets/host/`; what
//! they have in common: they can be run again at any time (also after being killed), look first
//! whether their work is done, and tell what they learnt as facts.

use super::config::BotFiles;
use super::journal::is_cursor;
use super::npm_unit::settings as npm_unit_settings;
use super::unit::{METADATA, UnitSpec, cage, unit_text};
use crate::error::{Result, usage};
use crate::secrets::Secret;
use crate::ssh::Script;
use std::time::Duration;
use url::Url;

macro_rules! body {
    ($($part:literal),+) => {
        concat!(include_str!("../../assets/host/common.sh"), $(include_str!(concat!("../../assets/host/", $part, ".sh"))),+)
    };
}

/// How long package work of the system's own is waited for.
const APT_WAIT: Duration = Duration::from_secs(300);

/// Whose server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Rented for this bot: it is hardened as a whole.
    Rented,
    /// The user's own: only what the agent needs is added, nothing of the user's is changed.
    Existing,
}

impl Ground {
    fn word(self) -> &'static str {
        match self {
            Ground::Rented => "rented",
            Ground::Existing => "existing",
        }
    }
}

/// A script that runs something in the name of the bot's user, shut in as the agent is.
fn in_its_name(script: Script, user: &str) -> Script {
    script.var("BOT_USER", user).var("CAGE", cage(user).join("\n"))
}

/// A script that knows the addresses that agents are kept from, as the one that writes the firewall.
fn with_metadata(script: Script) -> Script {
    script.var("METADATA", METADATA.join(" "))
}

fn seconds(d: Duration) -> String {
    d.as_secs().to_string()
}

fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Looks at the server. Facts: `os`, `arch`, `memory_mb`, `disk_free_mb`, `container`.
/// Fails where the agent could not live.
pub fn inspect() -> Script {
    // Of what a cloud sells the kernel keeps a part, and a user's own server may be a bit smaller.
    let least = super::MIN_MEMORY_MB * 3 / 4;
    with_metadata(Script::new("inspect", body!("inspect"))).var("LEAST_MB", least.to_string())
}

/// Waits for cloud-init. On rented ground its errors are errors; else they are only told.
/// Fact: `cloud_init`.
pub fn wait_cloud_init(ground: Ground, wait: Duration) -> Script {
    Script::new("wait_cloud_init", body!("wait_cloud_init"))
        .var("WAIT", seconds(wait))
        .var("STRICT", if ground == Ground::Rented { "yes" } else { "no" })
        .within(wait + Duration::from_secs(30))
}

/// Replaces the server's ed25519 host key; open sessions stay. Fact: `host_key`, the new
/// public key, once sshd shows it.
pub fn rotate_host_key(private_key: &Secret) -> Script {
    Script::new("rotate_host_key", body!("rotate_host_key")).input(private_key.clone())
}

/// Packages, security updates, swap, sshd, firewall. Facts: `swap`, `firewall`. What bots share is
/// kept for `user` from here on, also where another bot is taken off the server.
pub fn prepare_system(user: &str, ground: Ground) -> Script {
    with_metadata(Script::new(
        "prepare_system",
        body!("sshd", "firewall", "prepare_system"),
    ))
    .var("BOT_USER", user)
    .var("SERVER", ground.word())
    .var("APT_WAIT", seconds(APT_WAIT))
    .within(APT_WAIT + Duration::from_secs(600))
}

/// The bot's system user, folders and gateway port. Facts: `user`, `port`.
pub fn bot_user(user: &str) -> Script {
    with_metadata(Script::new("bot_user", body!("firewall", "bot_user"))).var("BOT_USER", user)
}

/// The newest Node of a major version. Facts: `node`, `node_sha256`.
pub fn install_node(mirror: &Url, major: u64) -> Script {
    let download = Duration::from_secs(300);
    npm_unit(Script::new("install_node", body!("npm", "install_node")), download * 2)
        .var("NODE_MIRROR", base(mirror))
        .var("MAJOR", major.to_string())
        .var("DOWNLOAD_WAIT", seconds(download))
}

/// Asks the npm registry for a version of the agent. Fact: `registry_answer`, for
/// [`super::registry::parse`]. `node` is any Node on the server.
pub fn resolve_agent(version: &str, node: &str, registry: Option<&Url>) -> Script {
    npm(
        Script::new("resolve_agent", body!("npm", "resolve_agent")),
        node,
        registry,
        Duration::from_secs(120),
    )
    .var("VERSION", version)
}

/// The longest list of packages that is read, in characters; the agent's takes some 40,000.
const LONGEST_LIST: usize = 1024 * 1024;

/// Installs a version of the agent beside the others, and refuses one whose integrity is not
/// the one resolved. Facts: `agent_version`, `integrity`, and `packages`, for
/// [`super::packages::parse`].
pub fn install_openclaw(version: &str, integrity: &str, node: &str, registry: Option<&Url>) -> Script {
    npm(
        Script::new("install_openclaw", body!("npm", "check_tree", "install_openclaw")),
        node,
        registry,
        Duration::from_secs(900),
    )
    .var("VERSION", version)
    .var("INTEGRITY", integrity)
    .facts_up_to(LONGEST_LIST)
}

fn npm(script: Script, node: &str, registry: Option<&Url>, deadline: Duration) -> Script {
    npm_unit(script, deadline)
        .var("NODE", node)
        .var("REGISTRY", registry.map(Url::to_string).unwrap_or_default())
}

/// Lets a script run things as the user of npm, whose unit ends when the script's time does.
fn npm_unit(script: Script, deadline: Duration) -> Script {
    script
        .var("NPM_UNIT", npm_unit_settings(deadline).join("\n"))
        .within(deadline)
}

/// Points the bot at a version of the agent and of Node. Fact: `agent_version`.
pub fn use_version(user: &str, version: &str, node: &str) -> Script {
    Script::new("use_version", body!("use_version"))
        .var("BOT_USER", user)
        .var("VERSION", version)
        .var("NODE", node)
}

/// Writes configuration and secrets, after the agent itself has validated them. Facts: `config` and
/// `said`, for [`super::validation::judge`]; what changed needs a restart.
pub fn configure(user: &str, files: &BotFiles) -> Script {
    let config = format!("{:#}\n", files.config);
    let input = Secret::new(format!("{config}{}", files.secrets.expose()));
    in_its_name(Script::new("configure", body!("configure")), user)
        .var("CONFIG_BYTES", config.len().to_string())
        .var("SECRETS_BYTES", files.secrets.expose().len().to_string())
        .input(input)
        .within(Duration::from_secs(150))
}

/// Writes and enables the bot's unit, and brings everything around it to what this version wants:
/// firewall, sshd, modes; also where an earlier version set the server up. The agent starts anew
/// with [`restart`]. Fact: `unit`, `changed` or `unchanged`.
pub fn secure(spec: &UnitSpec<'_>, ground: Ground) -> Script {
    with_metadata(Script::new("secure", body!("sshd", "firewall", "secure")))
        .var("BOT_USER", spec.user)
        .var("SERVER", ground.word())
        .input(Secret::new(unit_text(spec)))
}

/// Starts the agent; one that runs is left alone. [`look`] tells when it is there. It is not started
/// where another user holds its port: facts for [`super::gateway::door::Shut::read`].
pub fn start(user: &str) -> Script {
    start_how(user, "start")
}

/// Starts the agent anew, and ends whatever else runs in the name of its user; else as [`start`].
pub fn restart(user: &str) -> Script {
    start_how(user, "restart")
}

fn start_how(user: &str, how: &str) -> Script {
    // Stopping may take the unit's whole TimeoutStopSec.
    Script::new("start", body!("knock", "start"))
        .var("BOT_USER", user)
        .var("HOW", how)
        .within(Duration::from_secs(150))
}

/// Stops the agent, also over reboots.
pub fn stop(user: &str) -> Script {
    Script::new("stop", body!("stop"))
        .var("BOT_USER", user)
        .within(Duration::from_secs(150))
}

/// Looks at the agent's unit and at its gateway's `/readyz`, waiting up to `wait` while it may still
/// come up. Facts for [`super::look::Look::parse`]. Where the start before is known (systemd's
/// invocation id, else empty) and it is another now, the reason stands among the lines of the one
/// that ended.
pub fn look(user: &str, wait: Duration, start: &str) -> Script {
    Script::new("look", body!("knock", "cage_state", "look"))
        .var("BOT_USER", user)
        .var("WAIT", seconds(wait))
        .var("START", start)
        .within(wait + Duration::from_secs(30))
}

/// Carries bytes to the gateway of the agent, for [`crate::ssh::Session::relay`]; only if the agent's
/// own user accepted the connection. Else facts for [`super::gateway::door::Shut::read`].
pub fn relay(user: &str) -> Script {
    Script::new("relay", body!("knock", "relay")).var("BOT_USER", user)
}

/// What an agent is asked by its command line, where its gateway speaks an unknown protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question<'a> {
    /// How it is.
    Health,
    /// What it has used.
    Usage,
    /// One turn of the model with this prompt.
    Turn(&'a str),
}

/// The longest answer of the agent's command line that is read, in characters.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Asks the agent by its command line, which may take `wait`. Facts: `answer` in base64, and `exit`;
/// else as of [`relay`].
pub fn ask_agent(user: &str, question: Question<'_>, wait: Duration) -> Script {
    let (ask, prompt) = match question {
        Question::Health => ("health", ""),
        Question::Usage => ("usage", ""),
        Question::Turn(prompt) => ("turn", prompt),
    };
    in_its_name(Script::new("ask_agent", body!("knock", "ask_agent")), user)
        .var("ASK", ask)
        .var("PROMPT", prompt)
        .var("WAIT", seconds(wait))
        .facts_up_to(LONGEST_ANSWER)
        .within(wait + Duration::from_secs(30))
}

/// What to show of the agent's log.
#[derive(Debug, Clone)]
pub struct LogQuery {
    /// How many lines from the end.
    pub lines: u32,
    /// Only from then on: `90s`, `10m`, `2h`, `3d`, or a date and time.
    pub since: Option<String>,
    /// Instead of both: all that came after the entry of this cursor.
    pub after: Option<String>,
    /// Go on with what comes, up to this long.
    pub follow: Option<Duration>,
}

/// The longest entry that is read, in characters: the longest line that journald takes, with each
/// byte as a number of its own.
const LONGEST_ENTRY: usize = 256 * 1024;

/// The agent's log, entry by entry, each for [`super::journal::Entry::parse`].
///
/// # Errors
/// `usage` if `since` is neither a span nor a date, or `after` no cursor.
pub fn logs(user: &str, query: &LogQuery) -> Result<Script> {
    let since = query.since.as_deref().map(since).transpose()?.unwrap_or_default();
    let after = query.after.clone().unwrap_or_default();
    if query.after.is_some() && !is_cursor(&after) {
        return Err(usage("that is no place in an agent's log").hint("give the id of the last line that you have"));
    }
    Ok(Script::new("logs", body!("logs"))
        .var("BOT_USER", user)
        .var("COUNT", query.lines.to_string())
        .var("SINCE", since)
        .var("CURSOR", after)
        .lines_up_to(LONGEST_ENTRY)
        .var("FOLLOW", if query.follow.is_some() { "yes" } else { "no" })
        .within(query.follow.unwrap_or(Duration::from_secs(60))))
}

/// Makes sure that a text says since when to show the log.
///
/// # Errors
/// `usage` if it is neither a span nor a date.
pub fn check_since(text: &str) -> Result<()> {
    since(text).map(drop)
}

/// What [`check_since`] takes, as the API's document tells it.
pub const SINCE: &str = "^([0-9]{1,9}[smhd]|today|yesterday|20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?Z?)?)$";

/// The longest span, in seconds: ten years. journalctl takes none that begins before 1970.
const LONGEST_SPAN: u64 = 10 * 365 * 86_400;

/// Turns `2h` into what journalctl reads; dates pass.
fn since(text: &str) -> Result<String> {
    let span = span(text);
    if span.is_none() && !matches!(text, "today" | "yesterday") && !is_date(text.as_bytes()) {
        return Err(usage(format!("{text:?} is no time to show the log from"))
            .hint("use a span such as 90s, 10m, 2h or 3d, or a date such as \"2026-11-22 10:00\""));
    }
    Ok(span.unwrap_or_else(|| text.replace('T', " ").replace('Z', " UTC")))
}

/// A number with its unit, for journalctl.
fn span(text: &str) -> Option<String> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=9).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (unit, seconds) = match unit {
        "s" => ("s", 1),
        // journalctl takes "m" for minutes only when it is spelt so.
        "m" => ("min", 60),
        "h" => ("h", 3_600),
        "d" => ("d", 86_400),
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    Some(format!("-{}{unit}", number.min(LONGEST_SPAN / seconds)))
}

/// `2026-11-22`, with a time behind it or not.
fn is_date(text: &[u8]) -> bool {
    /// Takes as many digits as the form has, and what else it says.
    fn take<'a>(text: &'a [u8], form: &str) -> Option<(Vec<u32>, &'a [u8])> {
        let (head, rest) = text.split_at_checked(form.len())?;
        let mut numbers = vec![0];
        for (have, want) in head.iter().zip(form.bytes()) {
            match want {
                b'0' if have.is_ascii_digit() => {
                    let last = numbers.last_mut()?;
                    *last = *last * 10 + u32::from(have - b'0');
                }
                _ if *have == want => numbers.push(0),
                _ => return None,
            }
        }
        Some((numbers, rest))
    }
    let Some((date, rest)) = take(text, "0000-00-00") else {
        return false;
    };
    if !matches!(date[..], [2000..=2099, 1..=12, 1..=31]) {
        return false;
    }
    let (Some(b' ' | b'T'), Some((time, rest))) = (rest.first(), rest.get(1..).and_then(|r| take(r, "00:00"))) else {
        return rest.is_empty();
    };
    let (seconds, rest) = take(rest, ":00").unwrap_or((vec![0, 0], rest));
    matches!(time[..], [0..=23, 0..=59]) && matches!(seconds[..], [0, 0..=59]) && matches!(rest, b"" | b"Z")
}

/// Takes one bot off the server; and everything that we ever put there, once it was the last.
/// Fact: `left`, `shared` or `nothing`.
pub fn remove_bot(user: &str) -> Script {
    with_metadata(Script::new("remove_bot", body!("firewall", "remove_bot")))
        .var("BOT_USER", user)
        .within(Duration::from_secs(240))
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn spans_and_dates() {
        for (given, taken) in [
            ("2h", "-2h"),
            ("10m", "-10min"),
            ("3d", "-3d"),
            ("999999999d", "-3650d"),
            ("2026-11-22 23:59", "2026-11-22 23:59"),
            ("2026-11-22T10:00:00Z", "2026-11-22 10:00:00 UTC"),
            ("yesterday", "yesterday"),
        ] {
            assert_eq!(since(given).unwrap(), taken);
        }
        for bad in [
            "",
            "h",
            "2w",
            "-2h",
            "+2h",
            " 2h",
            "2h\n",
            "1234567890s",
            "--flush",
            "2h; reboot",
            "2026-1",
            "2026-13-01",
            "2026-11-22 ",
            "2026-11-22 24:00",
            "2026-11-22 1:00",
            "2026-11-22T10:00:00+01:00",
            "2026-11-22Z",
            "1999-01-01",
            "2é",
        ] {
            assert!(since(bad).is_err(), "{bad}");
        }
    }
}
