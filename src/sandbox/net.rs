//! The servers' network: a bridge of our own with a free range, and a way out through this
//! machine's address.

use super::shell::{Shell, failed};
use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// How many ranges are tried when others claim them first.
const TRIES: usize = 16;
/// The script's exit code when another sandbox was quicker.
const CLAIMED: i32 = 75;
/// How long names may take to be looked up: an unknown one is no obstacle.
const LOOKUP: Duration = Duration::from_millis(800);
/// The file in the sandbox's folder that tells what has to be removed.
const RECORD: &str = "network.json";

/// A network, as its record tells it.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Network {
    /// The bridge's name.
    pub bridge: String,
    /// The first three numbers of its range, such as `198.18.7`; the bridge is `.1`.
    pub net: String,
    /// The nftables table with the address translation.
    table: String,
    /// Where this machine reaches the world, if it does.
    uplink: Option<String>,
}

impl Network {
    /// Makes a network. Its record is in `dir` before anything else is.
    ///
    /// # Errors
    /// `unavailable` if all ranges are taken; `io` if the kernel refuses.
    pub async fn up(dir: &Path) -> Result<Network> {
        let routes = Shell::new("list-routes", "ip -4 route show table all").run().await?;
        let uplink = uplink(&routes);
        let taken = routes.lines().filter_map(Range::of_route).collect::<Vec<_>>();
        let avoid = addresses_in_use().await;
        let mut random = [0u8; 5];
        getrandom::fill(&mut random).map_err(|_| crate::error::internal("the system has no randomness"))?;
        let name: String = random[..3].iter().map(|b| format!("{b:02x}")).collect();
        let first = u16::from_le_bytes([random[3], random[4]]) % 512;
        for net in free(first, &taken, &avoid).take(TRIES) {
            let network = Network {
                bridge: format!("cwk-{name}"),
                table: format!("clawdwako_{name}"),
                uplink: uplink.clone(),
                net,
            };
            super::record::write(&dir.join(RECORD), &network)?;
            let output = network
                .script("network-up", include_str!("../../assets/sandbox/network-up.sh"))
                .output()
                .await?;
            match output.status.code() {
                Some(0) => return Ok(network),
                Some(CLAIMED) => continue,
                _ => {
                    Network::down(dir).await?;
                    return Err(failed("network-up", &output));
                }
            }
        }
        Network::down(dir).await?;
        Err(Error::new(
            Kind::Unavailable,
            "no range of 198.18.0.0/15 is free for the sandbox's servers",
        )
        .hint("end other sandboxes with `clawdwako sandbox down`; `ip route` shows what takes them"))
    }

    /// Removes the network that the record in `dir` tells of, and the record. None is well.
    ///
    /// # Errors
    /// `io` if something of it stays.
    pub async fn down(dir: &Path) -> Result<()> {
        let Some(network) = super::record::read::<Network>(&dir.join(RECORD))? else {
            return Ok(());
        };
        network
            .script("network-down", include_str!("../../assets/sandbox/network-down.sh"))
            .run()
            .await?;
        std::fs::remove_file(dir.join(RECORD))?;
        Ok(())
    }

    /// The bridge's address: this machine, as the servers reach it.
    pub fn gateway(&self) -> Result<Ipv4Addr> {
        format!("{}.1", self.net)
            .parse()
            .map_err(|_| crate::error::internal("a bridge without address"))
    }

    fn script(&self, name: &'static str, body: &'static str) -> Shell {
        let uplink = self.uplink.as_deref().unwrap_or_default();
        Shell::new(name, body)
            .var("BRIDGE", &self.bridge)
            .var("NET", &self.net)
            .var("TABLE", &self.table)
            .var("UPLINK", uplink)
            .var("SHARED", shared())
    }
}

/// What all sandboxes of this network namespace share; gone after a reboot, as what it tells of.
fn shared() -> String {
    let namespace = std::fs::metadata("/proc/self/ns/net").map_or(0, |m| m.ino());
    format!("/run/clawdwako-network-{namespace}")
}

/// The interface of the first default route.
fn uplink(routes: &str) -> Option<String> {
    let line = routes.lines().find(|l| l.starts_with("default "))?;
    line.split_whitespace()
        .skip_while(|w| *w != "dev")
        .nth(1)
        .map(str::to_owned)
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    base: u32,
    bits: u8,
}

impl Range {
    /// The destination of a line of `ip route`; none for a default route.
    fn of_route(line: &str) -> Option<Range> {
        let word = line
            .split_whitespace()
            .find(|w| w.starts_with(|c: char| c.is_ascii_digit()) || *w == "default")?;
        let (address, bits) = word.split_once('/').unwrap_or((word, "32"));
        let bits: u8 = bits.parse().ok().filter(|b| (1..=32).contains(b))?;
        Some(Range {
            base: u32::from(address.parse::<Ipv4Addr>().ok()?),
            bits,
        })
    }

    fn meets(self, other: Range) -> bool {
        let shift = 32 - u32::from(self.bits.min(other.bits));
        self.base.checked_shr(shift) == other.base.checked_shr(shift)
    }
}

/// The free ranges of 198.18.0.0/15, `first` leading. A name server or package registry can
/// answer in that range without a route of its own: its range would be shadowed, so it is out.
fn free<'a>(first: u16, taken: &'a [Range], avoid: &'a BTreeSet<Ipv4Addr>) -> impl Iterator<Item = String> + 'a {
    (0..512u16).map(move |n| (first + n) % 512).filter_map(move |n| {
        let [high, low] = n.to_be_bytes();
        let range = Range {
            base: u32::from(Ipv4Addr::new(198, 18 + high, low, 0)),
            bits: 24,
        };
        let used = avoid.iter().any(|a| {
            range.meets(Range {
                base: u32::from(*a),
                bits: 32,
            })
        });
        let routed = taken.iter().any(|t| range.meets(*t));
        (!used && !routed).then(|| format!("198.{}.{low}", 18 + high))
    })
}

/// Addresses that the servers need to reach: this machine's name servers and apt's archives.
async fn addresses_in_use() -> BTreeSet<Ipv4Addr> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let mut found: BTreeSet<Ipv4Addr> = read("/etc/resolv.conf")
        .lines()
        .filter_map(|l| l.strip_prefix("nameserver")?.trim().parse().ok())
        .collect();
    let mut sources = read("/etc/apt/sources.list");
    for entry in std::fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten()
        .flatten()
    {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "sources" || e == "list") {
            sources.push_str(&std::fs::read_to_string(path).unwrap_or_default());
        }
    }
    let lookups = hosts_in(&sources).into_iter().map(|host| async move {
        match tokio::time::timeout(LOOKUP, tokio::net::lookup_host((host.as_str(), 80))).await {
            Ok(Ok(addresses)) => addresses.map(|a| a.ip()).collect(),
            _ => Vec::new(),
        }
    });
    for address in futures_util::future::join_all(lookups).await.into_iter().flatten() {
        if let IpAddr::V4(v4) = address {
            found.insert(v4);
        }
    }
    found
}

/// The hosts of the addresses in apt's source files.
fn hosts_in(sources: &str) -> BTreeSet<String> {
    let lines = sources.lines().filter(|l| !l.trim_start().starts_with('#'));
    let words = lines.flat_map(str::split_whitespace).filter(|w| w.starts_with("http"));
    words
        .filter_map(|w| url::Url::parse(w).ok()?.host_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &str = "default via 192.0.2.1 dev eth0 \n192.0.2.0/24 dev eth0 proto kernel\n\
        unreachable 198.18.0.0/24 metric 4096 \n198.18.2.0/23 dev tun0\nlocal 198.18.4.1 dev x table local\n";

    #[test]
    fn a_range_that_is_routed_or_in_use_is_not_taken() {
        let taken: Vec<Range> = ROUTES.lines().filter_map(Range::of_route).collect();
        assert_eq!(taken.len(), 4, "the default route takes nothing");
        let avoid = BTreeSet::from([Ipv4Addr::new(198, 18, 1, 53)]);
        let got: Vec<String> = free(0, &taken, &avoid).take(2).collect();
        assert_eq!(got, ["198.18.5", "198.18.6"]);
        assert_eq!(free(511, &taken, &avoid).next().unwrap(), "198.19.255");
        assert_eq!(free(0, &taken, &avoid).count(), 512 - 5);
        let all = [Range {
            base: u32::from(Ipv4Addr::new(198, 18, 0, 0)),
            bits: 15,
        }];
        assert_eq!(free(0, &all, &avoid).count(), 0);
    }

    #[test]
    fn the_uplink_and_the_archives_are_found() {
        assert_eq!(uplink(ROUTES).as_deref(), Some("eth0"));
        assert_eq!(uplink("192.0.2.0/24 dev eth0"), None);
        let text = "# http://old.example/\nURIs: http://deb.example/debian\ndeb [a=b] https://sec.example:8443/x bookworm main\n";
        assert_eq!(
            hosts_in(text).into_iter().collect::<Vec<_>>(),
            ["deb.example", "sec.example"]
        );
    }
}
