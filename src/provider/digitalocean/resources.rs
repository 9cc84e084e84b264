//! What carries our mark at DigitalOcean, and taking it away.

use super::offers::CURRENCY;
use super::wire::{Droplet, DropletAnswer, Firewall, FirewallAnswer, Key, KeyAnswer};
use super::{DigitalOcean, named, tag_name, tagged};
use crate::error::{Result, internal};
use crate::provider::rest::moment;
use crate::provider::wait::Wait;
use crate::provider::{Resource, ResourceKind, not_ours};

/// For how many pauses a deleted droplet may still be there: two minutes at half a second.
const DELETE_PAUSES: u32 = 240;

impl DigitalOcean {
    /// Everything in the account that carries our mark, of one deployment or of all.
    pub async fn resources(&self, deployment_id: Option<&str>) -> Result<Vec<Resource>> {
        // Of all deployments there is no common tag that can be relied on: read every droplet.
        let tag = deployment_id.map(tag_name);
        let query: Vec<(&str, &str)> = tag.iter().map(|t| ("tag_name", t.as_str())).collect();
        let (droplets, firewalls, keys) = tokio::try_join!(
            self.list::<Droplet>("droplets", "droplets", &query),
            self.firewalls(),
            self.list::<Key>("account/keys", "ssh_keys", &[]),
        )?;
        let mut all: Vec<Resource> = Vec::new();
        all.extend(droplets.iter().filter_map(of_droplet));
        all.extend(firewalls.iter().filter_map(of_firewall));
        all.extend(keys.iter().filter_map(of_key));
        all.retain(|r| deployment_id.is_none_or(|id| id == r.deployment_id));
        Ok(all)
    }

    /// Deletes one thing and waits until it is gone; gone already is well. Looks first whether
    /// it still carries the mark that it is said to carry, and leaves it alone if not. The
    /// deployment's tag goes with the last thing that carries it.
    pub async fn delete(&self, resource: &Resource) -> Result<()> {
        let id = &resource.id;
        let (path, owner): (String, Option<Option<String>>) = match resource.kind {
            ResourceKind::Server => {
                let path = format!("droplets/{id}");
                let found: Option<DropletAnswer> = self.rest.find(&path).await?;
                (path, found.map(|a| tagged(&a.droplet.tags).map(Into::into)))
            }
            ResourceKind::Firewall => {
                let path = format!("firewalls/{id}");
                let found: Option<FirewallAnswer> = self.rest.find(&path).await?;
                (path, found.map(|a| owner_of(&a.firewall).map(Into::into)))
            }
            ResourceKind::SshKey => {
                let path = format!("account/keys/{id}");
                let found: Option<KeyAnswer> = self.rest.find(&path).await?;
                (path, found.map(|a| named(&a.ssh_key.name).map(Into::into)))
            }
            ResourceKind::Address => return Err(internal("we make no addresses at DigitalOcean")),
        };
        if let Some(owner) = owner {
            if owner.as_ref() != Some(&resource.deployment_id) {
                return Err(not_ours(resource, self.rest.peer));
            }
            self.rest.delete(&path).await?;
            self.wait_gone(&path, &resource.name).await?;
        }
        self.drop_tag(&resource.deployment_id).await
    }

    /// A deletion is answered at once, with nothing; the thing can be seen for a while longer.
    async fn wait_gone(&self, path: &str, name: &str) -> Result<()> {
        let mut wait = Wait::growing(self.rest.pause(), self.rest.pause() * DELETE_PAUSES);
        while self.rest.find::<serde_json::Value>(path).await?.is_some() {
            if !wait.next().await {
                return Err(wait.in_vain(format_args!("DigitalOcean to delete {name}")));
            }
        }
        Ok(())
    }
}

fn of_droplet(droplet: &Droplet) -> Option<Resource> {
    Some(Resource {
        kind: ResourceKind::Server,
        id: droplet.id.to_string(),
        name: droplet.name.clone(),
        deployment_id: tagged(&droplet.tags)?.to_owned(),
        price_month: droplet.size.as_ref().map(|s| s.price_monthly),
        currency: droplet.size.as_ref().map(|_| CURRENCY.to_owned()),
        created_at: droplet.created_at.as_deref().and_then(moment),
    })
}

/// The deployment that a firewall is of. It has lost its tag where the tag was dropped while a list
/// left the firewall out; the name that we gave it stays.
fn owner_of(firewall: &Firewall) -> Option<&str> {
    tagged(&firewall.tags).or_else(|| named(&firewall.name))
}

fn of_firewall(firewall: &Firewall) -> Option<Resource> {
    Some(Resource {
        kind: ResourceKind::Firewall,
        id: firewall.id.clone(),
        name: firewall.name.clone(),
        deployment_id: owner_of(firewall)?.to_owned(),
        price_month: None,
        currency: None,
        created_at: firewall.created_at.as_deref().and_then(moment),
    })
}

fn of_key(key: &Key) -> Option<Resource> {
    Some(Resource {
        kind: ResourceKind::SshKey,
        id: key.id.to_string(),
        name: key.name.clone(),
        deployment_id: named(&key.name)?.to_owned(),
        price_month: None,
        currency: None,
        created_at: None,
    })
}
