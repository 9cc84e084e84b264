//! Where droplets stand, and what they cost. Everything is x86 there, and in US dollars.

use super::DigitalOcean;
use super::wire::{RegionInfo, Size};
use crate::error::Result;
use crate::provider::choose::{Listed, by_price, choose};
use crate::provider::{Offer, OfferFilter, Region};

/// What DigitalOcean's prices are in; its answers do not say.
pub(super) const CURRENCY: &str = "USD";

impl DigitalOcean {
    /// The regions; closed ones stay in the list and are not available.
    pub async fn regions(&self) -> Result<Vec<Region>> {
        let regions: Vec<RegionInfo> = self.list("regions", "regions", &[]).await?;
        let region = |r: RegionInfo| Region {
            name: r.slug,
            title: r.name,
            available: r.available,
        };
        Ok(regions.into_iter().map(region).collect())
    }

    /// Every size in every region that has it, cheapest first.
    pub async fn sizes(&self) -> Result<Vec<Offer>> {
        Ok(by_price(self.listed().await?))
    }

    /// What fits the filter, in the order in which to try it.
    pub async fn offers(&self, filter: &OfferFilter) -> Result<Vec<Offer>> {
        choose(self.listed().await?, filter, self.rest.peer)
    }

    async fn listed(&self) -> Result<Vec<Listed>> {
        let (sizes, regions) = tokio::try_join!(
            self.list::<Size>("sizes", "sizes", &[]),
            self.list::<RegionInfo>("regions", "regions", &[]),
        )?;
        let open = |slug: &str| regions.iter().any(|r| r.slug == slug && r.available);
        let listed = |size: &Size, region: &str| Listed {
            offer: Offer {
                size: size.slug.clone(),
                region: region.to_owned(),
                vcpus: size.vcpus,
                memory_mb: size.memory,
                disk_gb: size.disk,
                arch: "x86_64".to_owned(),
                price_month: size.price_monthly,
                currency: CURRENCY.to_owned(),
                available: size.available && open(region),
            },
            deprecated: false,
        };
        let of_size = |size: &Size| size.regions.iter().map(|r| listed(size, r)).collect::<Vec<_>>();
        Ok(sizes.iter().flat_map(of_size).collect())
    }
}
