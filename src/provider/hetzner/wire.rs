//! Hetzner's answers, as far as they are read. Unknown fields and values are let pass: the
//! service grows.

use serde::Deserialize;
use std::collections::BTreeMap;

pub(super) type Labels = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
pub(super) struct Action {
    pub id: i64,
    #[serde(default)]
    pub command: String,
    /// `running`, `success`, `error`.
    pub status: String,
    pub error: Option<ActionError>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ActionError {
    pub code: String,
    #[serde(default)]
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ActionAnswer {
    pub action: Action,
}

/// Something with a name and labels: a key, a firewall.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    pub id: i64,
    pub name: String,
    #[serde(default)]
    pub labels: Labels,
    pub created: Option<String>,
    /// Of a key only.
    pub public_key: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeyAnswer {
    pub ssh_key: Part,
}

#[derive(Debug, Deserialize)]
pub(super) struct FirewallAnswer {
    pub firewall: Part,
}

#[derive(Debug, Deserialize)]
pub(super) struct Server {
    pub id: i64,
    pub name: String,
    /// `running`, `initializing`, `starting`, `off`, …
    pub status: String,
    #[serde(default)]
    pub labels: Labels,
    pub created: Option<String>,
    pub server_type: ServerType,
    pub location: Option<Location>,
    #[serde(default)]
    pub public_net: PublicNet,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct PublicNet {
    pub ipv4: Option<Address>,
    pub ipv6: Option<Address>,
}

/// An address of a server; the id is that of the primary IP.
#[derive(Debug, Deserialize)]
pub(super) struct Address {
    pub id: Option<i64>,
    pub ip: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ServerAnswer {
    pub server: Server,
    /// Only after a create.
    pub action: Option<Action>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PrimaryIp {
    pub id: i64,
    pub name: String,
    #[serde(rename = "type", default)]
    pub version: String,
    #[serde(default)]
    pub labels: Labels,
    /// The server that has it; a free one has none (and, since 2026, the type `unassigned`).
    pub assignee_id: Option<i64>,
    pub created: Option<String>,
    pub location: Option<Location>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PrimaryIpAnswer {
    pub primary_ip: PrimaryIp,
}

#[derive(Debug, Deserialize)]
pub(super) struct Location {
    pub name: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub country: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ServerType {
    pub name: String,
    #[serde(default)]
    pub cores: i64,
    /// In GB; not always whole.
    pub memory: f64,
    /// In GB.
    pub disk: i64,
    /// `x86`, `arm`.
    pub architecture: String,
    pub deprecation: Option<Deprecation>,
    #[serde(default)]
    pub locations: Vec<TypeLocation>,
    #[serde(default)]
    pub prices: Vec<PriceAt>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TypeLocation {
    pub name: String,
    /// Since 2026; an older answer leaves it out, and then a create tells.
    pub available: Option<bool>,
    pub deprecation: Option<Deprecation>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Deprecation {
    pub unavailable_after: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PriceAt {
    pub location: String,
    pub price_monthly: Price,
}

#[derive(Debug, Deserialize)]
pub(super) struct Price {
    /// A decimal number as text.
    pub net: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct PricingAnswer {
    pub pricing: Pricing,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pricing {
    pub currency: String,
    #[serde(default)]
    pub primary_ips: Vec<PrimaryIpPrices>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PrimaryIpPrices {
    #[serde(rename = "type")]
    pub version: String,
    #[serde(default)]
    pub prices: Vec<PriceAt>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Image {
    pub name: Option<String>,
    pub architecture: String,
    #[serde(default)]
    pub status: String,
    pub deprecated: Option<String>,
    /// In GB: the least disk that it fits on.
    #[serde(default)]
    pub disk_size: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct ImageAnswer {
    pub image: Image,
}

/// The price at a location.
pub(super) fn price_at(prices: &[PriceAt], location: &str) -> Option<f64> {
    let at = prices.iter().find(|p| p.location == location)?;
    at.price_monthly.net.parse().ok()
}

/// Our name of an architecture.
pub(super) fn arch(theirs: &str) -> &str {
    match theirs {
        "x86" => "x86_64",
        "arm" => "aarch64",
        other => other,
    }
}
