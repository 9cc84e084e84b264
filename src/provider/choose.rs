//! Which server type to try first.

use super::{Offer, OfferFilter};
use crate::error::{Error, Kind, Result, usage};
use std::collections::BTreeSet;

/// What counts as roomy: 4 GB, with a little off for providers that keep some back. The agent
/// runs in 2 GB with swap, and well in 4.
const ROOMY_MB: i64 = 4000;
/// How many times the price of a small type a roomy one may have and still come first.
const NEAR: f64 = 1.25;
/// How many times the price of the first choice any further choice may have. Without it, a day
/// on which all small types are sold out would end with a machine that nobody asked for.
const DEAREST: f64 = 2.5;
/// The architectures that the agent runs on.
const KNOWN_ARCHES: [&str; 2] = ["x86_64", "aarch64"];

/// An offer, and whether the provider is about to take it away.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub offer: Offer,
    /// Can still be ordered perhaps, but should not be unless named.
    pub deprecated: bool,
}

/// All offers, cheapest first.
pub(super) fn by_price(mut all: Vec<Listed>) -> Vec<Offer> {
    all.sort_by(|a, b| a.offer.price_month.total_cmp(&b.offer.price_month));
    all.into_iter().map(|l| l.offer).collect()
}

/// What fits the filter and can be ordered now, in the order in which to try it.
///
/// # Errors
/// `usage` if the region or size named does not exist or cannot do; `quota` if the plan allows
/// nothing that fits; `unavailable` if nothing fits now.
pub(super) fn choose(all: Vec<Listed>, filter: &OfferFilter, peer: &str) -> Result<Vec<Offer>> {
    check_names(&all, filter, peer)?;
    let fits = |l: &Listed| {
        filter.region.as_ref().is_none_or(|r| *r == l.offer.region)
            && filter.size.as_ref().is_none_or(|s| *s == l.offer.size)
            && l.offer.memory_mb >= filter.min_memory_mb
            && KNOWN_ARCHES.contains(&l.offer.arch.as_str())
    };
    let (fitting, beyond): (Vec<Listed>, Vec<Listed>) =
        all.into_iter().filter(fits).partition(|l| filter.allows(&l.offer));
    if fitting.is_empty() && !beyond.is_empty() {
        return Err(not_allowed(beyond, filter, peer));
    }
    let (mut now, later): (Vec<Listed>, Vec<Listed>) = fitting
        .into_iter()
        .partition(|l| l.offer.available && (!l.deprecated || filter.size.is_some()));
    now.sort_by(|a, b| {
        rank(&a.offer)
            .partial_cmp(&rank(&b.offer))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let Some(first) = now.first() else {
        return Err(nothing(later, filter, peer));
    };
    let dearest = first.offer.price_month * DEAREST;
    Ok(now
        .into_iter()
        .map(|l| l.offer)
        .filter(|o| filter.size.is_some() || o.price_month <= dearest)
        .collect())
}

/// Smaller is better: the price, with roomy types counted as if they were cheaper.
fn rank(offer: &Offer) -> (f64, bool, f64, bool) {
    let roomy = offer.memory_mb >= ROOMY_MB;
    let felt = if roomy {
        offer.price_month / NEAR
    } else {
        offer.price_month
    };
    (felt, !roomy, offer.price_month, offer.arch != "x86_64")
}

fn check_names(all: &[Listed], filter: &OfferFilter, peer: &str) -> Result<()> {
    if let Some(region) = &filter.region {
        let known: BTreeSet<&str> = all.iter().map(|l| l.offer.region.as_str()).collect();
        if !known.contains(region.as_str()) {
            let list = known.into_iter().collect::<Vec<_>>().join(", ");
            return Err(usage(format!("{peer} rents no servers in a region {region:?}"))
                .hint(format!("choose one of {list}; `clawdwako regions` tells more")));
        }
    }
    if let Some(size) = &filter.size {
        let Some(l) = all.iter().find(|l| l.offer.size == *size) else {
            return Err(usage(format!("{peer} has no server type {size:?}")).hint("`clawdwako sizes` lists them"));
        };
        if l.offer.memory_mb < filter.min_memory_mb {
            return Err(usage(format!(
                "{size} has {} MiB of memory, and {} are needed",
                l.offer.memory_mb, filter.min_memory_mb
            ))
            .hint("`clawdwako sizes` lists what is larger"));
        }
    }
    Ok(())
}

impl OfferFilter {
    /// Whether the user's plan allows it.
    fn allows(&self, offer: &Offer) -> bool {
        self.max_memory_mb.is_none_or(|most| offer.memory_mb <= most)
            && self.regions.as_ref().is_none_or(|all| all.contains(&offer.region))
    }
}

/// Says what would fit if the plan allowed it.
fn not_allowed(beyond: Vec<Listed>, filter: &OfferFilter, peer: &str) -> Error {
    let allowed = match (filter.max_memory_mb, &filter.regions) {
        (Some(most), Some(regions)) => format!("up to {most} MiB of memory in {}", regions.join(", ")),
        (Some(most), None) => format!("up to {most} MiB of memory"),
        (None, Some(regions)) => format!("in {}", regions.join(", ")),
        (None, None) => "of no kind".to_owned(),
    };
    let nearest = by_price(beyond).into_iter().next().map_or_else(String::new, |o| {
        format!("; the cheapest is {} in {} ({} MiB)", o.size, o.region, o.memory_mb)
    });
    let what = format!("the plan allows servers {allowed}, and {peer} has none of those that fits{nearest}");
    Error::new(Kind::Quota, what).hint("choose another provider, region or size, or take a larger plan")
}

/// Says what came nearest.
fn nothing(mut later: Vec<Listed>, filter: &OfferFilter, peer: &str) -> Error {
    later.sort_by(|a, b| a.offer.price_month.total_cmp(&b.offer.price_month));
    let what = match later.first() {
        Some(Listed { offer: o, .. }) => format!(
            "{peer} has no fitting server to rent right now; the nearest is {} in {} ({} MiB, {:.2} {} a month), which cannot be ordered",
            o.size, o.region, o.memory_mb, o.price_month, o.currency
        ),
        None => format!(
            "{peer} has no server type with {} MiB of memory for that region and size",
            filter.min_memory_mb
        ),
    };
    Error::new(Kind::Unavailable, what).hint(
        "leave out --region and --size, choose others (`clawdwako sizes` shows what is there), or try again later",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(size: &str, region: &str, memory_mb: i64, price_month: f64) -> Listed {
        Listed {
            offer: Offer {
                size: size.into(),
                region: region.into(),
                vcpus: 1,
                memory_mb,
                disk_gb: 20,
                arch: "x86_64".into(),
                price_month,
                currency: "EUR".into(),
                available: true,
            },
            deprecated: false,
        }
    }

    fn filter(region: Option<&str>, size: Option<&str>) -> OfferFilter {
        OfferFilter {
            region: region.map(Into::into),
            size: size.map(Into::into),
            min_memory_mb: 2048,
            ..OfferFilter::default()
        }
    }

    fn order(all: Vec<Listed>, w: &OfferFilter) -> Vec<String> {
        let offers = choose(all, w, "X").unwrap();
        offers.iter().map(|o| format!("{}@{}", o.size, o.region)).collect()
    }

    #[test]
    fn cheapest_first_but_four_gigabytes_where_the_price_is_near() {
        let all = vec![
            listed("tiny", "a", 1024, 1.0),
            listed("small", "a", 2048, 6.0),
            listed("roomy", "b", 4096, 7.5),
            listed("roomy", "c", 4096, 7.51),
            listed("huge", "a", 65536, 90.0),
        ];
        assert_eq!(order(all, &filter(None, None)), ["roomy@b", "small@a", "roomy@c"]);
    }

    #[test]
    fn what_cannot_or_should_not_be_ordered_is_left_out() {
        let mut sold_out = listed("sold-out", "a", 4096, 1.0);
        sold_out.offer.available = false;
        let mut old = listed("old", "a", 4096, 2.0);
        old.deprecated = true;
        let mut odd = listed("odd", "a", 4096, 2.0);
        odd.offer.arch = "riscv64".into();
        let all = vec![sold_out, old, odd, listed("good", "a", 4096, 5.0)];
        assert_eq!(order(all.clone(), &filter(None, None)), ["good@a"]);
        assert_eq!(
            order(all.clone(), &filter(None, Some("old"))),
            ["old@a"],
            "named is named"
        );
        let e = choose(all, &filter(None, Some("sold-out")), "X").unwrap_err();
        assert_eq!(e.kind(), Kind::Unavailable);
        assert!(e.message().contains("sold-out in a"), "{e}");
    }

    #[test]
    fn what_the_plan_does_not_allow_is_never_chosen() {
        let all = vec![
            listed("tiny", "a", 1024, 1.0),
            listed("small", "a", 2048, 6.0),
            listed("roomy", "a", 4096, 6.1),
            listed("roomy", "b", 4096, 5.0),
        ];
        let within = |most: Option<i64>, regions: Option<&[&str]>, size: Option<&str>| OfferFilter {
            max_memory_mb: most,
            regions: regions.map(|r| r.iter().map(|&r| r.into()).collect()),
            ..filter(None, size)
        };
        assert_eq!(order(all.clone(), &within(Some(2048), None, None)), ["small@a"]);
        assert_eq!(
            order(all.clone(), &within(None, Some(&["a"]), None)),
            ["roomy@a", "small@a"]
        );
        for (most, regions, size) in [
            (Some(1024), None, None),
            (Some(2048), None, Some("roomy")),
            (Some(2048), Some(&["b"][..]), None),
            (None, Some(&["c"][..]), None),
        ] {
            let e = choose(all.clone(), &within(most, regions, size), "X").unwrap_err();
            assert_eq!(e.kind(), Kind::Quota, "{e}");
            assert!(e.next_step().unwrap().contains("plan"), "{e}");
        }
        // What is allowed and sold out is no question of the plan.
        let mut sold_out = all;
        sold_out[1].offer.available = false;
        let e = choose(sold_out, &within(Some(2048), None, None), "X").unwrap_err();
        assert_eq!(e.kind(), Kind::Unavailable);
    }

    #[test]
    fn wrong_names_are_usage_errors_that_list_what_there_is() {
        let all = vec![listed("s", "a", 2048, 6.0), listed("t", "b", 1024, 6.0)];
        let fail = |w| choose(all.clone(), &w, "X").unwrap_err();
        let region = fail(filter(Some("z"), None));
        assert_eq!(region.kind(), Kind::Usage);
        assert!(region.next_step().unwrap().contains("a, b"));
        assert_eq!(fail(filter(None, Some("z"))).kind(), Kind::Usage);
        assert_eq!(fail(filter(None, Some("t"))).kind(), Kind::Usage);
        assert_eq!(fail(filter(Some("b"), None)).kind(), Kind::Unavailable);
    }
}
