//! `clawdwako servers` and `servers prune`: what carries our label at the providers.

use super::Context;
use super::format::{ago, money};
use super::output::Tone;
use super::shop::{Cloud, clouds};
use super::table::{Table, plain, toned};
use crate::error::{Error, Kind, Result};
use crate::model::{BotStatus, LOCAL_USER, now};
use crate::provider::{Provider, Resource, ResourceKind};
use crate::store::BotFilter;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Arguments of `servers`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  clawdwako servers
  clawdwako servers --orphans
  clawdwako servers prune

Orphans carry our label, and no bot of this profile lives on them. Another
profile or machine that uses the same account may still need them."
)]
pub struct ServersArgs {
    /// Only what no bot of this profile lives on
    #[arg(long)]
    orphans: bool,
    /// Only hetzner or digitalocean; otherwise each that there is a token for
    #[arg(long, value_enum, hide_possible_values = true)]
    provider: Option<Cloud>,
    /// What to do; lists without one.
    #[command(subcommand)]
    command: Option<ServersCommand>,
}

#[derive(Debug, Subcommand)]
enum ServersCommand {
    /// Delete orphans: only what carries our label, and after asking
    #[command(after_help = "Examples:
  clawdwako servers prune
  clawdwako servers prune --provider hetzner --yes")]
    Prune {
        /// Only hetzner or digitalocean; otherwise each that there is a token for
        #[arg(long, value_enum, hide_possible_values = true)]
        provider: Option<Cloud>,
    },
}

struct Found {
    provider: Provider,
    resource: Resource,
    /// The bot that lives on it; none makes it an orphan.
    bot: Option<String>,
}

pub(super) async fn run(args: ServersArgs, context: &Context) -> Result<()> {
    match args.command {
        Some(ServersCommand::Prune { provider }) => prune(provider, context).await,
        None => {
            let mut found = find(args.provider, context).await?;
            if args.orphans {
                found.retain(|f| f.bot.is_none());
            }
            let document: Vec<Value> = found.iter().map(Found::document).collect::<Result<_>>()?;
            context
                .printer
                .result(&json!({"servers": document}), || table(&found, context))
        }
    }
}

/// The bots that there are, by the id of their deployment.
async fn owners(context: &Context) -> Result<HashMap<String, String>> {
    if !context.store_path().exists() {
        return Ok(HashMap::new());
    }
    let bots = context.store().await?.bots(LOCAL_USER, BotFilter::default()).await?;
    let there = bots.into_iter().filter(|(bot, _)| bot.status != BotStatus::Destroyed);
    Ok(there.map(|(bot, deployment)| (deployment.id, bot.name)).collect())
}

async fn find(cloud: Option<Cloud>, context: &Context) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for provider in clouds(cloud, context).await? {
        for resource in provider.resources(None).await? {
            found.push(Found {
                bot: None,
                provider: provider.clone(),
                resource,
            });
        }
    }
    // After the clouds: what a deployment made meanwhile was written down before it was made.
    let owners = owners(context).await?;
    for f in &mut found {
        f.bot = owners.get(&f.resource.deployment_id).cloned();
    }
    // Servers first: a firewall or key may be in use until its server is gone.
    found.sort_by_key(|f| {
        (
            f.provider.kind().as_str(),
            f.resource.kind as u8,
            f.resource.name.clone(),
        )
    });
    Ok(found)
}

impl Found {
    fn document(&self) -> Result<Value> {
        let mut document = serde_json::to_value(&self.resource)?;
        document["provider"] = json!(self.provider.kind());
        document["bot"] = json!(self.bot);
        document["orphan"] = json!(self.bot.is_none());
        Ok(document)
    }
}

fn table(found: &[Found], context: &Context) -> String {
    let headings = ["provider", "what", "id", "name", "bot", "a month", "age"];
    let mut table = Table::new(&context.printer, &headings).right(5);
    for f in found {
        let r = &f.resource;
        let price = match (r.price_month, &r.currency) {
            (Some(price), Some(currency)) => money(price, currency),
            _ => String::new(),
        };
        table.row(vec![
            plain(f.provider.kind().as_str()),
            plain(word(r.kind)),
            plain(&r.id),
            plain(&r.name),
            match &f.bot {
                Some(bot) => plain(bot),
                None => toned("orphan", Tone::Warn),
            },
            plain(price),
            plain(r.created_at.map(|at| ago(at, now())).unwrap_or_default()),
        ]);
    }
    table.render("Nothing is there.")
}

fn word(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Server => "server",
        ResourceKind::Firewall => "firewall",
        ResourceKind::SshKey => "SSH key",
        ResourceKind::Address => "address",
    }
}

async fn prune(cloud: Option<Cloud>, context: &Context) -> Result<()> {
    let mut orphans = find(cloud, context).await?;
    orphans.retain(|f| f.bot.is_none());
    if orphans.is_empty() {
        return context.printer.result(&json!({"deleted": [], "failed": []}), || {
            "There are no orphans.".to_owned()
        });
    }
    context.printer.note(&table(&orphans, context));
    let saved = savings(&orphans);
    let saves = if saved.is_empty() {
        String::new()
    } else {
        format!(", which saves {saved} a month")
    };
    context
        .printer
        .warn("another profile or machine that uses the same account may still need them");
    context
        .prompt
        .confirm(&format!("Delete these {} for good{saves}?", orphans.len()))
        .await?;
    let (mut deleted, mut failed): (Vec<Value>, Vec<(Value, Error)>) = (Vec::new(), Vec::new());
    // The question may have stood for long.
    let owners = owners(context).await?;
    orphans.retain(|f| !owners.contains_key(&f.resource.deployment_id));
    for orphan in &orphans {
        let document = orphan.document()?;
        match orphan.provider.delete(&orphan.resource).await {
            Ok(()) => {
                let r = &orphan.resource;
                context.printer.note(&format!(
                    "deleted {} {} ({})",
                    word(r.kind),
                    r.id,
                    super::format::safe(&r.name)
                ));
                deleted.push(document);
            }
            Err(e) => failed.push((document, e)),
        }
    }
    if let Some((_, first)) = failed.first() {
        let kind = if failed.len() == orphans.len() {
            first.kind()
        } else {
            Kind::Stuck
        };
        return Err(Error::new(
            kind,
            format!(
                "{} of {} could not be deleted: {}",
                failed.len(),
                orphans.len(),
                first.message()
            ),
        )
        .hint("run `clawdwako servers prune` again; what is gone stays gone"));
    }
    let text = format!("{} deleted{}", deleted.len(), saves.replace("which saves", "saving"));
    context
        .printer
        .result(&json!({"deleted": deleted, "failed": []}), || text)
}

/// What the deletion saves a month, by currency.
fn savings(orphans: &[Found]) -> String {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for r in orphans.iter().map(|f| &f.resource) {
        if let (Some(price), Some(currency)) = (r.price_month, &r.currency) {
            *sums.entry(currency).or_default() += price;
        }
    }
    let texts: Vec<String> = sums.iter().map(|(c, sum)| money(*sum, c)).collect();
    texts.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn savings_are_summed_by_currency() {
        let orphan = |price: Option<f64>, currency: &str| Found {
            provider: Provider::Existing,
            bot: None,
            resource: Resource {
                kind: ResourceKind::Server,
                id: "1".into(),
                name: "n".into(),
                deployment_id: "d".into(),
                price_month: price,
                currency: Some(currency.into()),
                created_at: None,
            },
        };
        let all = [
            orphan(Some(5.99), "EUR"),
            orphan(Some(12.0), "USD"),
            orphan(Some(4.01), "EUR"),
            orphan(None, "USD"),
        ];
        assert_eq!(savings(&all), "€10.00 and $12.00");
        assert_eq!(savings(&[]), "");
    }
}
