//! Droplets, each a machine of the sandbox's.

pub mod create;
pub mod power;

use super::{
    State,
    catalogue::{Image, Region, Size, disk_info},
    lock,
    reply::{Fail, Reply, list, no_content, number, ok},
};
use crate::sandbox::{
    cloud::{call::Call, times::rfc3339},
    world::World,
};
use axum::extract::Path;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A droplet.
#[derive(Clone)]
pub struct Droplet {
    pub id: i64,
    name: String,
    size: &'static Size,
    image: &'static Image,
    region: &'static Region,
    created: Timestamp,
    pub tags: Vec<String>,
    ipv6: bool,
    monitoring: bool,
    /// The machine, once there is one.
    host: Option<crate::sandbox::hosts::Host>,
    /// Whether it is to be switched on; a machine can go off by itself all the same.
    on: bool,
    /// Whether the machine was seen running when last looked at.
    seen_running: bool,
    /// How many looks at it by id are still to find nothing.
    hidden: u32,
}

impl State {
    /// Sets how many times a new droplet is not found by id (1 at first, as it can be on the
    /// real service).
    pub fn set_hidden_looks(&mut self, looks: u32) {
        self.hidden_looks = looks;
    }

    fn status(&self, droplet: &Droplet) -> &'static str {
        let creating = self.running_on(droplet.id).is_some_and(|a| a.kind() == "create");
        match (&droplet.host, creating) {
            (None, _) | (_, true) => "new",
            _ if droplet.on && droplet.seen_running => "active",
            _ => "off",
        }
    }

    /// The API's view of a droplet; it has no networks before it is made.
    fn droplet_view(&self, droplet: &Droplet) -> Value {
        let status = self.status(droplet);
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        if let Some(host) = droplet.host.as_ref().filter(|_| status != "new") {
            let gateway = host.ipv4.rsplit_once('.').map_or("", |(net, _)| net);
            v4.push(json!({"ip_address": host.ipv4, "netmask": "255.255.240.0", "gateway": format!("{gateway}.1"), "type": "public"}));
            let (high, low) = ((droplet.id >> 8) & 0xff, droplet.id & 0xff);
            v4.push(json!({"ip_address": format!("10.108.{high}.{low}"), "netmask": "255.255.240.0", "gateway": "10.108.0.1", "type": "private"}));
            if droplet.ipv6 {
                v6.push(json!({"ip_address": format!("2001:db8::{:x}", droplet.id & 0xffff), "netmask": 64, "gateway": "2001:db8::1", "type": "public"}));
            }
        }
        let mut features = vec!["droplet_agent", "private_networking"];
        features.extend(droplet.ipv6.then_some("ipv6"));
        features.extend(droplet.monitoring.then_some("monitoring"));
        json!({
            "id": droplet.id,
            "name": droplet.name,
            "memory": droplet.size.memory_mb,
            "vcpus": droplet.size.vcpus,
            "disk": droplet.size.disk_gb,
            "disk_info": disk_info(droplet.size.disk_gb),
            "locked": self.running_on(droplet.id).is_some(),
            "status": status,
            "kernel": null,
            "created_at": rfc3339(droplet.created),
            "features": features,
            "backup_ids": [],
            "next_backup_window": null,
            "snapshot_ids": [],
            "image": droplet.image.view(),
            "volume_ids": [],
            "size": droplet.size.view(self),
            "size_slug": droplet.size.slug,
            "networks": {"v4": v4, "v6": v6},
            "region": droplet.region.view(self),
            "tags": droplet.tags,
            "vpc_uuid": "00000000-0000-4000-8000-000000000003",
        })
    }
}

/// Looks at the machines, so that one that went off by itself shows as `off`.
async fn look(world: &World, only: Option<i64>) {
    let machines: Vec<(i64, String)> = lock(world)
        .droplets
        .values()
        .filter(|d| only.is_none_or(|id| id == d.id))
        .filter_map(|d| Some((d.id, d.host.as_ref()?.id.clone())))
        .collect();
    for (droplet, host) in machines {
        let running = world.hosts.running(&host).await;
        if let Some(droplet) = lock(world).droplets.get_mut(&droplet) {
            droplet.seen_running = running;
        }
    }
}

/// `GET /droplets`, with `tag_name`, `name`, `type`.
pub async fn all(call: Call) -> Reply {
    look(&call.world, None).await;
    let (tag, name) = (call.params.get("tag_name"), call.params.get("name"));
    let gpus = call.params.get("type") == Some("gpus");
    let items = {
        let state = lock(&call.world);
        let fits = |d: &&Droplet| {
            !gpus
                && tag.is_none_or(|tag| d.tags.iter().any(|t| t == tag))
                && name.is_none_or(|name| d.name.eq_ignore_ascii_case(name))
        };
        state
            .droplets
            .values()
            .filter(fits)
            .map(|d| state.droplet_view(d))
            .collect()
    };
    list(&call, "droplets", items)
}

/// `GET /droplets/{id}`. Right after the create it may not be found.
pub async fn one(Path(droplet): Path<String>, call: Call) -> Reply {
    let wanted = number(&droplet)?;
    look(&call.world, Some(wanted)).await;
    let mut state = lock(&call.world);
    let droplet = state.droplets.get_mut(&wanted).ok_or_else(Fail::not_found)?;
    if droplet.hidden > 0 {
        droplet.hidden -= 1;
        return Err(Fail::not_found());
    }
    let droplet = state.droplets.get(&wanted).ok_or_else(Fail::not_found)?;
    ok(json!({"droplet": state.droplet_view(droplet)}))
}

/// `DELETE /droplets/{id}`.
pub async fn delete(Path(droplet): Path<String>, call: Call) -> Reply {
    let wanted = number(&droplet)?;
    if !lock(&call.world).droplets.contains_key(&wanted) {
        return Err(Fail::not_found());
    }
    end(&call.world, wanted).await?;
    no_content()
}

/// `DELETE /droplets?tag_name=…`: all that carry the tag.
pub async fn delete_by_tag(call: Call) -> Reply {
    let Some(tag) = call.params.get("tag_name") else {
        return Err(Fail::new(400, "bad_request", "tag_name is required"));
    };
    let tagged: Vec<i64> = {
        let state = lock(&call.world);
        if !state.tags.contains(tag) {
            return Err(Fail::not_found());
        }
        let fits = state.droplets.values().filter(|d| d.tags.iter().any(|t| t == tag));
        fits.map(|d| d.id).collect()
    };
    for droplet in tagged {
        end(&call.world, droplet).await?;
    }
    no_content()
}

/// Takes a droplet out of the account and ends its machine. One that is still being made is
/// ended by whoever makes it.
async fn end(world: &World, droplet: i64) -> Result<(), Fail> {
    let Some(droplet) = lock(world).droplets.remove(&droplet) else {
        return Ok(());
    };
    if let Some(host) = &droplet.host
        && let Err(e) = world.hosts.delete(&host.id).await
    {
        let message = format!("the machine could not be removed: {}", e.message());
        lock(world).droplets.insert(droplet.id, droplet);
        return Err(Fail::new(500, "server_error", message));
    }
    let mut state = lock(world);
    for firewall in state.firewalls.values_mut() {
        firewall.droplets.retain(|id| *id != droplet.id);
    }
    Ok(())
}

/// `GET /droplets/{id}/firewalls`.
pub async fn firewalls(Path(droplet): Path<String>, call: Call) -> Reply {
    let wanted = number(&droplet)?;
    let items = {
        let state = lock(&call.world);
        let droplet = state.droplets.get(&wanted).ok_or_else(Fail::not_found)?;
        let on = state.firewalls.values().filter(|f| f.covers(droplet));
        on.map(super::firewalls::Firewall::view).collect()
    };
    list(&call, "firewalls", items)
}

/// `GET /droplets/{id}/snapshots`: none.
pub async fn snapshots(Path(droplet): Path<String>, call: Call) -> Reply {
    let wanted = number(&droplet)?;
    if !lock(&call.world).droplets.contains_key(&wanted) {
        return Err(Fail::not_found());
    }
    list(&call, "snapshots", Vec::new())
}
