//! `clawdwako destroy`

use super::list::price;
use super::{Context, work};
use crate::deploy;
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
    let platform = work::platform(context, store, deployment.provider).await?;
    deploy::begin_destroy(&platform, &bot, &deployment).await?;
    let outcome = work::run(context, &platform, &deployment.id).await?;
    if !args.keep_record {
        let mut tx = platform.store.begin().await?;
        tx.erase_bot(&bot.id).await?;
        tx.commit().await?;
    }
    work::show(context, outcome)
}
