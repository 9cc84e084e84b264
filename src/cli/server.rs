//! `clawdwako server …`: the roles of a control server.

mod admin;
mod audit;
mod backup;
mod daemon;
mod ground;
mod job;
mod key;
mod migrate;
mod openapi;
mod run;
mod work;

use super::Context;
use crate::error::Result;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Arguments of `server`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako server run
  DATABASE_URL=postgres://… clawdwako server run --no-workers")]
pub struct ServerArgs {
    #[command(subcommand)]
    role: Role,
}

/// The roles.
#[derive(Debug, clap::Subcommand)]
enum Role {
    /// Serve the API, and work jobs off
    #[command(after_help = "Examples:
  clawdwako server run
  clawdwako server run --listen 127.0.0.1:8080 --no-workers")]
    Run(RunArgs),
    /// Work jobs off, without serving the API
    #[command(after_help = "Examples:\n  DATABASE_URL=postgres://… clawdwako server worker")]
    Worker(WorkerArgs),
    /// Bring the store to this version's schema
    #[command(after_help = "Examples:\n  clawdwako server migrate\n  clawdwako server migrate --check")]
    Migrate(MigrateArgs),
    /// Copy the embedded store to a file, while it is in use
    #[command(after_help = "Examples:\n  clawdwako server backup /var/backups/clawdwako.db")]
    Backup(BackupArgs),
    /// Put a copy in the place of the embedded store
    #[command(after_help = "Examples:\n  clawdwako server restore /var/backups/clawdwako.db")]
    Restore(RestoreArgs),
    /// Look after users, their plans, and the key
    #[command(
        subcommand,
        after_help = "Examples:
  clawdwako server admin user list
  clawdwako server admin subscription set ada@example.org --plan pro"
    )]
    Admin(admin::Admin),
    /// Print the API's document
    #[command(after_help = "Examples:\n  clawdwako server openapi > openapi.json")]
    Openapi,
}

/// Arguments of `server run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Where the API listens
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where metrics are told
    #[arg(long, value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    /// How many jobs are worked on at once, at most
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<usize>,
    /// Only serve the API: others work the jobs off
    #[arg(long, conflicts_with = "workers")]
    no_workers: bool,
    /// How the log is written on standard error: text or json
    #[arg(long, value_enum, value_name = "FORM", default_value_t, hide_possible_values = true)]
    log: Log,
}

/// Arguments of `server worker`.
#[derive(Debug, clap::Args)]
pub struct WorkerArgs {
    /// How many jobs are worked on at once, at most
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<usize>,
    /// Where metrics are told
    #[arg(long, value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    /// How the log is written on standard error: text or json
    #[arg(long, value_enum, value_name = "FORM", default_value_t, hide_possible_values = true)]
    log: Log,
}

fn workers(text: &str) -> Result<usize> {
    match text.parse() {
        Ok(n) if (1..=256).contains(&n) => Ok(n),
        _ => Err(crate::error::usage("give a number from 1 to 256")),
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub enum Log {
    /// For people.
    #[default]
    Text,
    /// One JSON document a line.
    Json,
}

/// Arguments of `server migrate`.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    /// Only tell whether it is up to date; exits with 1 if it is not
    #[arg(long)]
    check: bool,
}

/// Arguments of `server backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The file to make; it must not be there yet
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
}

/// Arguments of `server restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// A file that `server backup` made
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
}

impl ServerArgs {
    /// Whether the role ends by signals that it hears itself.
    pub fn is_daemon(&self) -> bool {
        matches!(self.role, Role::Run(_) | Role::Worker(_))
    }
}

pub(super) async fn run(args: ServerArgs, context: &Context) -> Result<()> {
    match args.role {
        Role::Run(args) => run::run(args, context).await,
        Role::Worker(args) => run::worker(args, context).await,
        Role::Migrate(args) => migrate::run(args, context).await,
        Role::Backup(args) => backup::backup(args, context).await,
        Role::Restore(args) => backup::restore(args, context).await,
        Role::Admin(admin) => admin::run(admin, context).await,
        Role::Openapi => openapi::run(context),
    }
}
