//! `clawdwako ssh`

use super::{Context, not_connected};
use crate::error::Result;

/// Arguments of `ssh`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako ssh demo
  clawdwako ssh demo -- df -h /")]
pub struct SshArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
    /// A command to run there instead of a shell
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<String>,
}

pub(super) async fn run(args: SshArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    context.bot(&store, args.name.as_deref()).await?;
    Err(not_connected("ssh"))
}
