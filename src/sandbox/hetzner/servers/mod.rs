//! Servers, each a machine of the sandbox's.

pub mod create;
pub mod metrics;
pub mod power;

use super::{
    State, actions,
    images::Image,
    labels::{self, Labels},
    listing,
    locations::Location,
    lock,
    reply::{Fail, Reply, field, id, object, ok},
    server_types::included_traffic,
    types::ServerType,
};
use crate::sandbox::{
    cloud::{call::Call, is_hostname, times::rfc3339},
    world::World,
};
use axum::{body::Bytes, extract::Path};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A server.
#[derive(Debug, Clone)]
pub struct Server {
    pub id: i64,
    pub name: String,
    pub labels: Labels,
    kind: &'static ServerType,
    location: &'static Location,
    image: &'static Image,
    created: Timestamp,
    /// Firewalls applied to it by id.
    pub firewalls: Vec<i64>,
    /// The machine's id, once there is a machine.
    pub host: Option<String>,
    /// Whether it is to be switched on; a machine can go off by itself all the same.
    pub on: bool,
    /// Whether the machine was seen running when last looked at.
    seen_running: bool,
    protected: bool,
}

impl State {
    pub(super) fn known_server(&self, wanted: i64) -> Result<&Server, Fail> {
        self.servers
            .get(&wanted)
            .ok_or_else(|| Fail::not_found("server", wanted))
    }

    /// The server, unless an action on it still runs.
    pub(super) fn idle_server(&self, wanted: i64) -> Result<&Server, Fail> {
        let server = self.known_server(wanted)?;
        match self.running_on("server", wanted) {
            None => Ok(server),
            Some(action) => Err(Fail::new(
                "locked",
                format!("server is locked: action {} is running", action.command()),
            )),
        }
    }

    fn status(&self, server: &Server) -> &'static str {
        let running = self
            .actions
            .values()
            .filter(|a| a.concerns("server", Some(server.id)) && a.running())
            .find_map(|action| match action.command() {
                "create_server" => Some("initializing"),
                "start_server" => Some("starting"),
                "shutdown_server" | "stop_server" => Some("stopping"),
                "delete_server" => Some("deleting"),
                _ => None,
            });
        running.unwrap_or(if server.on && server.seen_running {
            "running"
        } else {
            "off"
        })
    }

    /// The API's view of a server. `datacenter` is gone since July 2026.
    pub(super) fn server_view(&self, server: &Server) -> Value {
        let address = |kind: &str| {
            self.primary_ips
                .values()
                .find(|ip| ip.server == Some(server.id) && ip.kind == kind)
        };
        let ipv4 =
            address("ipv4").map(|ip| json!({"id": ip.id, "ip": ip.ip, "blocked": false, "dns_ptr": ip.reverse()}));
        let ipv6 = address("ipv6").map(|ip| json!({"id": ip.id, "ip": ip.ip, "blocked": false, "dns_ptr": []}));
        let firewalls: Vec<Value> = self
            .firewalls_of(&server.firewalls, &server.labels)
            .into_iter()
            .map(|id| json!({"id": id, "status": "applied"}))
            .collect();
        json!({
            "id": server.id,
            "name": server.name,
            "status": self.status(server),
            "created": rfc3339(server.created),
            "labels": server.labels,
            "server_type": server.kind.view(&self.stock),
            "location": server.location.view(),
            "image": server.image.view(),
            "public_net": {"ipv4": ipv4, "ipv6": ipv6, "firewalls": firewalls, "floating_ips": []},
            "private_net": [],
            "primary_disk_size": server.kind.disk_gb,
            "included_traffic": included_traffic(server.location.name),
            "ingoing_traffic": 0,
            "outgoing_traffic": 0,
            "protection": {"delete": server.protected, "rebuild": server.protected},
            "locked": false,
            "rescue_enabled": false,
            "backup_window": null,
            "iso": null,
            "placement_group": null,
            "load_balancers": [],
            "volumes": [],
        })
    }
}

/// Looks at the machines, so that one that went off by itself shows as `off`.
async fn look(world: &World, only: Option<i64>) {
    let machines: Vec<(i64, String)> = lock(world)
        .servers
        .values()
        .filter(|s| only.is_none_or(|id| id == s.id))
        .filter_map(|s| Some((s.id, s.host.clone()?)))
        .collect();
    for (server, host) in machines {
        let running = world.hosts.running(&host).await;
        if let Some(server) = lock(world).servers.get_mut(&server) {
            server.seen_running = running;
        }
    }
}

/// `GET /servers`.
pub async fn all(call: Call) -> Reply {
    look(&call.world, None).await;
    let statuses: Vec<&str> = call.params.all("status").collect();
    let items = {
        let state = lock(&call.world);
        state
            .servers
            .values()
            .map(|server| state.server_view(server))
            .filter(|view| statuses.is_empty() || statuses.iter().any(|s| view["status"] == *s))
            .collect()
    };
    listing::list(&call, "servers", items, &["id", "name", "created"])
}

/// `GET /servers/{id}`.
pub async fn one(Path(server): Path<String>, call: Call) -> Reply {
    let wanted = id("server", &server)?;
    look(&call.world, Some(wanted)).await;
    let state = lock(&call.world);
    ok(json!({"server": state.server_view(state.known_server(wanted)?)}))
}

/// `PUT /servers/{id}`: name and labels.
pub async fn update(Path(server): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = id("server", &server)?;
    let body = object(&body)?;
    let labels = labels::read(&body)?;
    let name = field(&body, "name", Value::as_str)?;
    let mut state = lock(&call.world);
    state.known_server(wanted)?;
    if let Some(name) = name {
        state.free_name(name, Some(wanted))?;
    }
    if let Some(server) = state.servers.get_mut(&wanted) {
        server.name = name.map_or_else(|| server.name.clone(), str::to_owned);
        server.labels = labels.unwrap_or_else(|| server.labels.clone());
    }
    ok(json!({"server": state.server_view(state.known_server(wanted)?)}))
}

impl State {
    /// Refuses a name that is no host name, or that another server has.
    fn free_name(&self, name: &str, own: Option<i64>) -> Result<(), Fail> {
        if !is_hostname(name) || name.len() > 63 {
            return Err(Fail::invalid("name", "must be a valid hostname"));
        }
        if self.servers.values().any(|s| s.name == name && Some(s.id) != own) {
            return Err(Fail::new("uniqueness_error", "server name is already used"));
        }
        Ok(())
    }
}

/// `DELETE /servers/{id}`: answers with an action; the machine ends while that runs.
pub async fn delete(Path(server): Path<String>, call: Call) -> Reply {
    let wanted = id("server", &server)?;
    let (action, host) = {
        let mut state = lock(&call.world);
        let server = state.idle_server(wanted)?;
        if server.protected {
            return Err(Fail::new("protected", "server is protected from deletion"));
        }
        let host = server.host.clone();
        (state.work("delete_server", &[(wanted, "server")]), host)
    };
    let (world, done) = (call.world, action.id);
    tokio::spawn(async move {
        let gone = match host {
            Some(host) => world.hosts.delete(&host).await.map_err(|e| e.message()),
            None => Ok(()),
        };
        let mut state = lock(&world);
        if gone.is_ok() {
            state.servers.remove(&wanted);
            state.free_addresses(wanted);
        }
        state.done(done, gone);
    });
    ok(json!({"action": action.view()}))
}

/// `GET /servers/{id}/actions`.
pub async fn actions(Path(server): Path<String>, call: Call) -> Reply {
    let wanted = id("server", &server)?;
    lock(&call.world).known_server(wanted)?;
    actions::of(&call, "server", Some(wanted))
}
