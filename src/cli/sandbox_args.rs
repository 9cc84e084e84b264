//! `clawdwako sandbox …`: its grammar.

use clap::{Args, Subcommand};

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  clawdwako sandbox up --yes
  clawdwako deploy demo --sandbox --model claude-opus --yes
  clawdwako sandbox chat demo \"hello\"
  clawdwako sandbox down

Needs Linux, root and a few packages; says what is missing, and installs it with --yes.")]
pub struct SandboxArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SandboxCommand,
}

/// What to do with the sandbox.
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Start it in the background
    #[command(after_help = "Example:\n  clawdwako sandbox up --yes")]
    Up {
        /// Stay in the foreground, for a service manager
        #[arg(long)]
        foreground: bool,
    },
    /// Show what runs in it
    #[command(after_help = "Example:\n  clawdwako sandbox status --json")]
    Status,
    /// Stop it and its servers
    #[command(after_help = "Example:\n  clawdwako sandbox down --forget")]
    Down {
        /// Remove its servers, bots and accounts too; caches stay
        #[arg(long)]
        forget: bool,
    },
    /// Print the variables that point other tools at it
    #[command(after_help = "Example:\n  eval \"$(clawdwako sandbox env)\" && hcloud server list")]
    Env,
    /// Say something to a bot as its owner, and print its answer
    #[command(after_help = "Example:\n  clawdwako sandbox chat demo \"hello\"")]
    Chat {
        /// The bot
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
    /// Let something go wrong
    #[command(after_help = "Examples:
  clawdwako sandbox fault http --path /v1/servers --status 503 --times 2
  clawdwako sandbox fault server network-cut demo
  clawdwako sandbox fault clear")]
    Fault {
        /// What is to go wrong.
        #[command(subcommand)]
        what: FaultCommand,
    },
    /// Keep a server image with Node and the agent already there
    #[command(after_help = "Example:\n  clawdwako sandbox image")]
    Image,
}

/// What is to go wrong.
#[derive(Debug, Subcommand)]
pub enum FaultCommand {
    /// The next calls of a path fail
    #[command(after_help = "Example:\n  clawdwako sandbox fault http --path /v1/servers --kind lost-reply")]
    Http {
        /// Path that calls begin with, such as /v1/servers
        #[arg(long)]
        path: String,
        /// Only calls with this method
        #[arg(long)]
        method: Option<String>,
        /// How they fail
        #[arg(long, value_enum, default_value = "status")]
        kind: FaultKind,
        /// Status to answer with, for --kind status
        #[arg(long, default_value_t = 500)]
        status: u16,
        /// How many calls
        #[arg(long, default_value_t = 1)]
        times: u32,
    },
    /// Something happens to a server
    #[command(after_help = "Example:\n  clawdwako sandbox fault server power-cut demo")]
    Server {
        /// What happens
        #[arg(value_enum)]
        what: ServerFault,
        /// The bot that lives on it; the next server that is made, if left out
        name: Option<String>,
    },
    /// Nothing is to go wrong any more
    #[command(after_help = "Example:\n  clawdwako sandbox fault clear")]
    Clear,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FaultKind {
    /// It is answered with a status
    Status,
    /// No answer comes
    Timeout,
    /// It is done, but the answer is lost
    LostReply,
    /// 429 with the service's own headers
    RateLimit,
}

/// What happens to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ServerFault {
    /// It never comes up
    NeverBoots,
    /// It reboots
    Reboot,
    /// Its power is cut, and it stays off
    PowerCut,
    /// Its network is cut
    NetworkCut,
    /// Its network is there again
    NetworkRestore,
    /// Its disk is full
    DiskFull,
}
