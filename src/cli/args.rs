//! The command line's grammar: the global flags and the list of verbs. Each verb's own
//! arguments stand in its own file.

use super::output::Color;
use super::{
    completions, deploy, destroy, doctor, generate, lifecycle, list, login, logs, open, resume, sandbox_run, secrets,
    server, servers, set, shop, ssh, status, subscription, sync, version,
};
use crate::config::Flags;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Puts a personal AI agent on Telegram, on a server that you own.
#[derive(Debug, Parser)]
#[command(
    name = "clawdwako",
    version,
    disable_help_subcommand = true,
    max_term_width = 80,
    arg_required_else_help = true,
    after_help = "Examples:
  clawdwako deploy demo --model claude-opus    from a token to an answering bot
  clawdwako deploy demo --sandbox --yes        the same without any account
  clawdwako status demo                        how it is
  clawdwako destroy demo                       takes everything down again

Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 refused, 5 needs you,
130 interrupted (`clawdwako resume` goes on)"
)]
pub struct Cli {
    /// The global flags.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every verb takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Print JSON: one document; lines for `deploy`, `logs -f`
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results, warnings and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Answer yes to every question
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// Never ask: what is missing is an error
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Read this config file
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Use this profile: its own settings, bots and secrets
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Do it in the sandbox: no account, no cost
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Let the control server do it (`clawdwako login --server URL`)
    #[arg(long, global = true)]
    pub remote: bool,
    /// Use colour auto (on a terminal), always or never
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub color: Color,
}

impl Global {
    /// What the configuration needs to know of them.
    pub fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            profile: self.profile.clone(),
            sandbox: self.sandbox,
            no_input: self.no_input,
            remote: self.remote,
        }
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Deploy a bot: from a Telegram token to an agent that answers
    Deploy(Box<deploy::DeployArgs>),
    /// Go on with deployments that were interrupted or failed
    Resume(resume::ResumeArgs),
    /// Show a bot, its server and how far its deployment is
    Status(status::StatusArgs),
    /// List the bots
    List(list::ListArgs),
    /// Show the agent's log, or the deployment's own story
    Logs(logs::LogsArgs),
    /// Stop a bot's agent; its server is kept and still billed
    Stop(lifecycle::StopArgs),
    /// Start a stopped bot's agent and prove that it answers
    Start(lifecycle::StartArgs),
    /// Restart a bot's agent and prove that it answers
    Restart(lifecycle::RestartArgs),
    /// Change a bot's model or owner
    Set(set::SetArgs),
    /// Take a bot down with its server and all that belongs to it
    Destroy(destroy::DestroyArgs),
    /// Open a shell on a bot's server, or run a command there
    Ssh(ssh::SshArgs),
    /// Open the agent's own dashboard through a tunnel
    Open(open::OpenArgs),
    /// List what is ours at the cloud providers
    Servers(servers::ServersArgs),
    /// List a provider's regions, live
    Regions(shop::RegionsArgs),
    /// List server sizes with price, memory and availability, live
    Sizes(shop::SizesArgs),
    /// Keep tokens and keys
    Secrets(secrets::SecretsArgs),
    /// Sign in with Google
    Login(login::LoginArgs),
    /// Sign out
    Logout(login::LogoutArgs),
    /// Show who is signed in
    Whoami(login::WhoamiArgs),
    /// Show the plan at the control server: its limits and their use
    Subscription(subscription::SubscriptionArgs),
    /// Tell the control server of this machine's bots; takes the plan back
    Sync(sync::SyncArgs),
    /// Look for what is wrong, and say what to do
    Doctor(doctor::DoctorArgs),
    /// Run a control server: the same for many users
    Server(server::ServerArgs),
    /// A local world without accounts, to try everything in
    Sandbox(sandbox_run::SandboxArgs),
    /// Print the completion script of a shell
    Completions(completions::CompletionsArgs),
    /// Print the versions of this program and of what it installs
    Version(version::VersionArgs),
    /// Write man pages and completions into a folder
    #[command(hide = true)]
    Generate(generate::GenerateArgs),
}
