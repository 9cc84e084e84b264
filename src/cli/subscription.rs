//! `clawdwako subscription`

use super::Context;
use super::account::{Account, KeptPlan};
use super::format::{ago, memory, moment, money};
use super::output::Tone;
use super::table::details;
use crate::api::client::Client;
use crate::api::types::{LimitsView, Moment, SubscriptionView, UsageView};
use crate::error::Result;
use crate::model::{ModelSpend, Payer, SubscriptionStatus, now};
use serde_json::json;

/// Arguments of `subscription`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako subscription
  clawdwako subscription --json

Without a connection it shows what the control server last told.")]
pub struct SubscriptionArgs {}

pub(super) async fn run(_args: SubscriptionArgs, context: &Context) -> Result<()> {
    let mut client = context.client().await?;
    let kept = Account::of(&client, context)?.and_then(|a| a.plan);
    if kept.is_some() {
        client = client.hurried();
    }
    let (plan, usage) = match tokio::try_join!(client.subscription(), client.usage()) {
        Ok((plan, usage)) => {
            keep(&plan, &client, context)?;
            (plan, Some(usage))
        }
        Err(e) => match kept {
            Some(kept) if e.kind().may_retry() => {
                context
                    .printer
                    .warn(&format!("{}; this is from {}", e.message(), ago(kept.at.0, now())));
                (kept.subscription, None)
            }
            _ => return Err(e),
        },
    };
    context
        .printer
        .result(&json!({"subscription": plan, "usage": usage}), || {
            text(&plan, usage.as_ref(), context)
        })
}

/// Keeps the plan for when the server cannot be reached.
pub(super) fn keep(plan: &SubscriptionView, client: &Client, context: &Context) -> Result<()> {
    // Who signs in by environment alone leaves nothing here.
    let Some(mut account) = Account::of(client, context)? else {
        return Ok(());
    };
    account.plan = Some(KeptPlan {
        subscription: plan.clone(),
        at: Moment(now()),
    });
    account.save(context)
}

fn text(plan: &SubscriptionView, usage: Option<&UsageView>, context: &Context) -> String {
    let tone = match plan.status {
        SubscriptionStatus::Active => Tone::Good,
        SubscriptionStatus::Cancelled => Tone::Warn,
        SubscriptionStatus::Expired => Tone::Bad,
    };
    let LimitsView {
        max_bots,
        max_memory_mb,
        regions,
        models,
        cloud_tokens,
        model_keys,
    } = &plan.limits;
    let bots = match usage {
        Some(used) => format!("{} of {max_bots}", used.bots),
        None => format!("up to {max_bots}"),
    };
    let models = match models {
        ModelSpend::Small => "small ones",
        ModelSpend::Any => "any",
    };
    let costs = usage.filter(|u| !u.costs.is_empty()).map(|u| {
        let sums = u.costs.iter().map(|c| money(c.price_month, &c.currency));
        sums.collect::<Vec<_>>().join(" + ")
    });
    format!(
        "{}  {}\n{}",
        context.printer.paint(Tone::Strong, plan.plan.as_str()),
        context.printer.paint(tone, plan.status.as_str()),
        details(&[
            ("until", plan.period_end.map(|m| moment(m.0))),
            ("bots", Some(bots)),
            ("servers", usage.map(|u| u.servers.to_string())),
            ("a month", costs),
            ("messages", usage.and_then(|u| u.messages).map(|n| n.to_string())),
            ("tokens", usage.and_then(|u| u.tokens).map(|n| n.to_string())),
            (
                "models cost",
                usage
                    .and_then(|u| u.cost_usd)
                    .map(|usd| format!("about {}", money(usd, "USD"))),
            ),
            ("largest server", Some(memory(*max_memory_mb))),
            ("regions", Some(regions.as_ref().map_or("any".into(), |r| r.join(", ")))),
            ("models", Some(models.to_owned())),
            ("cloud paid by", Some(payer(*cloud_tokens).to_owned())),
            ("models paid by", Some(payer(*model_keys).to_owned())),
        ])
    )
}

fn payer(who: Payer) -> &'static str {
    match who {
        Payer::User => "you",
        Payer::Operator => "the control server",
    }
}
