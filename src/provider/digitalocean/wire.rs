//! DigitalOcean's answers, as far as they are read. Unknown fields and values are let pass: the
//! service grows.

use serde::{Deserialize, Deserializer};

#[derive(Debug, Deserialize)]
pub(super) struct AccountAnswer {
    pub account: AccountInfo,
}

#[derive(Debug, Deserialize)]
pub(super) struct AccountInfo {
    pub droplet_limit: Option<i64>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    /// `active`, `warning`, `locked`.
    pub status: String,
    #[serde(default)]
    pub status_message: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RegionInfo {
    pub slug: String,
    pub name: String,
    pub available: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Size {
    pub slug: String,
    /// In MiB.
    pub memory: i64,
    pub vcpus: i64,
    /// In GB.
    pub disk: i64,
    /// In USD; the IPv4 address is included.
    pub price_monthly: f64,
    pub available: bool,
    #[serde(default)]
    pub regions: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DropletAnswer {
    pub droplet: Droplet,
    /// Only after a create.
    #[serde(default)]
    pub links: Links,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Links {
    #[serde(default)]
    pub actions: Vec<ActionLink>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ActionLink {
    pub id: i64,
    pub rel: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Droplet {
    pub id: i64,
    pub name: String,
    /// `new`, `active`, `off`, `archive`.
    pub status: String,
    pub created_at: Option<String>,
    pub size_slug: String,
    pub size: Option<Size>,
    pub region: Slug,
    #[serde(default)]
    pub networks: Networks,
    #[serde(default, deserialize_with = "null_is_none")]
    pub tags: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Slug {
    pub slug: String,
}

/// Empty right after a create.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Networks {
    #[serde(default)]
    pub v4: Vec<Network>,
    #[serde(default)]
    pub v6: Vec<Network>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Network {
    pub ip_address: String,
    /// `public`, `private`.
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ActionAnswer {
    pub action: Action,
}

#[derive(Debug, Deserialize)]
pub(super) struct Action {
    /// `in-progress`, `completed`, `errored`.
    pub status: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Firewall {
    pub id: String,
    pub name: String,
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "null_is_none")]
    pub tags: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FirewallAnswer {
    pub firewall: Firewall,
}

#[derive(Debug, Deserialize)]
pub(super) struct Key {
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeyAnswer {
    pub ssh_key: Key,
}

/// Lists that may be null when they are empty.
fn null_is_none<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::<Vec<String>>::deserialize(d)?.unwrap_or_default())
}
