//! Public addresses. One of each kind comes with a server and goes with it, unless `auto_delete`
//! was switched off: then it stays behind and costs.

use super::{
    State, actions,
    labels::{self, Labels},
    listing,
    locations::Location,
    lock,
    reply::{Fail, Reply, created, field, id, no_content, object, ok},
};
use crate::sandbox::cloud::{call::Call, times::rfc3339};
use axum::{body::Bytes, extract::Path};
use jiff::Timestamp;
use serde_json::{Value, json};

/// An address.
#[derive(Debug, Clone)]
pub struct PrimaryIp {
    pub id: i64,
    name: String,
    pub kind: &'static str,
    pub ip: String,
    pub server: Option<i64>,
    pub auto_delete: bool,
    location: &'static Location,
    labels: Labels,
    created: Timestamp,
}

impl PrimaryIp {
    /// The name that the address resolves to.
    pub fn reverse(&self) -> String {
        format!("static.{}.clients.your-server.de", self.ip)
    }

    fn view(&self) -> Value {
        let names = if self.kind == "ipv4" {
            json!([{"ip": self.ip, "dns_ptr": self.reverse()}])
        } else {
            json!([])
        };
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "ip": self.ip,
            "location": self.location.view(),
            // A free address carries `unassigned` since 2026.
            "assignee_type": if self.server.is_some() { "server" } else { "unassigned" },
            "assignee_id": self.server,
            "auto_delete": self.auto_delete,
            "blocked": false,
            "dns_ptr": names,
            "labels": self.labels,
            "protection": {"delete": false},
            "created": rfc3339(self.created),
        })
    }
}

impl State {
    /// Makes the address of a kind for a new server.
    pub(super) fn new_address(&mut self, kind: &'static str, ip: String, server: i64, at: &'static Location) -> i64 {
        let id = self.next_id();
        self.primary_ips.insert(
            id,
            PrimaryIp {
                id,
                name: format!("primary_ip-{id}"),
                kind,
                ip,
                server: Some(server),
                auto_delete: !self.keep_addresses,
                location: at,
                labels: Labels::new(),
                created: Timestamp::now(),
            },
        );
        id
    }

    /// Sets a gone server's addresses free; those with `auto_delete` go with it.
    pub(super) fn free_addresses(&mut self, server: i64) {
        self.primary_ips
            .retain(|_, ip| ip.server != Some(server) || !ip.auto_delete);
        for ip in self.primary_ips.values_mut().filter(|ip| ip.server == Some(server)) {
            ip.server = None;
        }
    }
}

/// `GET /primary_ips`.
pub async fn all(call: Call) -> Reply {
    let ip = call.params.get("ip");
    let items = lock(&call.world)
        .primary_ips
        .values()
        .filter(|address| ip.is_none_or(|ip| ip == address.ip))
        .map(PrimaryIp::view)
        .collect();
    listing::list(&call, "primary_ips", items, &["id", "created"])
}

/// `GET /primary_ips/{id}`.
pub async fn one(Path(ip): Path<String>, call: Call) -> Reply {
    let wanted = id("primary IP", &ip)?;
    match lock(&call.world).primary_ips.get(&wanted) {
        Some(ip) => ok(json!({"primary_ip": ip.view()})),
        None => Err(Fail::not_found("primary IP", wanted)),
    }
}

/// `PUT /primary_ips/{id}`: name, labels, `auto_delete`.
pub async fn update(Path(ip): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = id("primary IP", &ip)?;
    let body = object(&body)?;
    let labels = labels::read(&body)?;
    let name = field(&body, "name", Value::as_str)?;
    let auto_delete = field(&body, "auto_delete", Value::as_bool)?;
    let mut state = lock(&call.world);
    if let Some(name) = name
        && state.primary_ips.values().any(|ip| ip.name == name && ip.id != wanted)
    {
        return Err(Fail::new("uniqueness_error", "primary IP name is already used"));
    }
    let ip = state
        .primary_ips
        .get_mut(&wanted)
        .ok_or_else(|| Fail::not_found("primary IP", wanted))?;
    if let Some(name) = name {
        ip.name = name.to_owned();
    }
    if let Some(labels) = labels {
        ip.labels = labels;
    }
    if let Some(auto_delete) = auto_delete {
        ip.auto_delete = auto_delete;
    }
    ok(json!({"primary_ip": ip.view()}))
}

/// `POST /primary_ips`. The sandbox's addresses belong to machines, so none can be reserved.
pub async fn create() -> Fail {
    Fail::new("unsupported_error", "the sandbox gives addresses to servers only")
}

/// `POST /primary_ips/{id}/actions/unassign`: only from a server that is off.
pub async fn unassign(Path(ip): Path<String>, call: Call) -> Reply {
    let wanted = id("primary IP", &ip)?;
    let mut state = lock(&call.world);
    let ip = state
        .primary_ips
        .get(&wanted)
        .ok_or_else(|| Fail::not_found("primary IP", wanted))?;
    let Some(server) = ip.server else {
        return Err(Fail::invalid("id", "the primary IP is not assigned"));
    };
    if state.servers.get(&server).is_some_and(|s| s.on) {
        return Err(Fail::new("server_not_stopped", "the server must be powered off"));
    }
    if let Some(ip) = state.primary_ips.get_mut(&wanted) {
        ip.server = None;
    }
    let action = state.act("unassign_primary_ip", &[(wanted, "primary_ip"), (server, "server")], 1);
    created(json!({"action": action.view()}))
}

/// `DELETE /primary_ips/{id}`: only a free one, since May 2026.
pub async fn delete(Path(ip): Path<String>, call: Call) -> Reply {
    let wanted = id("primary IP", &ip)?;
    let mut state = lock(&call.world);
    match state.primary_ips.get(&wanted) {
        None => Err(Fail::not_found("primary IP", wanted)),
        Some(ip) if ip.server.is_some() => Err(Fail::new(
            "must_be_unassigned",
            "the primary IP must be unassigned before it can be deleted",
        )),
        Some(_) => {
            state.primary_ips.remove(&wanted);
            no_content()
        }
    }
}

/// `GET /primary_ips/{id}/actions`.
pub async fn actions(Path(ip): Path<String>, call: Call) -> Reply {
    let wanted = id("primary IP", &ip)?;
    actions::of(&call, "primary_ip", Some(wanted))
}
