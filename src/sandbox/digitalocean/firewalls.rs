//! Firewalls: rules for droplets named by id or tag.

use super::{
    State,
    droplets::Droplet,
    lock,
    reply::{Fail, Reply, field, list, no_content, object, ok, texts, uuid, with},
};
use crate::sandbox::cloud::{call::Call, times::rfc3339};
use axum::{body::Bytes, extract::Path, http::StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// A firewall.
#[derive(Debug, Clone)]
pub struct Firewall {
    id: String,
    name: String,
    created: Timestamp,
    changed: Instant,
    takes: Duration,
    inbound: Vec<Value>,
    outbound: Vec<Value>,
    pub droplets: Vec<i64>,
    pub tags: Vec<String>,
}

impl Firewall {
    /// Whether it covers a droplet.
    pub fn covers(&self, droplet: &Droplet) -> bool {
        self.droplets.contains(&droplet.id) || self.tags.iter().any(|t| droplet.tags.contains(t))
    }

    /// The API's view of it.
    pub fn view(&self) -> Value {
        let settled = self.changed.elapsed() >= self.takes;
        json!({
            "id": self.id,
            "name": self.name,
            "status": if settled { "succeeded" } else { "waiting" },
            "created_at": rfc3339(self.created),
            "pending_changes": [],
            "inbound_rules": self.inbound,
            "outbound_rules": self.outbound,
            "droplet_ids": self.droplets,
            "tags": self.tags,
        })
    }
}

/// Reads the rules of one direction, completed as the API shows them.
fn rules(body: &Map<String, Value>, key: &str, peer: &str) -> Result<Vec<Value>, Fail> {
    let mut rules = Vec::new();
    for rule in field(body, key, Value::as_array)?.into_iter().flatten() {
        let protocol = rule["protocol"].as_str().unwrap_or_default();
        if !["tcp", "udp", "icmp"].contains(&protocol) {
            return Err(Fail::new(400, "bad_request", "protocol must be tcp, udp or icmp"));
        }
        // All ports come back as 0, and so does icmp, which has none.
        let ports = match rule["ports"].as_str() {
            _ if protocol == "icmp" => "0",
            Some("all" | "0") => "0",
            Some(ports) if is_ports(ports) => ports,
            _ => return Err(Fail::new(400, "bad_request", "ports must be a port, a range or all")),
        };
        let Some(peers) = rule[peer].as_object().filter(|p| !p.is_empty()) else {
            return Err(Fail::new(400, "bad_request", format!("a rule needs {peer}")));
        };
        rules.push(json!({"protocol": protocol, "ports": ports, peer: peers}));
    }
    Ok(rules)
}

/// `22` or `8000-9000`.
fn is_ports(text: &str) -> bool {
    let port = |p: &str| p.parse::<u16>().ok().filter(|p| *p > 0);
    match text.split_once('-') {
        None => port(text).is_some(),
        Some((from, to)) => matches!((port(from), port(to)), (Some(from), Some(to)) if from <= to),
    }
}

impl State {
    /// Reads droplet ids; each must be there.
    fn droplet_ids(&self, body: &Map<String, Value>) -> Result<Vec<i64>, Fail> {
        texts(body, "droplet_ids")?
            .iter()
            .map(|id| {
                id.parse()
                    .ok()
                    .filter(|id| self.droplets.contains_key(id))
                    .ok_or_else(|| Fail::unprocessable(format!("droplet {id} does not exist")))
            })
            .collect()
    }

    /// Reads tags; each must be there.
    fn known_tags(&self, body: &Map<String, Value>) -> Result<Vec<String>, Fail> {
        let tags = texts(body, "tags")?;
        match tags.iter().find(|t| !self.tags.contains(*t)) {
            Some(missing) => Err(Fail::unprocessable(format!("tag {missing} does not exist"))),
            None => Ok(tags),
        }
    }

    fn firewall(&mut self, id: &str) -> Result<&mut Firewall, Fail> {
        self.firewalls.get_mut(id).ok_or_else(Fail::not_found)
    }

    /// A firewall as a request describes it.
    fn read_firewall(&self, body: &Map<String, Value>, id: &str) -> Result<Firewall, Fail> {
        let name = field(body, "name", Value::as_str)?.unwrap_or_default();
        let fine = name.len() <= 255
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        if !fine {
            return Err(Fail::new(
                400,
                "bad_request",
                "name must be letters, digits, dots and dashes",
            ));
        }
        if self.firewalls.values().any(|f| f.name == name && f.id != id) {
            return Err(Fail::new(409, "conflict", "duplicate name"));
        }
        let inbound = rules(body, "inbound_rules", "sources")?;
        let outbound = rules(body, "outbound_rules", "destinations")?;
        if inbound.is_empty() && outbound.is_empty() {
            return Err(Fail::unprocessable("a firewall needs at least one rule"));
        }
        Ok(Firewall {
            id: id.to_owned(),
            name: name.to_owned(),
            created: Timestamp::now(),
            changed: Instant::now(),
            takes: self.pace,
            inbound,
            outbound,
            droplets: self.droplet_ids(body)?,
            tags: self.known_tags(body)?,
        })
    }
}

/// `GET /firewalls`.
pub async fn all(call: Call) -> Reply {
    let items = lock(&call.world).firewalls.values().map(Firewall::view).collect();
    list(&call, "firewalls", items)
}

/// `POST /firewalls`.
pub async fn create(call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let mut state = lock(&call.world);
    let firewall = state.read_firewall(&body, &uuid())?;
    let view = firewall.view();
    state.firewalls.insert(firewall.id.clone(), firewall);
    with(StatusCode::ACCEPTED, json!({"firewall": view}))
}

/// `GET /firewalls/{id}`.
pub async fn one(Path(id): Path<String>, call: Call) -> Reply {
    ok(json!({"firewall": lock(&call.world).firewall(&id)?.view()}))
}

/// `PUT /firewalls/{id}`: replaces it whole.
pub async fn update(Path(id): Path<String>, call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let mut state = lock(&call.world);
    let created = state.firewall(&id)?.created;
    let firewall = Firewall {
        created,
        ..state.read_firewall(&body, &id)?
    };
    let view = firewall.view();
    state.firewalls.insert(id, firewall);
    ok(json!({"firewall": view}))
}

/// `DELETE /firewalls/{id}`, droplets or not.
pub async fn delete(Path(id): Path<String>, call: Call) -> Reply {
    lock(&call.world).firewalls.remove(&id).ok_or_else(Fail::not_found)?;
    no_content()
}

/// `POST /firewalls/{id}/droplets`.
pub async fn add_droplets(Path(id): Path<String>, call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let mut state = lock(&call.world);
    let droplets = state.droplet_ids(&body)?;
    let firewall = state.firewall(&id)?;
    firewall.droplets.retain(|d| !droplets.contains(d));
    firewall.droplets.extend(droplets);
    firewall.changed = Instant::now();
    no_content()
}

/// `DELETE /firewalls/{id}/droplets`.
pub async fn remove_droplets(Path(id): Path<String>, call: Call, body: Bytes) -> Reply {
    let gone = texts(&object(&body)?, "droplet_ids")?;
    let mut state = lock(&call.world);
    let firewall = state.firewall(&id)?;
    firewall.droplets.retain(|d| !gone.contains(&d.to_string()));
    firewall.changed = Instant::now();
    no_content()
}

/// `POST /firewalls/{id}/tags`.
pub async fn add_tags(Path(id): Path<String>, call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let mut state = lock(&call.world);
    let tags = state.known_tags(&body)?;
    let firewall = state.firewall(&id)?;
    firewall.tags.retain(|t| !tags.contains(t));
    firewall.tags.extend(tags);
    firewall.changed = Instant::now();
    no_content()
}

/// `DELETE /firewalls/{id}/tags`.
pub async fn remove_tags(Path(id): Path<String>, call: Call, body: Bytes) -> Reply {
    let gone = texts(&object(&body)?, "tags")?;
    let mut state = lock(&call.world);
    let firewall = state.firewall(&id)?;
    firewall.tags.retain(|t| !gone.contains(t));
    firewall.changed = Instant::now();
    no_content()
}
