//! `clawdwako open`

use super::{Context, not_connected};
use crate::error::Result;

/// Arguments of `open`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako open demo
  clawdwako open demo --port 18000 --no-browser

The dashboard listens on the server's loopback alone; the tunnel lasts until Ctrl-C.")]
pub struct OpenArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
    /// Local port of the tunnel; any free one if left out
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Print the address only
    #[arg(long)]
    pub no_browser: bool,
}

pub(super) async fn run(args: OpenArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    context.bot(&store, args.name.as_deref()).await?;
    Err(not_connected("open"))
}
