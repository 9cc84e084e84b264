//! `clawdwako resume`

use super::keeper::Keeper;
use super::status::busy;
use super::{Context, remote, work};
use crate::api::client::Client;
use crate::api::types::DeployRequest;
use crate::deploy;
use crate::error::{Kind, Result};
use crate::model::{Bot, BotStatus, Deployment, DeploymentStatus};
use serde_json::json;

/// Arguments of `resume`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako resume             every deployment that is not finished
  clawdwako resume demo")]
pub struct ResumeArgs {
    /// The bot; all that are not finished, if left out
    pub name: Option<String>,
    /// Run in the background
    #[arg(long)]
    pub detach: bool,
}

pub(super) async fn run(args: ResumeArgs, context: &Context) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    let bots = match &args.name {
        Some(name) => vec![keeper.bot(context, Some(name)).await?],
        None => unfinished(&keeper).await?,
    };
    if bots.is_empty() {
        return context
            .printer
            .line(&json!({"resumed": []}), || "Nothing is unfinished.".to_owned());
    }
    let several = bots.len() > 1;
    let mut failed = None;
    for (bot, deployment) in bots {
        // One that fails does not keep the others from going on.
        match one(context, &keeper, &bot, &deployment, args.detach).await {
            Err(e) if several && e.kind() != Kind::Interrupted => {
                context.printer.warn(&format!("{}: {}", bot.name, e.message()));
                failed = Some(e);
            }
            done => done?,
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn one(context: &Context, keeper: &Keeper, bot: &Bot, deployment: &Deployment, detach: bool) -> Result<()> {
    let outcome = match keeper {
        Keeper::Here(store) => {
            let platform = work::platform(context, store.clone(), deployment.provider).await?;
            deploy::begin_resume(&platform, bot, deployment).await?;
            if detach {
                work::detach(context, &bot.name)?;
                return detached(context, bot, deployment);
            }
            work::run(context, &platform, &deployment.id).await?
        }
        Keeper::There(client) => {
            let begin = || go_on(client, bot, deployment);
            if detach {
                begin().await?;
                return detached(context, bot, deployment);
            }
            remote::run(context, client, bot, begin).await?
        }
    };
    work::show(context, outcome)
}

/// Has the control server go on with a deployment, or with taking it down.
async fn go_on(client: &Client, bot: &Bot, deployment: &Deployment) -> Result<()> {
    use DeploymentStatus::{Destroying, Stuck};
    if matches!(deployment.status, Destroying | Stuck) {
        return client.destroy_bot(&bot.id).await.map(drop);
    }
    let again = DeployRequest {
        bot_id: bot.id.clone(),
        ..DeployRequest::default()
    };
    client.deploy(&again).await.map(drop)
}

fn detached(context: &Context, bot: &Bot, deployment: &Deployment) -> Result<()> {
    context.printer.line(
        &json!({"detached": {"name": bot.name, "deployment_id": deployment.id}}),
        || format!("{} goes on in the background", bot.name),
    )
}

/// The bots whose work is not over, or failed.
async fn unfinished(keeper: &Keeper) -> Result<Vec<(Bot, Deployment)>> {
    let mut bots = keeper.bots(false).await?;
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
