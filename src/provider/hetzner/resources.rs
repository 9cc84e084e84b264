//! What carries our label at Hetzner, and taking it away.

use super::wire::{FirewallAnswer, KeyAnswer, Labels, Part, Pricing, PrimaryIp, PrimaryIpAnswer, Server, ServerAnswer};
use super::{Hetzner, selector};
use crate::error::Result;
use crate::provider::rest::moment;
use crate::provider::wait::Wait;
use crate::provider::{LABEL, Resource, ResourceKind, not_ours};

/// For how many pauses a deleted server may still be there: two minutes at half a second.
const DELETE_PAUSES: u32 = 240;

impl Hetzner {
    /// Everything in the project that carries our label, of one deployment or of all. Of
    /// addresses only those that no server has: the others go with their server.
    pub async fn resources(&self, deployment_id: Option<&str>) -> Result<Vec<Resource>> {
        let label = selector(deployment_id);
        let query = [("label_selector", label.as_str())];
        let (servers, firewalls, keys, mut addresses) = tokio::try_join!(
            self.list::<Server>("servers", &query),
            self.list::<Part>("firewalls", &query),
            self.list::<Part>("ssh_keys", &query),
            self.list::<PrimaryIp>("primary_ips", &query),
        )?;
        addresses.retain(|a| a.assignee_id.is_none());
        let pricing = match servers.is_empty() && addresses.is_empty() {
            true => None,
            false => Some(self.pricing().await?),
        };
        let mut all: Vec<Resource> = Vec::new();
        all.extend(servers.iter().map(|s| of_server(s, pricing.as_ref())));
        all.extend(firewalls.iter().map(|p| of_part(ResourceKind::Firewall, p)));
        all.extend(keys.iter().map(|p| of_part(ResourceKind::SshKey, p)));
        all.extend(addresses.iter().map(|a| of_address(a, pricing.as_ref())));
        Ok(all)
    }

    /// Deletes one thing and waits until it is gone; gone already is well. Looks first whether
    /// it still carries the label that it is said to carry, and leaves it alone if not.
    pub async fn delete(&self, resource: &Resource) -> Result<()> {
        let id = &resource.id;
        let (path, labels): (String, Option<Labels>) = match resource.kind {
            ResourceKind::Server => {
                let path = format!("servers/{id}");
                let found: Option<ServerAnswer> = self.rest.find(&path).await?;
                if let Some(answer) = &found
                    && answer.server.labels.get(LABEL) == Some(&resource.deployment_id)
                {
                    // If it was never waited for, its addresses are not marked yet.
                    self.label_addresses(&answer.server).await?;
                }
                (path, found.map(|a| a.server.labels))
            }
            ResourceKind::Firewall => {
                let path = format!("firewalls/{id}");
                let found: Option<FirewallAnswer> = self.rest.find(&path).await?;
                (path, found.map(|a| a.firewall.labels))
            }
            ResourceKind::SshKey => {
                let path = format!("ssh_keys/{id}");
                let found: Option<KeyAnswer> = self.rest.find(&path).await?;
                (path, found.map(|a| a.ssh_key.labels))
            }
            ResourceKind::Address => {
                let path = format!("primary_ips/{id}");
                let found: Option<PrimaryIpAnswer> = self.rest.find(&path).await?;
                (path, found.map(|a| a.primary_ip.labels))
            }
        };
        let Some(labels) = labels else {
            return Ok(());
        };
        if labels.get(LABEL) != Some(&resource.deployment_id) {
            return Err(not_ours(resource, self.rest.peer));
        }
        // A firewall stays "in use" for a while after its server is gone: the client waits.
        self.rest.delete(&path).await?;
        match resource.kind {
            ResourceKind::Server => self.wait_gone(&path, &resource.name).await,
            _ => Ok(()),
        }
    }

    /// A server's deletion is an action; it is over when the server cannot be found any more.
    async fn wait_gone(&self, path: &str, name: &str) -> Result<()> {
        let mut wait = Wait::steady(self.rest.pause(), self.rest.pause() * DELETE_PAUSES);
        while self.rest.find::<ServerAnswer>(path).await?.is_some() {
            if !wait.next().await {
                return Err(wait.in_vain(format_args!("Hetzner to delete server {name}")));
            }
        }
        Ok(())
    }
}

fn of_server(server: &Server, pricing: Option<&Pricing>) -> Resource {
    let location = server.location.as_ref().map(|l| l.name.as_str()).unwrap_or_default();
    Resource {
        kind: ResourceKind::Server,
        id: server.id.to_string(),
        name: server.name.clone(),
        deployment_id: deployment(&server.labels),
        price_month: pricing.and_then(|p| p.server_month(&server.server_type, location)),
        currency: pricing.map(|p| p.currency.clone()),
        created_at: server.created.as_deref().and_then(moment),
    }
}

fn of_part(kind: ResourceKind, part: &Part) -> Resource {
    Resource {
        kind,
        id: part.id.to_string(),
        name: part.name.clone(),
        deployment_id: deployment(&part.labels),
        price_month: None,
        currency: None,
        created_at: part.created.as_deref().and_then(moment),
    }
}

fn of_address(address: &PrimaryIp, pricing: Option<&Pricing>) -> Resource {
    let location = address.location.as_ref().map(|l| l.name.as_str()).unwrap_or_default();
    Resource {
        kind: ResourceKind::Address,
        id: address.id.to_string(),
        name: address.name.clone(),
        deployment_id: deployment(&address.labels),
        price_month: pricing.and_then(|p| p.address_month(&address.version, location)),
        currency: pricing.map(|p| p.currency.clone()),
        created_at: address.created.as_deref().and_then(moment),
    }
}

fn deployment(labels: &Labels) -> String {
    labels.get(LABEL).cloned().unwrap_or_default()
}
