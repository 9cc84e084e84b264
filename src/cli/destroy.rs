//! `clawdwako destroy`

use super::list::price;
use super::{Context, not_connected};
use crate::error::Result;

/// Arguments of `destroy`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako destroy demo
  clawdwako destroy demo --yes --keep-record")]
pub struct DestroyArgs {
    /// The bot; may be left out if there is only one
    pub name: Option<String>,
    /// Keep its record and story, for `list --all` and `logs --deploy`
    #[arg(long)]
    pub keep_record: bool,
}

pub(super) async fn run(args: DestroyArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    let (bot, deployment) = context.bot(&store, args.name.as_deref()).await?;
    let saves = price(&deployment)
        .map(|p| format!(", which saves {p} a month"))
        .unwrap_or_default();
    context
        .prompt
        .confirm(&format!(
            "Destroy {:?} with its server and all that is on it{saves}?",
            bot.name
        ))
        .await?;
    Err(not_connected("destroy"))
}
