//! `clawdwako sync`

use super::account::{Account, membership::machine};
use super::format::{ago, safe};
use super::list::tone;
use super::output::Tone;
use super::table::{Table, plain, toned};
use super::{Context, subscription};
use crate::api::types::{BotView, LocalBotView, SyncAnswer, SyncRequest};
use crate::error::{Error, Kind, Result};
use crate::model::{LOCAL_USER, now};
use crate::store::BotFilter;
use serde_json::json;

/// Arguments of `sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako sync
  clawdwako sync --json

The account gets names, status and servers of this profile's own bots, never a
token or key. It shows them, and does nothing with them. Of two records of one
bot the newer counts; this machine's own are never changed by it. Nothing else
needs the connection: without it, this machine works as ever.")]
pub struct SyncArgs {}

pub(super) async fn run(_args: SyncArgs, context: &Context) -> Result<()> {
    let client = context.client().await?;
    let account = Account::load(context)?;
    // Kept first: the account knows this profile by it from now on.
    account.save(context)?;
    let mut bots = Vec::new();
    if context.store_path().exists() {
        let filter = BotFilter { destroyed: true };
        let kept = context.store().await?.bots(LOCAL_USER, filter).await?;
        bots.extend(kept.iter().map(|(bot, deployment)| BotView::of(bot, deployment)));
    }
    let told = SyncRequest {
        origin: account.origin.clone(),
        machine: machine(),
        bots,
        all: None,
    };
    let answer = client.sync(&told).await.map_err(offline)?;
    subscription::keep(&answer.subscription, &client, context)?;
    for newer in &answer.newer {
        context.printer.warn(&format!(
            "the account has something newer of {}, from {}: was an old state restored here?",
            safe(&newer.bot.name),
            safe(&newer.machine)
        ));
    }
    let all = client.local_bots().await?;
    let document = json!({
        "sent": told.bots.len(),
        "taken": answer.taken,
        "newer": answer.newer,
        "forgotten": answer.forgotten,
        "bots": all,
        "subscription": answer.subscription,
    });
    context
        .printer
        .result(&document, || text(&answer, &all, &account.origin, context))
}

fn offline(e: Error) -> Error {
    match e.kind() {
        Kind::Network | Kind::Timeout => Error::new(e.kind(), e.message())
            .hint("nothing here depends on it: sync again when the control server can be reached"),
        _ => e,
    }
}

fn text(answer: &SyncAnswer, all: &[LocalBotView], origin: &str, context: &Context) -> String {
    let mut table = Table::new(&context.printer, &["name", "status", "provider", "kept on", "told"]).whole(&[0]);
    for local in all {
        let bot = &local.bot;
        table.row(vec![
            toned(&bot.name, Tone::Strong),
            toned(bot.status.as_str(), tone(bot.status)),
            plain(bot.deployment.provider.as_str()),
            match local.origin == origin {
                true => plain("this machine"),
                false => plain(&local.machine),
            },
            plain(ago(local.synced_at.0, now())),
        ]);
    }
    let plan = &answer.subscription;
    format!(
        "{}\nSynced: {} taken, {} forgotten; the plan is {}, and {}.",
        table.render("No bots are kept on machines of yours."),
        answer.taken,
        answer.forgotten,
        plan.plan,
        plan.status
    )
}
