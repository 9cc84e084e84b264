//! `POST /droplets/{id}/actions`: switching on and off.

use crate::sandbox::{
    cloud::call::Call,
    digitalocean::{
        lock,
        reply::{Fail, Reply, field, number, object, with},
    },
    world::World,
};
use axum::{body::Bytes, extract::Path, http::StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// What is done to the machine.
#[derive(Clone, Copy)]
enum Switch {
    On,
    Off,
    Reboot,
    Cycle,
}

/// `POST /droplets/{id}/actions`.
pub async fn act(Path(droplet): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = number(&droplet)?;
    let (kind, switch) = read(&body)?;
    let action = start(&call.world, wanted, &kind, switch)?;
    with(StatusCode::CREATED, json!({"action": action}))
}

/// `POST /droplets/actions?tag_name=…`: the same for all that carry the tag.
pub async fn act_by_tag(call: Call, body: Bytes) -> Reply {
    let (kind, switch) = read(&body)?;
    let tag = call
        .params
        .get("tag_name")
        .ok_or_else(|| Fail::new(400, "bad_request", "tag_name is required"))?;
    let tagged: Vec<i64> = {
        let state = lock(&call.world);
        let fits = state.droplets.values().filter(|d| d.tags.iter().any(|t| t == tag));
        fits.map(|d| d.id).collect()
    };
    let actions = tagged
        .into_iter()
        .map(|droplet| start(&call.world, droplet, &kind, switch))
        .collect::<Result<Vec<Value>, Fail>>()?;
    with(StatusCode::CREATED, json!({"actions": actions}))
}

fn read(body: &Bytes) -> Result<(String, Switch), Fail> {
    let body = object(body)?;
    let kind = field(&body, "type", Value::as_str)?.unwrap_or_default();
    let switch = match kind {
        "power_on" => Switch::On,
        "power_off" | "shutdown" => Switch::Off,
        "reboot" => Switch::Reboot,
        "power_cycle" => Switch::Cycle,
        _ => {
            return Err(Fail::unprocessable(
                "The type of action you requested is not supported.",
            ));
        }
    };
    Ok((kind.to_owned(), switch))
}

fn start(world: &Arc<World>, droplet: i64, kind: &str, switch: Switch) -> Result<Value, Fail> {
    let mut state = lock(world);
    if state.running_on(droplet).is_some() {
        return Err(Fail::unprocessable("Droplet already has a pending event."));
    }
    let found = state.droplets.get_mut(&droplet).ok_or_else(Fail::not_found)?;
    found.on = !matches!(switch, Switch::Off);
    let (host, region) = (found.host.as_ref().map(|h| h.id.clone()), found.region.slug);
    let action = state.work(kind, droplet, region);
    tokio::spawn(turn(Arc::clone(world), host, switch, action.id));
    Ok(action.view(&state))
}

async fn turn(world: Arc<World>, host: Option<String>, switch: Switch, action: i64) {
    let result = match host {
        None => Ok(()),
        Some(host) => match switch {
            Switch::On => world.hosts.power(&host, true).await,
            Switch::Off => world.hosts.power(&host, false).await,
            Switch::Reboot => world.hosts.reboot(&host).await,
            Switch::Cycle => match world.hosts.power(&host, false).await {
                Ok(()) => world.hosts.power(&host, true).await,
                failed => failed,
            },
        },
    };
    lock(&world).done(action, result.is_ok());
}
