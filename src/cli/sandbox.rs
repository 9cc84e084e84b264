//! `clawdwako sandbox …`: a world of its own to try everything in.
//!
//! Each function answers a value; the printer is somebody else's.

use crate::error::{Error, Kind, Result};
use crate::sandbox::client::{self, HostAction, Running};
use crate::sandbox::daemon::{self, Options};
use crate::sandbox::hosts::Network;
use crate::sandbox::keys;
use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What to do with the sandbox.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start it in the background
    #[command(after_help = "Example:\n  clawdwako sandbox up --yes")]
    Up,
    /// Show what runs in it
    #[command(after_help = "Example:\n  clawdwako sandbox status --json")]
    Status,
    /// End it, with its servers and its network; images and downloads stay
    #[command(after_help = "Example:\n  clawdwako sandbox down")]
    Down,
    /// Print the variables that point clawdwako and other tools at it
    #[command(after_help = "Example:\n  eval \"$(clawdwako sandbox env)\" && hcloud server list")]
    Env,
    /// Keep Node and the agent of a server, so that servers of image `golden` have them
    #[command(after_help = "Example:\n  clawdwako sandbox image h0123abcd")]
    Image {
        /// A server that a bot was deployed to, by its id in `sandbox status`
        id: String,
    },
    /// Boot a server as if you had it already, for `deploy --provider existing`
    #[command(after_help = "Example:\n  clawdwako sandbox server --name home")]
    Server(Server),
    /// Do something to a server
    #[command(after_help = "Example:\n  clawdwako sandbox host h0123abcd power-off")]
    Host {
        /// Its id in `sandbox status`
        id: String,
        /// What to do
        #[arg(value_enum)]
        action: HostVerb,
    },
    /// Let something go wrong
    #[command(
        subcommand,
        after_help = "Examples:
  clawdwako sandbox fault http /telegram --kind lost-reply
  clawdwako sandbox fault list"
    )]
    Fault(Fault),
    /// Have BotFather make a bot, and print its token for `deploy --token-file`
    #[command(after_help = "Example:\n  clawdwako sandbox bot demo > token")]
    Bot {
        /// What to call it
        name: String,
    },
    /// Say something to a bot as its owner, and print its answer
    #[command(after_help = "Example:\n  clawdwako sandbox chat demo \"hello\"")]
    Chat {
        /// The bot, by your name for it or by its name at Telegram
        name: String,
        /// What to say
        text: String,
        /// How long to wait for the answer, in seconds
        #[arg(long, default_value_t = 120, value_name = "SECONDS")]
        wait: u64,
        /// Say it as this Telegram id instead of the owner
        #[arg(long, value_name = "TELEGRAM_ID")]
        from: Option<i64>,
    },
    /// The sandbox's own process
    #[command(hide = true)]
    Serve(Serve),
}

/// A server to boot.
#[derive(Debug, Args)]
pub struct Server {
    /// Its host name
    #[arg(long, default_value = "existing")]
    pub name: String,
    /// Memory, in MiB
    #[arg(long, default_value_t = 2048, value_name = "MIB")]
    pub memory: i64,
    /// `golden` for Node and the agent already there
    #[arg(long, default_value = "")]
    pub image: String,
}

/// What can be done to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HostVerb {
    /// Reboot it the orderly way
    Reboot,
    /// Switch it on
    PowerOn,
    /// Cut its power
    PowerOff,
    /// Fill its disk
    FillDisk,
    /// Free what was filled
    FreeDisk,
    /// Let packets to and from it vanish
    Blackhole,
    /// Let connections to and from it be reset
    Reset,
    /// Pull its network cable
    Unplug,
    /// Let its network be as it should
    Restore,
    /// Remove it
    Delete,
}

/// What is to go wrong.
#[derive(Debug, Subcommand)]
pub enum Fault {
    /// The next calls of a path fail
    #[command(after_help = "Example:\n  clawdwako sandbox fault http /hetzner/v1/servers --status 503")]
    Http(HttpFault),
    /// The next servers never boot
    #[command(after_help = "Example:\n  clawdwako sandbox fault never-boots")]
    NeverBoots {
        /// How many servers
        #[arg(long, default_value_t = 1)]
        times: u32,
    },
    /// Show what is still to go wrong
    #[command(after_help = "Example:\n  clawdwako sandbox fault list")]
    List,
    /// Nothing is to go wrong any more
    #[command(after_help = "Example:\n  clawdwako sandbox fault clear")]
    Clear,
}

/// Calls that fail.
#[derive(Debug, Args)]
pub struct HttpFault {
    /// Their path, such as /hetzner/v1/servers; * is any text
    pub path: String,
    /// Only calls with this method
    #[arg(long)]
    pub method: Option<String>,
    /// How many calls
    #[arg(long, default_value_t = 1)]
    pub times: u32,
    /// Status to answer with
    #[arg(long, conflicts_with = "kind", value_parser = clap::value_parser!(u16).range(400..600))]
    pub status: Option<u16>,
    /// Another way to fail
    #[arg(long, value_enum)]
    pub kind: Option<FaultKind>,
}

/// Ways in which a call fails, other than with a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FaultKind {
    /// No answer comes
    Timeout,
    /// It is done, but the answer is lost
    LostReply,
    /// Too many requests, with the service's own headers
    RateLimit,
    /// Half an answer, then a broken connection
    HalfBody,
    /// An answer that is no JSON
    BadJson,
    /// The account is out of money, in the service's own words
    NoCredit,
    /// It is done after 20 seconds
    Slow,
}

/// How long a slow answer takes, in milliseconds.
const SLOW_MS: u64 = 20_000;

/// Where the sandbox's process keeps things.
#[derive(Debug, Args)]
pub struct Serve {
    /// Its own folder
    #[arg(long)]
    pub dir: PathBuf,
    /// What all sandboxes share
    #[arg(long)]
    pub cache: PathBuf,
}

/// Does what was asked; `dir` is the sandbox's folder, `cache` what all sandboxes share.
///
/// # Errors
/// `wrong_state` if the sandbox does not run; else as the functions of [`client`].
pub async fn run(
    command: Command,
    dir: &Path,
    cache: &Path,
    yes: bool,
    on_progress: &mut (dyn FnMut(&str) + Send),
) -> Result<Value> {
    match command {
        Command::Up => {
            let running = client::up(dir, cache, yes, on_progress).await?;
            Ok(json!({"running": true, "status": running.status().await?}))
        }
        Command::Status => match client::find(dir).await? {
            Some(running) => Ok(json!({"running": true, "status": running.status().await?})),
            None => Ok(json!({"running": false})),
        },
        Command::Down => Ok(json!({"was_running": client::down(dir).await?})),
        Command::Env => Ok(json!(running(dir).await?.variables()?)),
        Command::Image { id } => running(dir).await?.keep_image(&id).await,
        Command::Server(server) => boot(&running(dir).await?, dir, &server).await,
        Command::Host { id, action } => {
            running(dir).await?.host_action(&id, action.into()).await?;
            Ok(json!({"id": id}))
        }
        Command::Fault(fault) => fail(&running(dir).await?, fault).await,
        Command::Bot { name } => {
            let body = json!({"name": name});
            running(dir)
                .await?
                .control(Method::POST, "telegram/bots", Some(body))
                .await
        }
        Command::Chat { text, .. } if text.trim().is_empty() => {
            Err(crate::error::usage("the text is empty").hint("Telegram takes no empty messages"))
        }
        Command::Chat { name, text, wait, from } => {
            let mut body = json!({"bot": name, "text": text, "timeout_s": wait});
            if let Some(from) = from {
                body["from"] = json!(from);
            }
            running(dir)
                .await?
                .control(Method::POST, "telegram/chat", Some(body))
                .await
        }
        Command::Serve(serve) => {
            daemon::serve(Options {
                dir: serve.dir,
                cache: serve.cache,
            })
            .await?;
            Ok(Value::Null)
        }
    }
}

/// The variables of `sandbox env` as lines that a shell can read.
pub fn export_lines(variables: &Value) -> String {
    let pairs = variables.as_object().into_iter().flatten();
    let line = |(name, value): (&String, &Value)| {
        format!(
            "export {name}={}\n",
            crate::ssh::script::quote(value.as_str().unwrap_or_default())
        )
    };
    pairs.map(line).collect()
}

async fn running(dir: &Path) -> Result<Running> {
    client::find(dir)
        .await?
        .ok_or_else(|| Error::new(Kind::State, "the sandbox does not run").hint("start it with `clawdwako sandbox up`"))
}

/// Boots a server with a key pair of its own; answers the flags that `deploy` takes for it.
async fn boot(running: &Running, dir: &Path, server: &Server) -> Result<Value> {
    let key = keys::key_pair(dir, &server.name).await?;
    let made = running
        .boot_existing(&server.name, &[key.public], server.memory, &server.image)
        .await?;
    let host = format!("root@{}", made.ipv4);
    let quote = |text: &str| crate::ssh::script::quote(text);
    let path = key.private_path.to_string_lossy();
    let flags = format!(
        "--host {host} --ssh-key {} --host-key {}",
        quote(&path),
        quote(&made.host_key)
    );
    Ok(json!({
        "id": made.id, "ipv4": made.ipv4, "host": host, "ssh_key": path,
        "host_key": made.host_key, "fingerprint": made.fingerprint, "flags": flags,
    }))
}

async fn fail(running: &Running, fault: Fault) -> Result<Value> {
    match fault {
        Fault::NeverBoots { times } => {
            running.never_boot(times).await?;
            Ok(json!({"never_boots": times}))
        }
        Fault::List => running.control(Method::GET, "faults", None).await,
        Fault::Clear => {
            running.never_boot(0).await?;
            running.control(Method::DELETE, "faults", None).await
        }
        Fault::Http(fault) => running.control(Method::POST, "faults", Some(fault.body())).await,
    }
}

impl HttpFault {
    fn body(&self) -> Value {
        let kind = match self.kind {
            Some(FaultKind::Timeout) => json!("timeout"),
            Some(FaultKind::LostReply) => json!("lost_reply"),
            Some(FaultKind::RateLimit) => json!("rate_limit"),
            Some(FaultKind::HalfBody) => json!("half_body"),
            Some(FaultKind::BadJson) => json!("bad_json"),
            Some(FaultKind::NoCredit) => json!("no_credit"),
            Some(FaultKind::Slow) => json!({"slow": SLOW_MS}),
            None => json!({"status": self.status.unwrap_or(500)}),
        };
        let method = self.method.as_ref().map(|m| m.to_ascii_uppercase());
        json!({"path": self.path, "method": method, "times": self.times, "kind": kind})
    }
}

impl From<HostVerb> for HostAction {
    fn from(verb: HostVerb) -> Self {
        match verb {
            HostVerb::Reboot => HostAction::Reboot,
            HostVerb::PowerOn => HostAction::PowerOn,
            HostVerb::PowerOff => HostAction::PowerOff,
            HostVerb::FillDisk => HostAction::FillDisk,
            HostVerb::FreeDisk => HostAction::FreeDisk,
            HostVerb::Blackhole => HostAction::Network(Network::Blackhole),
            HostVerb::Reset => HostAction::Network(Network::Reset),
            HostVerb::Unplug => HostAction::Network(Network::Unplug),
            HostVerb::Restore => HostAction::Network(Network::Restore),
            HostVerb::Delete => HostAction::Delete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(subcommand)]
        command: Command,
    }

    fn parse(text: &str) -> Command {
        Cli::try_parse_from(std::iter::once("x").chain(text.split(' ')))
            .unwrap()
            .command
    }

    #[test]
    fn faults_become_the_control_routes_words() {
        let body = |text: &str| match parse(text) {
            Command::Fault(Fault::Http(fault)) => fault.body().to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            body("fault http /hetzner/v1/servers --method post --status 503 --times 2"),
            r#"{"kind":{"status":503},"method":"POST","path":"/hetzner/v1/servers","times":2}"#
        );
        assert_eq!(
            body("fault http /telegram --kind lost-reply"),
            r#"{"kind":"lost_reply","method":null,"path":"/telegram","times":1}"#
        );
        assert_eq!(
            body("fault http /anthropic/* --kind slow"),
            r#"{"kind":{"slow":20000},"method":null,"path":"/anthropic/*","times":1}"#
        );
    }

    #[test]
    fn every_host_verb_is_an_action() {
        let Command::Host { id, action } = parse("host h1 blackhole") else {
            panic!("not a host")
        };
        assert_eq!(
            (id.as_str(), HostAction::from(action)),
            ("h1", HostAction::Network(Network::Blackhole))
        );
    }

    #[test]
    fn variables_are_safe_in_a_shell() {
        let lines = export_lines(&json!({"A": "b c", "D": "it's"}));
        assert_eq!(lines, "export A='b c'\nexport D='it'\\''s'\n");
    }

    #[tokio::test]
    async fn what_does_not_run_says_how_to_start_it() {
        let dir = tempfile::tempdir().unwrap();
        let e = run(Command::Env, dir.path(), dir.path(), false, &mut |_| {})
            .await
            .unwrap_err();
        assert_eq!(
            (e.kind(), e.next_step()),
            (Kind::State, Some("start it with `clawdwako sandbox up`"))
        );
        let status = run(Command::Status, dir.path(), dir.path(), false, &mut |_| {})
            .await
            .unwrap();
        assert_eq!(status, json!({"running": false}));
    }
}
