//! `clawdwako resume`

use super::{Context, not_connected};
use crate::error::Result;

/// Arguments of `resume`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako resume             every deployment that is not finished
  clawdwako resume demo")]
pub struct ResumeArgs {
    /// The bot; all that are not finished, if left out
    pub name: Option<String>,
    /// Let it go on in the background
    #[arg(long)]
    pub detach: bool,
}

pub(super) async fn run(args: ResumeArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    if let Some(name) = &args.name {
        context.bot(&store, Some(name)).await?;
    }
    Err(not_connected("resume"))
}
