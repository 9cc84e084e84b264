//! `clawdwako list`

use super::Context;
use super::format::{ago, money};
use super::keeper::Keeper;
use super::output::Tone;
use super::table::{Table, plain, toned};
use crate::error::Result;
use crate::model::{BotStatus, Deployment, Summary, now};
use serde::Serialize;

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
        Keeper::of(context).await?.summaries(args.all).await?
    } else {
        Vec::new()
    };
    context.printer.result(&List { bots: &bots }, || {
        let headings = ["name", "status", "model", "provider", "address", "a month", "age"];
        let mut table = Table::new(&context.printer, &headings).right(5).whole(&[0, 4]);
        let now = now();
        for bot in &bots {
            let server = &bot.server;
            let address = server.ipv4.as_deref().or(server.ipv6.as_deref()).unwrap_or_default();
            table.row(vec![
                toned(&bot.name, Tone::Strong),
                toned(bot.status.as_str(), tone(bot.status)),
                // Who makes the model is known by its name, and the line is short.
                plain(bot.model.split_once('/').map_or(bot.model.as_str(), |(_, name)| name)),
                plain(bot.provider.as_str()),
                plain(address),
                plain(a_month(server.price_month, server.currency.as_deref()).unwrap_or_default()),
                plain(ago(bot.created_at, now).trim_end_matches(" ago")),
            ]);
        }
        table.render("No bots yet: `clawdwako deploy` makes one.")
    })
}

/// What `list --json` shows.
#[derive(Serialize)]
struct List<'a> {
    bots: &'a [Summary],
}

/// What a deployment costs a month, if it costs and the price is known.
pub(super) fn price(deployment: &Deployment) -> Option<String> {
    a_month(deployment.facts.price_month, deployment.facts.currency.as_deref())
}

fn a_month(price: Option<f64>, currency: Option<&str>) -> Option<String> {
    Some(money(price?, currency?))
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
