//! `clawdwako list`

use super::Context;
use super::format::{ago, money};
use super::keeper::Keeper;
use super::output::Tone;
use super::table::{Table, plain, toned};
use crate::error::Result;
use crate::model::{Bot, BotStatus, Deployment, DeploymentStatus, Millis, ProviderKind, now};
use serde::{Serialize, Serializer};

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  clawdwako list\n  clawdwako list --all --json")]
pub struct ListArgs {
    /// Also those that are destroyed
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(args: ListArgs, context: &Context) -> Result<()> {
    // A profile without a store has no bots; looking must not make one.
    let bots = if context.config.remote.wanted || context.store_path().exists() {
        Keeper::of(context).await?.bots(args.all).await?
    } else {
        Vec::new()
    };
    context.printer.result(&List { bots: &bots }, || {
        let headings = ["name", "status", "model", "provider", "address", "a month", "age"];
        let mut table = Table::new(&context.printer, &headings).right(5).whole(&[0, 4]);
        for (bot, deployment) in &bots {
            let f = &deployment.facts;
            table.row(vec![
                toned(&bot.name, Tone::Strong),
                toned(bot.status.as_str(), tone(bot.status)),
                // Who makes the model is known by its name, and the line is short.
                plain(bot.model.split_once('/').map_or(bot.model.as_str(), |(_, name)| name)),
                plain(deployment.provider.as_str()),
                plain(f.ipv4.clone().or(f.ipv6.clone()).unwrap_or_default()),
                plain(price(deployment).unwrap_or_default()),
                plain(ago(bot.created_at, now()).trim_end_matches(" ago")),
            ]);
        }
        table.render("No bots yet: `clawdwako deploy` makes one.")
    })
}

/// What `list --json` shows. Written bot by bot, since there may be thousands.
#[derive(Serialize)]
struct List<'a> {
    #[serde(serialize_with = "summaries")]
    bots: &'a [(Bot, Deployment)],
}

fn summaries<S: Serializer>(bots: &&[(Bot, Deployment)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(bots.iter().map(|(bot, deployment)| summary(bot, deployment)))
}

/// A bot with its deployment in short, as `list --json` shows it.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    name: &'a str,
    status: BotStatus,
    username: Option<&'a str>,
    link: Option<String>,
    model: &'a str,
    owner: Option<i64>,
    failure: Option<&'a str>,
    created_at: Millis,
    deployment_id: &'a str,
    deployment_status: DeploymentStatus,
    provider: ProviderKind,
    region: Option<&'a str>,
    size: Option<&'a str>,
    ipv4: Option<&'a str>,
    ipv6: Option<&'a str>,
    price_month: Option<f64>,
    currency: Option<&'a str>,
}

/// Puts a bot and its deployment in short.
pub(super) fn summary<'a>(bot: &'a Bot, deployment: &'a Deployment) -> Summary<'a> {
    let f = &deployment.facts;
    Summary {
        name: &bot.name,
        status: bot.status,
        username: bot.username.as_deref(),
        link: bot.link(),
        model: &bot.model,
        owner: bot.owner,
        failure: bot.failure.as_deref(),
        created_at: bot.created_at,
        deployment_id: &deployment.id,
        deployment_status: deployment.status,
        provider: deployment.provider,
        region: f.region.as_deref(),
        size: f.size.as_deref(),
        ipv4: f.ipv4.as_deref(),
        ipv6: f.ipv6.as_deref(),
        price_month: f.price_month,
        currency: f.currency.as_deref(),
    }
}

/// What a deployment costs a month, if it costs and the price is known.
pub(super) fn price(deployment: &Deployment) -> Option<String> {
    let f = &deployment.facts;
    Some(money(f.price_month?, f.currency.as_deref()?))
}

/// The colour of a status.
pub(super) fn tone(status: BotStatus) -> Tone {
    match status {
        BotStatus::Active => Tone::Good,
        BotStatus::Pending | BotStatus::Deploying | BotStatus::Stopped => Tone::Warn,
        BotStatus::Failed => Tone::Bad,
        BotStatus::Destroyed => Tone::Dim,
    }
}
