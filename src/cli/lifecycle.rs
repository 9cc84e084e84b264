//! `clawdwako stop`, `start`, `restart`

use super::list::{price, summary};
use super::{Context, work};
use crate::deploy::{self, Platform, care};
use crate::error::Result;
use crate::model::{Bot, BotStatus, Deployment};
use crate::openclaw::health::{Verdict, judge};
use serde_json::json;

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
    let (bot, deployment, platform) = find(args.name, context).await?;
    care::stop(&platform, &bot, &deployment).await?;
    let costs = match price(&deployment) {
        Some(price) => format!("; its server still costs {price} a month"),
        None => String::new(),
    };
    let deployment = platform.store.deployment(&deployment.id).await?;
    let bot = platform.store.bot_by_id(&bot.id).await?;
    context.printer.result(&json!({"bot": summary(&bot, &deployment)}), || {
        format!("{} is stopped{costs}", bot.name)
    })
}

pub(super) async fn start(args: StartArgs, context: &Context) -> Result<()> {
    let (bot, deployment, platform) = find(args.name, context).await?;
    if bot.status == BotStatus::Active {
        let report = care::health(&platform, &bot, &deployment).await?;
        if judge(&report) == Verdict::Well {
            return context.printer.result(&json!({"bot": summary(&bot, &deployment)}), || {
                format!(
                    "{} is running already; `clawdwako restart {0}` starts it anew",
                    bot.name
                )
            });
        }
    }
    begin(context, &platform, &bot, &deployment).await
}

pub(super) async fn restart(args: RestartArgs, context: &Context) -> Result<()> {
    let (bot, deployment, platform) = find(args.name, context).await?;
    begin(context, &platform, &bot, &deployment).await
}

async fn find(name: Option<String>, context: &Context) -> Result<(Bot, Deployment, Platform)> {
    let store = context.store().await?;
    let (bot, deployment) = context.bot(&store, name.as_deref()).await?;
    let platform = work::standing(context, store).await?;
    Ok((bot, deployment, platform))
}

/// Starts the agent behind the same gate as a deployment: it is done when it has answered.
async fn begin(context: &Context, platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    deploy::begin_start(platform, bot, deployment).await?;
    let outcome = work::run(context, platform, &deployment.id).await?;
    work::show(context, outcome)
}
