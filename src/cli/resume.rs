//! `clawdwako resume`

use super::status::busy;
use super::{Context, work};
use crate::deploy;
use crate::error::{Kind, Result};
use crate::model::{Bot, BotStatus, Deployment, DeploymentStatus, LOCAL_USER};
use crate::store::{BotFilter, Store};
use serde_json::json;

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
    let bots = match &args.name {
        Some(name) => vec![context.bot(&store, Some(name)).await?],
        None => unfinished(&store).await?,
    };
    if bots.is_empty() {
        return context
            .printer
            .line(&json!({"resumed": []}), || "Nothing is unfinished.".to_owned());
    }
    let several = bots.len() > 1;
    let mut failed = None;
    for (bot, deployment) in bots {
        let platform = work::platform(context, store.clone(), deployment.provider).await?;
        deploy::begin_resume(&platform, &bot, &deployment).await?;
        if args.detach {
            work::detach(context, &bot.name)?;
            context.printer.line(
                &json!({"detached": {"name": bot.name, "deployment_id": deployment.id}}),
                || format!("{} goes on in the background", bot.name),
            )?;
        } else {
            let done = work::run(context, &platform, &deployment.id).await;
            // One that fails does not keep the others from going on.
            match done.and_then(|outcome| work::show(context, outcome)) {
                Err(e) if several && e.kind() != Kind::Interrupted => {
                    context.printer.warn(&format!("{}: {}", bot.name, e.message()));
                    failed = Some(e);
                }
                done => done?,
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The bots whose work is not over, or failed.
async fn unfinished(store: &Store) -> Result<Vec<(Bot, Deployment)>> {
    let mut bots = store.bots(LOCAL_USER, BotFilter::default()).await?;
    bots.retain(|(bot, deployment)| {
        busy(deployment.status)
            || matches!(deployment.status, DeploymentStatus::Failed | DeploymentStatus::Stuck)
            || matches!(
                bot.status,
                BotStatus::Pending | BotStatus::Deploying | BotStatus::Failed
            )
    });
    Ok(bots)
}
