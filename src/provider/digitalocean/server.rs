//! Droplets: find, make, wait for.

use super::wire::{ActionAnswer, Droplet, DropletAnswer, Network};
use super::{COMMON_TAG, DigitalOcean, is_of, tag_name};
use crate::error::{Error, Kind, Result, internal};
use crate::provider::ensure::ensure;
use crate::provider::wait::Wait;
use crate::provider::{Instance, InstanceSpec, Offer, Tag, image_number, user_data_fits};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The most that DigitalOcean takes as user data, in bytes.
const MAX_USER_DATA: usize = 64 * 1024;
/// How many pauses lie between two looks: two seconds at the usual half, so that some eight
/// deployments side by side stay under the 250 calls a minute.
const LOOK_PAUSES: u32 = 4;

impl DigitalOcean {
    /// Finds the droplet of a deployment by its tag, or by its name should the search by tags
    /// lag; either way only one that carries the tag. The oldest, should there be two.
    pub async fn find_instance(&self, tag: &Tag) -> Result<Option<Instance>> {
        let name = tag.resource_name();
        for query in [("tag_name", tag_name(&tag.deployment_id)), ("name", name)] {
            let droplets: Vec<Droplet> = self.list("droplets", "droplets", &[(query.0, &query.1)]).await?;
            let ours = droplets.into_iter().filter(|d| is_of(&d.tags, tag));
            if let Some(droplet) = ours.min_by_key(|d| d.id) {
                return Ok(Some(instance(droplet, None)));
            }
        }
        Ok(None)
    }

    pub(super) async fn droplets_tagged(&self, tag: &str) -> Result<Vec<Droplet>> {
        self.list("droplets", "droplets", &[("tag_name", tag)]).await
    }

    /// Finds or makes the droplet of a deployment, trying the offers in order while DigitalOcean
    /// says that a size or region has none left.
    pub async fn ensure_instance(&self, tag: &Tag, spec: &InstanceSpec, offers: &[Offer]) -> Result<Instance> {
        if let Some(found) = self.find_instance(tag).await? {
            return Ok(found);
        }
        user_data_fits(spec, MAX_USER_DATA, self.rest.peer)?;
        let mut refusal = internal("no server type was chosen");
        for offer in offers {
            let body = order(tag, spec, offer)?;
            let create = async || {
                let made: DropletAnswer = self.rest.post("droplets", body.clone()).await?;
                let action = made.links.actions.iter().find(|a| a.rel == "create");
                let action = action.map(|a| a.id.to_string());
                Ok(instance(made.droplet, action))
            };
            let look = || self.find_instance(tag);
            match ensure(self.rest.pause(), self.lag(), look, create).await {
                Err(e) if e.kind() == Kind::Unavailable => refusal = e,
                made => return made,
            }
        }
        Err(refusal)
    }

    /// Waits until the droplet is made, switched on and has a public address. Right after a
    /// create it, and its action, can be unknown for a while.
    pub async fn wait_running(&self, instance_: &Instance, deadline: Duration) -> Result<Instance> {
        let mut wait = Wait::steady(self.rest.pause() * LOOK_PAUSES, deadline);
        let mut action = instance_.action_id.clone();
        let mut seen = false;
        // Counted from the first look, not from the wait's begin: the action may have taken longer.
        let mut unseen_since: Option<Instant> = None;
        let path = format!("droplets/{}", instance_.id);
        loop {
            if let Some(id) = &action
                && self.action_done(id).await?
            {
                action = None;
            }
            if action.is_none() {
                match self.rest.find::<DropletAnswer>(&path).await? {
                    Some(DropletAnswer { droplet, .. }) => {
                        seen = true;
                        let now = instance(droplet, None);
                        if now.running && now.ipv4.is_some() {
                            return Ok(now);
                        }
                    }
                    None if seen || unseen_since.get_or_insert_with(Instant::now).elapsed() > self.lag() => {
                        return Err(Error::new(
                            Kind::NotFound,
                            format!("droplet {} (id {}) is not there any more", instance_.name, instance_.id),
                        )
                        .hint("was it deleted by hand? run `clawdwako destroy`, then deploy again"));
                    }
                    None => {}
                }
            }
            if !wait.next().await {
                return Err(wait.in_vain(format_args!("droplet {} at DigitalOcean to run", instance_.name)));
            }
        }
    }

    /// Whether an action is over; one that is not known any more, or not yet, counts as over,
    /// and the droplet itself tells.
    async fn action_done(&self, id: &str) -> Result<bool> {
        let answer: Option<ActionAnswer> = self.rest.find(&format!("actions/{id}")).await?;
        match answer.as_ref().map(|a| a.action.status.as_str()) {
            Some("errored") => Err(Error::new(
                Kind::Upstream,
                format!("DigitalOcean could not make the droplet: its action {id} ended with an error"),
            )
            .hint("run `clawdwako destroy`, then deploy again; try another --region if it stays")),
            Some("completed") | None => Ok(true),
            Some(_) => Ok(false),
        }
    }
}

fn order(tag: &Tag, spec: &InstanceSpec, offer: &Offer) -> Result<Value> {
    let key: i64 = spec
        .ssh_key_id
        .parse()
        .map_err(|_| internal(format!("{:?} is no id of a key at DigitalOcean", spec.ssh_key_id)))?;
    Ok(json!({
        "name": tag.resource_name(),
        "size": offer.size,
        "region": offer.region,
        "image": image(&spec.image),
        "ssh_keys": [key],
        // The firewall covers the first tag.
        "tags": [tag_name(&tag.deployment_id), COMMON_TAG],
        "ipv6": true,
        "monitoring": false,
        "backups": false,
        "user_data": spec.user_data.expose(),
    }))
}

/// Our names of images in DigitalOcean's spelling; a number is a snapshot's id, and any other
/// text is taken for a name of theirs.
fn image(wanted: &str) -> Value {
    if let Some(id) = image_number(wanted) {
        return json!(id);
    }
    match wanted {
        "ubuntu-22.04" => json!("ubuntu-22-04-x64"),
        "ubuntu-24.04" => json!("ubuntu-24-04-x64"),
        "debian-12" => json!("debian-12-x64"),
        theirs => json!(theirs),
    }
}

fn instance(droplet: Droplet, action_id: Option<String>) -> Instance {
    let public = |networks: Vec<Network>| networks.into_iter().find(|n| n.kind == "public").map(|n| n.ip_address);
    Instance {
        id: droplet.id.to_string(),
        name: droplet.name,
        size: droplet.size_slug,
        region: droplet.region.slug,
        running: droplet.status == "active",
        ipv4: public(droplet.networks.v4),
        ipv6: public(droplet.networks.v6),
        action_id,
    }
}
