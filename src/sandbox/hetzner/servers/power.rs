//! `POST /servers/{id}/actions/{action}`: switching on and off, and protection.

use crate::sandbox::{
    cloud::call::Call,
    hetzner::{
        lock,
        reply::{Fail, Reply, created, field, id, object},
    },
    world::World,
};
use axum::{body::Bytes, extract::Path};
use serde_json::{Value, json};
use std::sync::Arc;

/// What is done to the machine.
#[derive(Clone, Copy)]
enum Switch {
    On,
    Off,
    Reboot,
    Reset,
}

/// Does what the path says. What the sandbox does not have is refused as unsupported.
pub async fn act(Path((server, action)): Path<(String, String)>, call: Call, body: Bytes) -> Reply {
    let wanted = id("server", &server)?;
    let (command, switch) = match action.as_str() {
        "poweron" => ("start_server", Switch::On),
        "poweroff" => ("stop_server", Switch::Off),
        "shutdown" => ("shutdown_server", Switch::Off),
        "reboot" => ("reboot_server", Switch::Reboot),
        "reset" => ("reset_server", Switch::Reset),
        "change_protection" => return protect(wanted, &call, &body),
        "rebuild" | "create_image" | "enable_rescue" | "disable_rescue" | "reset_password" | "change_type"
        | "enable_backup" | "attach_iso" | "attach_to_network" => {
            lock(&call.world).known_server(wanted)?;
            return Err(Fail::new("unsupported_error", format!("the sandbox has no {action}")));
        }
        _ => return Err(Fail::new("not_found", "action not found")),
    };
    let (view, action, host) = {
        let mut state = lock(&call.world);
        let host = state.idle_server(wanted)?.host.clone();
        if let Some(server) = state.servers.get_mut(&wanted) {
            server.on = !matches!(switch, Switch::Off);
        }
        let action = state.work(command, &[(wanted, "server")]);
        (action.view(), action.id, host)
    };
    tokio::spawn(turn(call.world, host, switch, action));
    created(json!({"action": view}))
}

async fn turn(world: Arc<World>, host: Option<String>, switch: Switch, action: i64) {
    let result = match host {
        None => Ok(()),
        Some(host) => match switch {
            Switch::On => world.hosts.power(&host, true).await,
            Switch::Off => world.hosts.power(&host, false).await,
            Switch::Reboot => world.hosts.reboot(&host).await,
            Switch::Reset => match world.hosts.power(&host, false).await {
                Ok(()) => world.hosts.power(&host, true).await,
                failed => failed,
            },
        },
    };
    lock(&world).done(action, result.map_err(|e| e.message()));
}

/// `change_protection`: both kinds must be given alike.
fn protect(wanted: i64, call: &Call, body: &Bytes) -> Reply {
    let body = object(body)?;
    let delete = field(&body, "delete", Value::as_bool)?;
    let rebuild = field(&body, "rebuild", Value::as_bool)?;
    if delete != rebuild {
        return Err(Fail::invalid(
            "delete",
            "delete and rebuild protection must be the same",
        ));
    }
    let mut state = lock(&call.world);
    state.known_server(wanted)?;
    if let (Some(server), Some(delete)) = (state.servers.get_mut(&wanted), delete) {
        server.protected = delete;
    }
    let action = state.act("change_protection", &[(wanted, "server")], 1);
    created(json!({"action": action.view()}))
}
