//! Where servers come from: one enum, and the types that all providers share.
//!
//! "Ensure" means: look for what carries our label, else create. Nothing here remembers
//! anything: the label on the provider's side is the memory.

mod choose;
pub mod digitalocean;
mod ensure;
pub mod existing;
mod fingerprint;
pub mod hetzner;
mod rest;
mod wait;

use crate::error::Result;
use crate::http::{Endpoints, Http};
use crate::model::{Millis, ProviderKind};
use crate::secrets::Secret;
use serde::Serialize;

/// The label (Hetzner) or tag prefix (DigitalOcean, with `:` for `=`) that marks what is ours.
pub const LABEL: &str = "clawdwako-deployment";

/// Which deployment a thing at the provider belongs to, and how it is named there.
#[derive(Debug, Clone)]
pub struct Tag {
    /// The deployment's id, the label's value.
    pub deployment_id: String,
    /// The bot's name; part of the server's name, for people.
    pub bot_name: String,
}

impl Tag {
    /// The name of everything that we make for the deployment: unique, a valid host name,
    /// at most 63 characters.
    pub fn resource_name(&self) -> String {
        let readable: String = self
            .bot_name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .take(20)
            .collect();
        let readable = readable.trim_matches('-').to_ascii_lowercase();
        let readable = if readable.is_empty() { "bot" } else { &readable };
        format!("clawdwako-{readable}-{}", self.deployment_id)
            .chars()
            .take(63)
            .collect::<String>()
    }
}

/// The account behind a token.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Account {
    /// A name or e-mail that tells the user which account it is, if the provider tells.
    pub name: Option<String>,
    /// How many servers it may have, if the provider tells.
    pub server_limit: Option<i64>,
    /// How many it has.
    pub servers_used: i64,
    /// A warning of the provider's about the account.
    pub warning: Option<String>,
}

/// A place where servers stand.
#[derive(Debug, Clone, Serialize)]
pub struct Region {
    /// The provider's name, such as `fsn1`.
    pub name: String,
    /// For people, such as `Falkenstein, DE`.
    pub title: String,
    /// Whether new servers can be made there.
    pub available: bool,
}

/// A server type, with the price in one region.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// The provider's name, such as `cx23`.
    pub size: String,
    /// The region that the price and availability are for.
    pub region: String,
    /// Virtual CPUs.
    pub vcpus: i64,
    /// Memory in MiB.
    pub memory_mb: i64,
    /// Disk in GB.
    pub disk_gb: i64,
    /// `x86_64` or `aarch64`.
    pub arch: String,
    /// Net price of a month including the IPv4 address.
    pub price_month: f64,
    /// ISO 4217.
    pub currency: String,
    /// Whether it can be ordered now.
    pub available: bool,
}

/// What the user asks of a server; what is open is chosen.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    /// Only this region.
    pub region: Option<String>,
    /// Only this type.
    pub size: Option<String>,
    /// At least so much memory, in MiB.
    pub min_memory_mb: i64,
    /// At most so much, in MiB, by the user's plan.
    pub max_memory_mb: Option<i64>,
    /// Only these regions, by the user's plan.
    pub regions: Option<Vec<String>>,
}

/// The number that an image is asked for by: then it is the provider's id of any image or snapshot
/// in the account. None if it is asked for by a name, which is one of the provider's own.
pub fn image_number(image: &str) -> Option<i64> {
    image.parse().ok()
}

/// What a new server is made from.
#[derive(Debug, Clone)]
pub struct InstanceSpec {
    /// Our name of the image (`debian-12`, `ubuntu-24.04`, `ubuntu-22.04`), or the provider's id of one.
    pub image: String,
    /// The provider's id of our public key.
    pub ssh_key_id: String,
    /// The provider's id of our firewall.
    pub firewall_id: String,
    /// cloud-init user data; holds the one-time host key, so it is a secret.
    pub user_data: Secret,
}

/// A server as the provider tells it.
#[derive(Debug, Clone, Serialize)]
pub struct Instance {
    /// The provider's id.
    pub id: String,
    /// Its name there.
    pub name: String,
    /// Its type.
    pub size: String,
    /// Where it stands.
    pub region: String,
    /// Public IPv4 address, once it has one.
    pub ipv4: Option<String>,
    /// Public IPv6 address.
    pub ipv6: Option<String>,
    /// Whether it is switched on and made.
    pub running: bool,
    /// The action that makes it, while that runs.
    pub action_id: Option<String>,
}

/// Kinds of things that we make at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// A server.
    Server,
    /// A firewall.
    Firewall,
    /// A public SSH key.
    SshKey,
    /// A public address that outlived its server.
    Address,
}

/// Something at a provider that carries our label.
#[derive(Debug, Clone, Serialize)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceKind,
    /// The provider's id.
    pub id: String,
    /// Its name there.
    pub name: String,
    /// The deployment that its label names.
    pub deployment_id: String,
    /// What it costs a month, if it costs and the price is known.
    pub price_month: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// When it was made, if the provider tells.
    pub created_at: Option<Millis>,
}

/// A provider, with the credential for it.
#[derive(Debug, Clone)]
pub enum Provider {
    /// Hetzner Cloud.
    Hetzner(hetzner::Hetzner),
    /// DigitalOcean.
    DigitalOcean(digitalocean::DigitalOcean),
    /// A server that the user has: nothing is made or deleted.
    Existing,
}

macro_rules! each {
    ($self:ident, $p:ident => $call:expr, existing => $none:expr) => {
        match $self {
            Provider::Hetzner($p) => $call,
            Provider::DigitalOcean($p) => $call,
            Provider::Existing => $none,
        }
    };
}

impl Provider {
    /// Makes the client. `token` is the provider's API token; `existing` needs none.
    ///
    /// # Errors
    /// `needs_user` if the provider needs a token and there is none.
    pub fn new(kind: ProviderKind, http: &Http, endpoints: &Endpoints, token: Option<&Secret>) -> Result<Self> {
        let need = |variable: &str| {
            token.cloned().ok_or_else(|| {
                crate::error::Error::new(
                    crate::error::Kind::NeedsUser,
                    format!("there is no API token for {kind}"),
                )
                .hint(format!("run `clawdwako secrets set {kind}`, or set {variable}"))
            })
        };
        Ok(match kind {
            ProviderKind::Hetzner => Provider::Hetzner(hetzner::Hetzner::new(
                http.clone(),
                endpoints.hetzner.clone(),
                need("HETZNER_API_TOKEN")?,
            )),
            ProviderKind::DigitalOcean => Provider::DigitalOcean(digitalocean::DigitalOcean::new(
                http.clone(),
                endpoints.digitalocean.clone(),
                need("DIGITALOCEAN_API_TOKEN")?,
            )),
            ProviderKind::Existing => Provider::Existing,
        })
    }

    /// Which provider it is.
    pub fn kind(&self) -> ProviderKind {
        match self {
            Provider::Hetzner(_) => ProviderKind::Hetzner,
            Provider::DigitalOcean(_) => ProviderKind::DigitalOcean,
            Provider::Existing => ProviderKind::Existing,
        }
    }

    /// Asks who the token belongs to and what it may have. Refused credentials, locked accounts
    /// and full quotas are errors.
    pub async fn account(&self) -> Result<Account> {
        each!(self, p => p.account().await, existing => Ok(Account::default()))
    }

    /// The regions, live.
    pub async fn regions(&self) -> Result<Vec<Region>> {
        each!(self, p => p.regions().await, existing => Ok(Vec::new()))
    }

    /// Every type in every region that has it, live, cheapest first; also what cannot be ordered now.
    pub async fn sizes(&self) -> Result<Vec<Offer>> {
        each!(self, p => p.sizes().await, existing => Ok(Vec::new()))
    }

    /// What fits the filter and can be ordered now, in the order in which to try it: cheapest
    /// first, but 4 GB before 2 GB where the price is near.
    ///
    /// # Errors
    /// `unavailable` if nothing fits, naming what came nearest; `usage` if the named region or
    /// size does not exist.
    pub async fn offers(&self, filter: &OfferFilter) -> Result<Vec<Offer>> {
        each!(self, p => p.offers(filter).await, existing => Ok(Vec::new()))
    }

    /// Finds or makes the public key of a deployment; answers the provider's id.
    pub async fn ensure_ssh_key(&self, tag: &Tag, public: &str) -> Result<String> {
        each!(self, p => p.ensure_ssh_key(tag, public).await, existing => Ok(String::new()))
    }

    /// Finds or makes the firewall of a deployment (SSH in; everything out); answers its id.
    pub async fn ensure_firewall(&self, tag: &Tag) -> Result<String> {
        each!(self, p => p.ensure_firewall(tag).await, existing => Ok(String::new()))
    }

    /// Finds the server of a deployment by its label.
    pub async fn find_instance(&self, tag: &Tag) -> Result<Option<Instance>> {
        each!(self, p => p.find_instance(tag).await, existing => Ok(None))
    }

    /// Finds the server of a deployment, looking for as long as a new one can stay unseen:
    /// for after a create whose end nobody saw.
    pub async fn find_settled(&self, tag: &Tag) -> Result<Option<Instance>> {
        let (pause, lag) = each!(self, p => p.patience(), existing => return Ok(None));
        let mut wait = wait::Wait::growing(pause, lag);
        loop {
            if let Some(found) = self.find_instance(tag).await? {
                return Ok(Some(found));
            }
            if !wait.next().await {
                return Ok(None);
            }
        }
    }

    /// Finds or makes the server of a deployment, trying the offers in order while the
    /// provider says that a type or place has none left. Answers as soon as it is ordered.
    pub async fn ensure_instance(&self, tag: &Tag, spec: &InstanceSpec, offers: &[Offer]) -> Result<Instance> {
        each!(self, p => p.ensure_instance(tag, spec, offers).await, existing => Err(nothing_to_make()))
    }

    /// Waits until the server is made, switched on and has an address.
    pub async fn wait_running(&self, instance: &Instance, deadline: std::time::Duration) -> Result<Instance> {
        each!(self, p => p.wait_running(instance, deadline).await, existing => Err(nothing_to_make()))
    }

    /// Everything in the account that carries our label, of one deployment or of all.
    pub async fn resources(&self, deployment_id: Option<&str>) -> Result<Vec<Resource>> {
        each!(self, p => p.resources(deployment_id).await, existing => Ok(Vec::new()))
    }

    /// Deletes one thing and waits until it is gone. Gone already is well.
    pub async fn delete(&self, resource: &Resource) -> Result<()> {
        each!(self, p => p.delete(resource).await, existing => Ok(()))
    }
}

fn nothing_to_make() -> crate::error::Error {
    crate::error::internal("no server can be made at provider `existing`")
}

/// Refuses user data that the provider would refuse, before anything is bought.
fn user_data_fits(spec: &InstanceSpec, limit: usize, peer: &str) -> Result<()> {
    let length = spec.user_data.expose().len();
    if length > limit {
        return Err(crate::error::internal(format!(
            "the server's first-boot script has {length} bytes, and {peer} takes {limit}"
        )));
    }
    Ok(())
}

/// Says that a thing is left alone because it does not carry the label that it should.
fn not_ours(resource: &Resource, peer: &str) -> crate::error::Error {
    crate::error::Error::new(
        crate::error::Kind::State,
        format!(
            "{} (id {}) at {peer} does not carry the label of deployment {}, so it is left alone",
            resource.name, resource.id, resource.deployment_id
        ),
    )
    .hint("if it is yours and no longer needed, delete it in the provider's console")
}
