//! Where servers stand at Hetzner, and what they cost.

use super::Hetzner;
use super::wire::{Deprecation, Location, Pricing, PricingAnswer, ServerType, arch, price_at};
use crate::error::Result;
use crate::provider::choose::{Listed, by_price, choose};
use crate::provider::rest::moment;
use crate::provider::{Offer, OfferFilter, Region};

impl Hetzner {
    /// The locations; available is one where at least one type can be ordered.
    pub async fn regions(&self) -> Result<Vec<Region>> {
        let (locations, listed) = tokio::try_join!(self.list::<Location>("locations", &[]), self.listed())?;
        let open = |name: &str| listed.iter().any(|l| l.offer.region == name && l.offer.available);
        Ok(locations
            .into_iter()
            .map(|l| Region {
                title: format!("{}, {}", l.city, l.country),
                available: open(&l.name),
                name: l.name,
            })
            .collect())
    }

    /// Every type in every location that has it, cheapest first.
    pub async fn sizes(&self) -> Result<Vec<Offer>> {
        Ok(by_price(self.listed().await?))
    }

    /// What fits the filter, in the order in which to try it.
    pub async fn offers(&self, filter: &OfferFilter) -> Result<Vec<Offer>> {
        choose(self.listed().await?, filter, self.rest.peer)
    }

    /// What a primary IPv4 address and everything else is priced in.
    pub(super) async fn pricing(&self) -> Result<Pricing> {
        let answer: PricingAnswer = self.rest.get("pricing", &[]).await?;
        Ok(answer.pricing)
    }

    async fn listed(&self) -> Result<Vec<Listed>> {
        let (types, pricing) = tokio::try_join!(self.list::<ServerType>("server_types", &[]), self.pricing())?;
        Ok(types.iter().flat_map(|t| of_type(t, &pricing)).collect())
    }
}

impl Pricing {
    /// What a server of a type costs a month at a location, net, with its IPv4 address.
    pub(super) fn server_month(&self, server_type: &ServerType, location: &str) -> Option<f64> {
        let server = price_at(&server_type.prices, location)?;
        Some(server + self.address_month("ipv4", location).unwrap_or(0.0))
    }

    /// What a primary IP costs a month at a location, net.
    pub(super) fn address_month(&self, version: &str, location: &str) -> Option<f64> {
        let of_version = self.primary_ips.iter().find(|p| p.version == version)?;
        price_at(&of_version.prices, location)
    }
}

/// The offers of one type. A location without a price is none: prices are listed for places that
/// have the type no longer, and the other way round.
fn of_type(t: &ServerType, pricing: &Pricing) -> Vec<Listed> {
    let offer = |location: &super::wire::TypeLocation| {
        let deprecations = [&t.deprecation, &location.deprecation];
        let gone = deprecations.iter().any(|d| d.as_ref().is_some_and(is_over));
        Some(Listed {
            offer: Offer {
                size: t.name.clone(),
                region: location.name.clone(),
                vcpus: t.cores,
                memory_mb: memory_mb(t.memory),
                disk_gb: t.disk,
                arch: arch(&t.architecture).to_owned(),
                price_month: pricing.server_month(t, &location.name)?,
                currency: pricing.currency.clone(),
                available: location.available.unwrap_or(true) && !gone,
            },
            deprecated: deprecations.iter().any(|d| d.is_some()),
        })
    };
    t.locations.iter().filter_map(offer).collect()
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a server's memory in MiB is far below 2^53"
)]
fn memory_mb(gigabytes: f64) -> i64 {
    (gigabytes * 1024.0).round() as i64
}

fn is_over(deprecation: &Deprecation) -> bool {
    let end = deprecation.unavailable_after.as_deref().and_then(moment);
    end.is_some_and(|end| end <= crate::model::now())
}
