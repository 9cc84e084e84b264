//! `clawdwako stop`, `start`, `restart`

use super::keeper::{Keeper, Progress};
use super::list::price;
use super::{Context, remote, work};
use crate::deploy::{self, care};
use crate::error::Result;
use crate::model::{Bot, BotStatus, Deployment, Summary};
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
    let keeper = Keeper::of(context).await?;
    let (bot, deployment) = keeper.bot(context, args.name.as_deref()).await?;
    match &keeper {
        Keeper::Here(store) => {
            let platform = work::standing(context, store.clone()).await?;
            care::stop(&platform, &bot, &deployment).await?;
        }
        Keeper::There(client) => drop(client.stop(&bot.id).await?),
    }
    let Progress { bot, deployment, .. } = keeper.progress(&bot, &deployment).await?;
    let costs = match price(&deployment) {
        Some(price) => format!("; its server still costs {price} a month"),
        None => String::new(),
    };
    context
        .printer
        .result(&json!({"bot": Summary::of(&bot, &deployment)}), || {
            format!("{} is stopped{costs}", bot.name)
        })
}

pub(super) async fn start(args: StartArgs, context: &Context) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    let (bot, deployment) = keeper.bot(context, args.name.as_deref()).await?;
    if bot.status == BotStatus::Active && runs(context, &keeper, &bot, &deployment).await? {
        return context
            .printer
            .result(&json!({"bot": Summary::of(&bot, &deployment)}), || {
                format!(
                    "{} is running already; `clawdwako restart {0}` starts it anew",
                    bot.name
                )
            });
    }
    begin(context, keeper, &bot, &deployment, false).await
}

pub(super) async fn restart(args: RestartArgs, context: &Context) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    let (bot, deployment) = keeper.bot(context, args.name.as_deref()).await?;
    begin(context, keeper, &bot, &deployment, true).await
}

/// Whether the agent of an active bot runs indeed.
async fn runs(context: &Context, keeper: &Keeper, bot: &Bot, deployment: &Deployment) -> Result<bool> {
    let Keeper::Here(store) = keeper else {
        // A control server looks at its bots: what it calls active answered when it last did.
        return Ok(true);
    };
    let platform = work::standing(context, store.clone()).await?;
    let report = care::health(&platform, bot, deployment).await?;
    Ok(judge(&report) == Verdict::Well)
}

/// Starts the agent behind the same gate as a deployment: it is done when it has answered.
async fn begin(context: &Context, keeper: Keeper, bot: &Bot, deployment: &Deployment, anew: bool) -> Result<()> {
    let outcome = match keeper {
        Keeper::Here(store) => {
            let platform = work::standing(context, store).await?;
            deploy::begin_start(&platform, bot, deployment).await?;
            work::run(context, &platform, &deployment.id).await?
        }
        Keeper::There(client) => {
            let begin = || async {
                match anew {
                    true => client.restart(&bot.id).await.map(drop),
                    false => client.start(&bot.id).await.map(drop),
                }
            };
            remote::run(context, &client, bot, begin).await?
        }
    };
    work::show(context, outcome)
}
