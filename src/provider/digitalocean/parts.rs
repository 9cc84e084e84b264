//! What a droplet needs beside itself: a key, a tag, a firewall.

use super::wire::{Firewall, FirewallAnswer, KeyAnswer};
use super::{DigitalOcean, is_of, named, tag_name};
use crate::error::{Error, Kind, Result};
use crate::provider::Tag;
use crate::provider::ensure::ensure;
use crate::ssh::host_key::fingerprint_md5;
use serde_json::{Value, json};

impl DigitalOcean {
    /// Finds or makes the public key of a deployment; answers its id. It is looked up by its
    /// fingerprint, since the list of keys may be read only ten times a minute.
    ///
    /// # Errors
    /// `exists` if the same key is in the account under a name that this deployment does not give.
    pub async fn ensure_ssh_key(&self, tag: &Tag, public: &str) -> Result<String> {
        let path = format!("account/keys/{}", fingerprint_md5(public)?);
        let look = async || {
            match self.rest.find::<KeyAnswer>(&path).await? {
            Some(KeyAnswer { ssh_key }) if named(&ssh_key.name) == Some(&tag.deployment_id) => Ok(Some(ssh_key.id)),
            Some(KeyAnswer { ssh_key }) => Err(Error::new(
                Kind::Exists,
                format!(
                    "this public key is in the DigitalOcean account already, as {:?} (id {}), and that is no name of ours",
                    ssh_key.name, ssh_key.id
                ),
            )
            .hint("it was not made by this deployment, so it is left alone: delete it at cloud.digitalocean.com (Settings, Security) if nothing needs it, then run this again")),
            None => Ok(None),
        }
        };
        let create = async || {
            let body = json!({"name": tag.resource_name(), "public_key": public});
            let made: KeyAnswer = self.rest.post("account/keys", body).await?;
            Ok(made.ssh_key.id)
        };
        let id = ensure(self.rest.pause(), self.lag(), look, create).await?;
        Ok(id.to_string())
    }

    /// Finds or makes the firewall of a deployment: SSH and ping in, everything out; answers its
    /// id. It covers what carries the deployment's tag, so a droplet has it from its first packet.
    pub async fn ensure_firewall(&self, tag: &Tag) -> Result<String> {
        // A firewall takes only tags that exist. Not within the create: a tag that gets no answer
        // would pass for a firewall whose outcome is unclear, and be asked for three times over.
        self.ensure_tag(&tag_name(&tag.deployment_id)).await?;
        let look = async || {
            let firewalls = self.firewalls().await?;
            Ok(firewalls.into_iter().find(|f| is_of(&f.tags, tag)).map(|f| f.id))
        };
        let create = async || {
            let made: FirewallAnswer = self.rest.post("firewalls", firewall(tag)).await?;
            Ok(made.firewall.id)
        };
        ensure(self.rest.pause(), self.lag(), look, create).await
    }

    pub(super) async fn firewalls(&self) -> Result<Vec<Firewall>> {
        self.list("firewalls", "firewalls", &[]).await
    }

    async fn ensure_tag(&self, name: &str) -> Result<()> {
        let path = format!("tags/{name}");
        let look = async || Ok(self.rest.find::<Value>(&path).await?.map(drop));
        let create = async || {
            let made: Value = self.rest.post("tags", json!({"name": name})).await?;
            drop(made);
            Ok(())
        };
        ensure(self.rest.pause(), self.lag(), look, create).await
    }

    /// Deletes a deployment's tag once neither a droplet nor a firewall carries it: while a
    /// firewall does, the tag is the mark by which it is found.
    pub(super) async fn drop_tag(&self, deployment_id: &str) -> Result<()> {
        let name = tag_name(deployment_id);
        let droplets = self.droplets_tagged(&name).await?;
        if !droplets.is_empty() || self.firewalls().await?.iter().any(|f| f.tags.contains(&name)) {
            return Ok(());
        }
        self.forget_tag(&name).await?;
        if self.droplets_tagged(super::COMMON_TAG).await?.is_empty() {
            self.forget_tag(super::COMMON_TAG).await?;
        }
        Ok(())
    }

    async fn forget_tag(&self, name: &str) -> Result<()> {
        match self.rest.delete(&format!("tags/{name}")).await {
            // A token without tag:delete leaves an empty tag behind, which costs nothing: no
            // reason to call the server's end a failure.
            Err(e) if e.kind() == Kind::Auth => Ok(()),
            other => other,
        }
    }
}

/// Unlike at Hetzner, what may go out has to be said. Port 0 stands for all of them.
fn firewall(tag: &Tag) -> Value {
    let world = json!({"addresses": ["0.0.0.0/0", "::/0"]});
    json!({
        "name": tag.resource_name(),
        "tags": [tag_name(&tag.deployment_id)],
        "inbound_rules": [
            {"protocol": "tcp", "ports": "22", "sources": world},
            {"protocol": "icmp", "ports": "0", "sources": world},
        ],
        "outbound_rules": [
            {"protocol": "tcp", "ports": "0", "destinations": world},
            {"protocol": "udp", "ports": "0", "destinations": world},
            {"protocol": "icmp", "ports": "0", "destinations": world},
        ],
    })
}
