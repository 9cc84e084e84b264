//! What a server at Hetzner needs beside itself: a key, a firewall.

use super::wire::{FirewallAnswer, KeyAnswer, Part};
use super::{Hetzner, labels, selector};
use crate::error::{Error, Kind, Result};
use crate::provider::Tag;
use crate::provider::ensure::ensure;
use crate::provider::fingerprint::same_key;
use crate::ssh::host_key::fingerprint_md5;
use serde_json::{Value, json};

impl Hetzner {
    /// Finds or makes the public key of a deployment; answers its id.
    ///
    /// # Errors
    /// `exists` if the same key is in the project without our label, which makes it somebody
    /// else's; `wrong_state` if our label is on another key.
    pub async fn ensure_ssh_key(&self, tag: &Tag, public: &str) -> Result<String> {
        let create = async || {
            let body = json!({"name": tag.resource_name(), "public_key": public, "labels": labels(tag)});
            let answer: KeyAnswer = self.rest.post("ssh_keys", body).await?;
            Ok(answer.ssh_key)
        };
        let look = || self.part("ssh_keys", tag);
        match ensure(self.rest.pause(), self.lag(), look, create).await {
            Ok(key) if key.public_key.as_deref().is_none_or(|theirs| same_key(theirs, public)) => {
                Ok(key.id.to_string())
            }
            Ok(key) => Err(Error::new(
                Kind::State,
                format!("the SSH key {} at Hetzner is not the one of this deployment", key.name),
            )
            .hint("run `clawdwako destroy`, then deploy again")),
            Err(e) if e.kind() == Kind::Exists => Err(self.who_has(public, e).await),
            Err(e) => Err(e),
        }
    }

    /// Finds or makes the firewall of a deployment: SSH and ping in, everything out; answers its
    /// id. It is attached in the server's create call.
    pub async fn ensure_firewall(&self, tag: &Tag) -> Result<String> {
        let create = async || {
            let body = json!({"name": tag.resource_name(), "labels": labels(tag), "rules": rules()});
            let answer: FirewallAnswer = self.rest.post("firewalls", body).await?;
            Ok(answer.firewall)
        };
        let look = || self.part("firewalls", tag);
        let made = ensure(self.rest.pause(), self.lag(), look, create).await?;
        Ok(made.id.to_string())
    }

    /// The key or firewall that carries the deployment's label; the oldest, should there be two.
    async fn part(&self, list: &str, tag: &Tag) -> Result<Option<Part>> {
        let label = selector(Some(&tag.deployment_id));
        let parts: Vec<Part> = self.list(list, &[("label_selector", &label)]).await?;
        Ok(parts.into_iter().min_by_key(|p| p.id))
    }

    /// Says under which name the public key is in the project already.
    async fn who_has(&self, public: &str, refusal: Error) -> Error {
        let Ok(fingerprint) = fingerprint_md5(public) else {
            return refusal;
        };
        let keys: Result<Vec<Part>> = self.list("ssh_keys", &[("fingerprint", &fingerprint)]).await;
        match keys.ok().and_then(|keys| keys.into_iter().next()) {
            Some(key) => Error::new(
                Kind::Exists,
                format!(
                    "this public key is in the Hetzner project already, as {:?} (id {}) and without our label",
                    key.name, key.id
                ),
            )
            .hint("it was not made by this deployment, so it is left alone: delete it in the Hetzner Console (Security, SSH keys) if nothing needs it, then run this again"),
            None => refusal,
        }
    }
}

/// Without a rule for "out", everything may go out.
fn rules() -> Value {
    let world = ["0.0.0.0/0", "::/0"];
    json!([
        {"direction": "in", "protocol": "tcp", "port": "22", "source_ips": world, "description": "SSH"},
        {"direction": "in", "protocol": "icmp", "source_ips": world, "description": "ping"},
    ])
}
