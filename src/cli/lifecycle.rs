//! `clawdwako stop`, `start`, `restart`

use super::{Context, not_connected};
use crate::error::Result;

/// Arguments of `stop`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  clawdwako stop demo

A stopped bot's server is still paid for; `clawdwako destroy` ends that.")]
pub struct StopArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
}

/// Arguments of `start`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clawdwako start demo")]
pub struct StartArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
}

/// Arguments of `restart`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clawdwako restart demo")]
pub struct RestartArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
}

pub(super) async fn stop(args: StopArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    context.bot(&store, args.name.as_deref()).await?;
    Err(not_connected("stop"))
}

pub(super) async fn start(args: StartArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    context.bot(&store, args.name.as_deref()).await?;
    Err(not_connected("start"))
}

pub(super) async fn restart(args: RestartArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    context.bot(&store, args.name.as_deref()).await?;
    Err(not_connected("restart"))
}
