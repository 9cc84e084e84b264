//! Rents the server and reaches it.

use crate::deploy::Cx;
use crate::deploy::create::secret_names;
use crate::error::{Error, Kind, Result, internal};
use crate::model::{Placement, SshTarget};
use crate::openclaw::{MIN_MEMORY_MB, cloud_init, scripts};
use crate::provider::{Instance, InstanceSpec, OfferFilter};
use crate::ssh;
use std::time::Duration;

/// The image that is used when none is asked for.
pub const DEFAULT_IMAGE: &str = "debian-12";
/// How long a cloud may take to make a server; they say seconds, logs show up to two minutes.
const MAKE_SERVER: Duration = Duration::from_secs(300);
/// How long a server may take from being made to answering SSH.
const BOOT: Duration = Duration::from_secs(240);

/// One key pair to sign in with, and two host keys: the one the server boots with, which
/// anybody on the server can read from the metadata service, and the one that replaces it.
pub async fn make_keys(cx: &mut Cx<'_>) -> Result<()> {
    let name = cx.tag().resource_name();
    let user = ssh::generate(&name)?;
    let once = ssh::generate(&format!("{name}-once"))?;
    let next = ssh::generate(&format!("{name}-host"))?;
    let facts = &mut cx.deployment.facts;
    facts.ssh_public_key = Some(user.public);
    facts.host_key = Some(once.public);
    facts.next_host_key = Some(next.public);
    cx.keep_secret(secret_names::SSH_KEY, user.private);
    cx.keep_secret(secret_names::HOST_KEY_ONCE, once.private);
    cx.keep_secret(secret_names::HOST_KEY_NEXT, next.private);
    Ok(())
}

/// Our public key at the provider.
pub async fn create_ssh_key(cx: &mut Cx<'_>) -> Result<()> {
    let public = cx
        .deployment
        .facts
        .ssh_public_key
        .clone()
        .ok_or_else(|| internal("the SSH key was not made"))?;
    cx.deployment.facts.ssh_key_id = Some(cx.provider()?.ensure_ssh_key(&cx.tag(), &public).await?);
    Ok(())
}

/// The provider's firewall: SSH in, everything out.
pub async fn create_firewall(cx: &mut Cx<'_>) -> Result<()> {
    cx.deployment.facts.firewall_id = Some(cx.provider()?.ensure_firewall(&cx.tag()).await?);
    Ok(())
}

/// What the user asks of a server, as providers understand it.
pub fn offer_filter(placement: &Placement) -> OfferFilter {
    OfferFilter {
        region: placement.region.clone(),
        size: placement.size.clone(),
        min_memory_mb: MIN_MEMORY_MB,
        max_memory_mb: placement.max_memory_mb,
        regions: placement.regions.clone(),
    }
}

/// Orders the server: the cheapest that fits and can be had now.
pub async fn create_server(cx: &mut Cx<'_>) -> Result<()> {
    let (provider, tag) = (cx.provider()?, cx.tag());
    let mut offers = Vec::new();
    let instance = match cx.find_server().await? {
        Some(instance) => instance,
        None => {
            offers = provider.offers(&offer_filter(&cx.deployment.placement)).await?;
            let facts = &cx.deployment.facts;
            let missing = || internal("the SSH key or the firewall was not made");
            let spec = InstanceSpec {
                image: cx
                    .deployment
                    .placement
                    .image
                    .clone()
                    .unwrap_or_else(|| DEFAULT_IMAGE.into()),
                ssh_key_id: facts.ssh_key_id.clone().ok_or_else(missing)?,
                firewall_id: facts.firewall_id.clone().ok_or_else(missing)?,
                user_data: user_data(cx).await?,
            };
            if let Some(first) = offers.first() {
                cx.story.progress(format!(
                    "{} in {} at {:.2} {} a month",
                    first.size, first.region, first.price_month, first.currency
                ));
            }
            provider.ensure_instance(&tag, &spec, &offers).await?
        }
    };
    if offers.is_empty() {
        // It was ordered before, by a run that was cut off: the price is in the full list.
        offers = provider.sizes().await.unwrap_or_default();
    }
    let offer = offers
        .iter()
        .find(|o| o.size == instance.size && o.region == instance.region);
    let facts = &mut cx.deployment.facts;
    facts.size = Some(instance.size.clone());
    facts.region = Some(instance.region.clone());
    facts.price_month = offer.map(|o| o.price_month);
    facts.currency = offer.map(|o| o.currency.clone());
    facts.memory_mb = offer.map(|o| o.memory_mb);
    facts.action_id = instance.action_id.clone();
    note(cx, instance);
    // It is in the user data of a server that is ordered, and goes into no other's.
    cx.forget_secret(secret_names::HOST_KEY_ONCE);
    Ok(())
}

async fn user_data(cx: &Cx<'_>) -> Result<crate::secrets::Secret> {
    let facts = &cx.deployment.facts;
    let missing = || internal("the SSH keys were not made");
    let host_key = ssh::KeyPair {
        private: cx.secret(secret_names::HOST_KEY_ONCE).await?,
        public: facts.host_key.clone().ok_or_else(missing)?,
    };
    let authorized_key = facts.ssh_public_key.clone().ok_or_else(missing)?;
    cloud_init::user_data(&cloud_init::UserData {
        host_key: &host_key,
        authorized_key: &authorized_key,
        early_packages: true,
    })
}

fn note(cx: &mut Cx<'_>, instance: Instance) {
    let facts = &mut cx.deployment.facts;
    facts.instance_id = Some(instance.id);
    facts.ipv4 = instance.ipv4;
    facts.ipv6 = instance.ipv6;
}

/// Waits until the server is made and has an address.
pub async fn wait_server(cx: &mut Cx<'_>) -> Result<()> {
    let provider = cx.provider()?;
    let mut instance = provider.find_instance(&cx.tag()).await?.ok_or_else(|| {
        Error::new(Kind::NotFound, "the server that was ordered is not at the provider")
            .hint("somebody deleted it, or the order failed: `clawdwako destroy` cleans up, then deploy again")
    })?;
    instance.action_id = instance.action_id.or_else(|| cx.deployment.facts.action_id.clone());
    let instance = provider.wait_running(&instance, MAKE_SERVER).await?;
    let host = instance.ipv4.clone().or_else(|| instance.ipv6.clone()).ok_or_else(|| {
        Error::new(Kind::Upstream, "the server has no public address").hint("look at it in the provider's console")
    })?;
    cx.story.progress(format!("{host} in {}", instance.region));
    cx.deployment.facts.ssh = Some(SshTarget {
        host,
        port: 22,
        user: "root".into(),
    });
    note(cx, instance);
    Ok(())
}

/// Waits for SSH, with the host key that we made.
pub async fn connect(cx: &mut Cx<'_>) -> Result<()> {
    if !cx.rented() {
        let placement = &cx.deployment.placement;
        let facts = &mut cx.deployment.facts;
        facts.ssh = placement.host.clone();
        facts.host_key = placement.host_key.clone();
    }
    let booting = cx.rented().then_some(BOOT);
    cx.connect(booting).await
}

/// Replaces the host key that came with the user data, and pins the new one.
pub async fn rotate_host_key(cx: &mut Cx<'_>) -> Result<()> {
    let next = cx
        .deployment
        .facts
        .next_host_key
        .clone()
        .ok_or_else(|| internal("the next host key was not made"))?;
    let private = cx.secret(secret_names::HOST_KEY_NEXT).await?;
    cx.script(&scripts::rotate_host_key(&private)).await?;
    // Proved by a new session with the new key alone.
    cx.deployment.facts.host_key = Some(next);
    cx.disconnect();
    cx.connect(None).await?;
    // The server has it, and proved so: the public half is enough from here on.
    cx.forget_secret(secret_names::HOST_KEY_NEXT);
    Ok(())
}
