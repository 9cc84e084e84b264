//! Servers at Hetzner: find, make, wait for.

use super::image::Chosen;
use super::wire::{KeyAnswer, PrimaryIpAnswer, Server, ServerAnswer};
use super::{Hetzner, labels, selector};
use crate::error::{Kind, Result, internal, usage};
use crate::provider::ensure::ensure;
use crate::provider::wait::Wait;
use crate::provider::{Instance, InstanceSpec, LABEL, Offer, Tag, user_data_fits};
use serde_json::{Value, json};
use std::net::Ipv6Addr;
use std::time::Duration;

/// The most that Hetzner takes as user data, in bytes.
const MAX_USER_DATA: usize = 32 * 1024;

impl Hetzner {
    /// Finds the server of a deployment by its label; the oldest, should there be two.
    pub async fn find_instance(&self, tag: &Tag) -> Result<Option<Instance>> {
        let label = selector(Some(&tag.deployment_id));
        let servers: Vec<Server> = self.list("servers", &[("label_selector", &label)]).await?;
        Ok(servers.into_iter().min_by_key(|s| s.id).map(|s| instance(s, None)))
    }

    /// Finds or makes the server of a deployment, trying the offers in order while Hetzner says
    /// that a type or location has none left.
    pub async fn ensure_instance(&self, tag: &Tag, spec: &InstanceSpec, offers: &[Offer]) -> Result<Instance> {
        if let Some(found) = self.find_instance(tag).await? {
            return Ok(found);
        }
        user_data_fits(spec, MAX_USER_DATA, self.rest.peer)?;
        let image = self.image(&spec.image).await?;
        let key = self.key_name(&spec.ssh_key_id).await?;
        let mut refusal = usage(format!(
            "no server type that was chosen can run the image {:?}",
            spec.image
        ))
        .hint("choose another --image, --size or --region");
        for offer in offers.iter().filter(|o| image.fits(o)) {
            let body = order(tag, spec, offer, &image, &key)?;
            let create = async || {
                let made: ServerAnswer = self.rest.post("servers", body.clone()).await?;
                Ok(instance(made.server, made.action.map(|a| a.id)))
            };
            let look = || self.find_instance(tag);
            match ensure(self.rest.pause(), self.lag(), look, create).await {
                Err(e) if e.kind() == Kind::Unavailable => refusal = e,
                made => return made,
            }
        }
        Err(refusal)
    }

    /// Waits until the server is made, switched on and has an address; then puts our label on
    /// its addresses, so that one that outlives it is found.
    pub async fn wait_running(&self, instance_: &Instance, deadline: Duration) -> Result<Instance> {
        let begun = std::time::Instant::now();
        if let Some(action) = &instance_.action_id {
            self.action_done(action, deadline).await?;
        }
        let mut wait = Wait::steady(self.rest.pause(), deadline.saturating_sub(begun.elapsed()));
        let path = format!("servers/{}", instance_.id);
        loop {
            let answer: ServerAnswer = self.rest.get(&path, &[]).await?;
            let status = answer.server.status.clone();
            if status == "running" && answer.server.public_net.ipv4.is_some() {
                self.label_addresses(&answer.server).await?;
                return Ok(instance(answer.server, None));
            }
            if !wait.next().await {
                return Err(wait.in_vain(format_args!(
                    "server {} at Hetzner to run; it is {status}",
                    instance_.name
                )));
            }
        }
    }

    /// Labels the addresses of a server of ours and has them go with it: a primary IP that was
    /// made with a server carries no label by itself, and leaks unseen if it outlives the server.
    pub(super) async fn label_addresses(&self, server: &Server) -> Result<()> {
        let Some(id) = server.labels.get(LABEL) else {
            return Ok(());
        };
        let addresses = [&server.public_net.ipv4, &server.public_net.ipv6];
        for address in addresses.into_iter().flatten().filter_map(|a| a.id) {
            let path = format!("primary_ips/{address}");
            let Some(known) = self.rest.find::<PrimaryIpAnswer>(&path).await? else {
                continue;
            };
            let mut labels = known.primary_ip.labels;
            if labels.get(LABEL) != Some(id) {
                // A PUT replaces all labels: keep what is there.
                labels.insert(LABEL.to_owned(), id.clone());
                self.rest
                    .put(&path, json!({"labels": labels, "auto_delete": true}))
                    .await?;
            }
        }
        Ok(())
    }

    /// The create call takes names of keys.
    async fn key_name(&self, id: &str) -> Result<String> {
        let answer: KeyAnswer = self.rest.get(&format!("ssh_keys/{id}"), &[]).await?;
        Ok(answer.ssh_key.name)
    }
}

fn order(tag: &Tag, spec: &InstanceSpec, offer: &Offer, image: &Chosen, key: &str) -> Result<Value> {
    let firewall: i64 = spec
        .firewall_id
        .parse()
        .map_err(|_| internal(format!("{:?} is no id of a Hetzner firewall", spec.firewall_id)))?;
    Ok(json!({
        "name": tag.resource_name(),
        "server_type": offer.size,
        "location": offer.region,
        "image": image.reference,
        "ssh_keys": [key],
        "firewalls": [{"firewall": firewall}],
        "public_net": {"enable_ipv4": true, "enable_ipv6": true},
        "labels": labels(tag),
        "user_data": spec.user_data.expose(),
        "start_after_create": true,
    }))
}

fn instance(server: Server, action: Option<i64>) -> Instance {
    Instance {
        id: server.id.to_string(),
        name: server.name,
        size: server.server_type.name,
        region: server.location.map(|l| l.name).unwrap_or_default(),
        running: server.status == "running",
        ipv4: server.public_net.ipv4.map(|a| a.ip),
        ipv6: server.public_net.ipv6.and_then(|a| first_address(&a.ip)),
        action_id: action.map(|a| a.to_string()),
    }
}

/// Hetzner tells the /64; the server itself has `::1` of it.
fn first_address(network: &str) -> Option<String> {
    let prefix = network.split('/').next()?;
    let address: Ipv6Addr = prefix.parse().ok()?;
    Some(match network.contains('/') {
        true => Ipv6Addr::from_bits(address.to_bits() | 1).to_string(),
        false => address.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::first_address;

    #[test]
    fn the_first_address_of_the_network() {
        assert_eq!(first_address("2001:db8:1::/64").as_deref(), Some("2001:db8:1::1"));
        assert_eq!(first_address("2001:db8::5").as_deref(), Some("2001:db8::5"));
        assert_eq!(first_address("x"), None);
    }
}
