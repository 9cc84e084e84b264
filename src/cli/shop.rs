//! `clawdwako regions` and `clawdwako sizes`: what the providers offer, live.

use super::Context;
use super::format::{memory, money};
use super::output::Tone;
use super::table::{Table, plain, toned};
use crate::error::{Error, Kind, Result};
use crate::model::ProviderKind;
use crate::provider::{Offer, Provider, Region};
use clap::Args;
use serde_json::json;

/// Which clouds to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Cloud {
    /// Hetzner Cloud
    Hetzner,
    /// DigitalOcean
    #[value(name = "digitalocean")]
    DigitalOcean,
}

impl Cloud {
    fn kind(self) -> ProviderKind {
        match self {
            Cloud::Hetzner => ProviderKind::Hetzner,
            Cloud::DigitalOcean => ProviderKind::DigitalOcean,
        }
    }
}

/// Arguments of `regions`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  clawdwako regions\n  clawdwako regions --provider hetzner --json")]
pub struct RegionsArgs {
    /// Only hetzner or digitalocean; otherwise each that there is a token for
    #[arg(long, value_enum, hide_possible_values = true)]
    provider: Option<Cloud>,
}

/// Arguments of `sizes`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  clawdwako sizes
  clawdwako sizes --provider hetzner --region fsn1 --all")]
pub struct SizesArgs {
    /// Only hetzner or digitalocean; otherwise each that there is a token for
    #[arg(long, value_enum, hide_possible_values = true)]
    provider: Option<Cloud>,
    /// Only this region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Also what is too small for an agent or cannot be ordered now
    #[arg(long)]
    all: bool,
}

/// The clouds to ask: the named one, or each that there is a token for.
pub(super) async fn clouds(cloud: Option<Cloud>, context: &Context) -> Result<Vec<Provider>> {
    match cloud {
        Some(cloud) => Ok(vec![context.provider(cloud.kind()).await?]),
        None => context.clouds().await,
    }
}

pub(super) async fn regions(args: RegionsArgs, context: &Context) -> Result<()> {
    let mut found: Vec<(ProviderKind, Region)> = Vec::new();
    for provider in clouds(args.provider, context).await? {
        found.extend(provider.regions().await?.into_iter().map(|r| (provider.kind(), r)));
    }
    let document: Vec<_> = found
        .iter()
        .map(|(p, r)| json!({"provider": p, "name": r.name, "title": r.title, "available": r.available}))
        .collect();
    context.printer.result(&json!({"regions": document}), || {
        let mut table = Table::new(&context.printer, &["provider", "region", "where", "new servers"]);
        for (provider, region) in &found {
            let available = if region.available {
                toned("yes", Tone::Good)
            } else {
                toned("no", Tone::Bad)
            };
            table.row(vec![
                plain(provider.as_str()),
                plain(&region.name),
                plain(&region.title),
                available,
            ]);
        }
        table.render("No regions.")
    })
}

/// The least memory that an agent runs in, in MiB.
const ENOUGH: i64 = 1900;

pub(super) async fn sizes(args: SizesArgs, context: &Context) -> Result<()> {
    let mut found: Vec<(ProviderKind, Offer)> = Vec::new();
    for provider in clouds(args.provider, context).await? {
        found.extend(provider.sizes().await?.into_iter().map(|o| (provider.kind(), o)));
    }
    if let Some(region) = &args.region {
        found.retain(|(_, o)| o.region == *region);
        if found.is_empty() {
            return Err(Error::new(Kind::NotFound, format!("there is no region {region:?}"))
                .hint("`clawdwako regions` lists them"));
        }
    }
    if !args.all {
        found.retain(|(_, o)| o.available && o.memory_mb >= ENOUGH);
    }
    let document: Vec<_> = found
        .iter()
        .map(|(p, o)| {
            let mut offer = serde_json::to_value(o)?;
            offer["provider"] = json!(p);
            Ok(offer)
        })
        .collect::<Result<_>>()?;
    context.printer.result(&json!({"sizes": document}), || {
        let headings = [
            "provider", "size", "region", "cpus", "memory", "disk", "arch", "a month", "now",
        ];
        let mut table = Table::new(&context.printer, &headings)
            .right(3)
            .right(4)
            .right(5)
            .right(7);
        for (provider, o) in &found {
            table.row(vec![
                plain(provider.as_str()),
                plain(&o.size),
                plain(&o.region),
                plain(o.vcpus.to_string()),
                plain(memory(o.memory_mb)),
                plain(format!("{} GB", o.disk_gb)),
                plain(&o.arch),
                plain(money(o.price_month, &o.currency)),
                if o.available {
                    toned("yes", Tone::Good)
                } else {
                    toned("no", Tone::Bad)
                },
            ]);
        }
        table.render("Nothing that fits can be ordered now; --all shows the rest.")
    })
}
