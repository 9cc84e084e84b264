//! Firewalls: rules, and the servers and label selectors that they are applied to.

use super::{
    State, actions,
    labels::{self, Labels, Selector},
    listing, lock,
    reply::{Fail, Reply, created, field, id, no_content, object, ok},
    rules,
};
use crate::sandbox::cloud::{call::Call, times::rfc3339};
use axum::{body::Bytes, extract::Path};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A firewall. Which servers it is applied to stands with the servers.
#[derive(Debug, Clone)]
pub struct Firewall {
    pub id: i64,
    name: String,
    labels: Labels,
    created: Timestamp,
    rules: Vec<Value>,
    selectors: Vec<String>,
}

/// What a firewall is to be applied to.
enum Target {
    Server(i64),
    Selector(String),
}

impl State {
    fn firewall_view(&self, firewall: &Firewall) -> Value {
        let servers = self
            .servers
            .values()
            .filter(|s| s.firewalls.contains(&firewall.id))
            .map(|s| json!({"type": "server", "server": {"id": s.id}}));
        let selectors = firewall.selectors.iter().map(|text| {
            let chosen: Vec<Value> = Selector::parse(text)
                .map(|selector| {
                    let fits = self.servers.values().filter(|s| selector.fits(&s.labels));
                    fits.map(|s| json!({"type": "server", "server": {"id": s.id}}))
                        .collect()
                })
                .unwrap_or_default();
            json!({
                "type": "label_selector",
                "label_selector": {"selector": text},
                "applied_to_resources": chosen,
            })
        });
        json!({
            "id": firewall.id,
            "name": firewall.name,
            "labels": firewall.labels,
            "created": rfc3339(firewall.created),
            "rules": firewall.rules,
            "applied_to": servers.chain(selectors).collect::<Vec<_>>(),
        })
    }

    /// The firewalls of a server: its own, and those whose selector chooses it.
    pub(super) fn firewalls_of(&self, own: &[i64], labels: &Labels) -> Vec<i64> {
        let chosen = self.firewalls.values().filter(|f| {
            own.contains(&f.id)
                || f.selectors
                    .iter()
                    .any(|s| Selector::parse(s).is_ok_and(|s| s.fits(labels)))
        });
        chosen.map(|f| f.id).collect()
    }

    fn known_firewall(&self, wanted: i64) -> Result<&Firewall, Fail> {
        self.firewalls
            .get(&wanted)
            .ok_or_else(|| Fail::not_found("firewall", wanted))
    }

    /// Applies a firewall; answers an action for each target.
    fn apply(&mut self, firewall: i64, targets: &[Target]) -> Vec<Value> {
        let mut actions = Vec::new();
        for target in targets {
            let resources = match target {
                Target::Server(server) => {
                    if let Some(server) = self.servers.get_mut(server) {
                        server.firewalls.push(firewall);
                    }
                    vec![(firewall, "firewall"), (*server, "server")]
                }
                Target::Selector(selector) => {
                    if let Some(f) = self.firewalls.get_mut(&firewall) {
                        f.selectors.push(selector.clone());
                    }
                    vec![(firewall, "firewall")]
                }
            };
            actions.push(self.act("apply_firewall", &resources, 1).view());
        }
        actions
    }
}

/// Reads `apply_to` or `remove_from`.
fn targets(state: &State, body: &Map<String, Value>, key: &str) -> Result<Vec<Target>, Fail> {
    let mut targets = Vec::new();
    for entry in field(body, key, Value::as_array)?.into_iter().flatten() {
        targets.push(match entry["type"].as_str() {
            Some("server") => {
                let server = entry["server"]["id"]
                    .as_i64()
                    .ok_or_else(|| Fail::invalid(key, "a server needs an id"))?;
                if !state.servers.contains_key(&server) {
                    return Err(Fail::new(
                        "firewall_resource_not_found",
                        format!("server with ID '{server}' not found"),
                    ));
                }
                Target::Server(server)
            }
            Some("label_selector") => {
                let text = entry["label_selector"]["selector"]
                    .as_str()
                    .ok_or_else(|| Fail::invalid(key, "a label selector needs its text"))?;
                Selector::parse(text)?;
                Target::Selector(text.to_owned())
            }
            _ => return Err(Fail::invalid(key, "the type must be server or label_selector")),
        });
    }
    Ok(targets)
}

/// `GET /firewalls`.
pub async fn all(call: Call) -> Reply {
    let items = {
        let state = lock(&call.world);
        state.firewalls.values().map(|f| state.firewall_view(f)).collect()
    };
    listing::list(&call, "firewalls", items, &["id", "name", "created"])
}

/// `POST /firewalls`.
pub async fn create(call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let name = field(&body, "name", Value::as_str)?.unwrap_or_default();
    if name.is_empty() || name.len() > 128 {
        return Err(Fail::invalid("name", "must have 1 to 128 characters"));
    }
    let labels = labels::read(&body)?.unwrap_or_default();
    let rules = rules::read(&body)?;
    let mut state = lock(&call.world);
    if state.firewalls.values().any(|f| f.name == name) {
        return Err(Fail::new("uniqueness_error", "firewall name is already used"));
    }
    let targets = targets(&state, &body, "apply_to")?;
    let firewall = state.next_id();
    state.firewalls.insert(
        firewall,
        Firewall {
            id: firewall,
            name: name.to_owned(),
            labels,
            created: Timestamp::now(),
            rules,
            selectors: Vec::new(),
        },
    );
    let mut actions = vec![state.act("set_firewall_rules", &[(firewall, "firewall")], 1).view()];
    actions.extend(state.apply(firewall, &targets));
    let view = state.firewall_view(state.known_firewall(firewall)?);
    created(json!({"firewall": view, "actions": actions}))
}

/// `GET /firewalls/{id}`.
pub async fn one(Path(firewall): Path<String>, call: Call) -> Reply {
    let wanted = id("firewall", &firewall)?;
    let state = lock(&call.world);
    ok(json!({"firewall": state.firewall_view(state.known_firewall(wanted)?)}))
}

/// `PUT /firewalls/{id}`: name and labels.
pub async fn update(Path(firewall): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = id("firewall", &firewall)?;
    let body = object(&body)?;
    let labels = labels::read(&body)?;
    let name = field(&body, "name", Value::as_str)?;
    let mut state = lock(&call.world);
    if let Some(name) = name
        && state.firewalls.values().any(|f| f.name == name && f.id != wanted)
    {
        return Err(Fail::new("uniqueness_error", "firewall name is already used"));
    }
    let firewall = state
        .firewalls
        .get_mut(&wanted)
        .ok_or_else(|| Fail::not_found("firewall", wanted))?;
    if let Some(name) = name {
        firewall.name = name.to_owned();
    }
    if let Some(labels) = labels {
        firewall.labels = labels;
    }
    ok(json!({"firewall": state.firewall_view(state.known_firewall(wanted)?)}))
}

/// `DELETE /firewalls/{id}`: only one that is applied to nothing.
pub async fn delete(Path(firewall): Path<String>, call: Call) -> Reply {
    let wanted = id("firewall", &firewall)?;
    let mut state = lock(&call.world);
    let firewall = state.known_firewall(wanted)?;
    let applied = state.servers.values().any(|s| s.firewalls.contains(&wanted));
    if applied || !firewall.selectors.is_empty() {
        return Err(Fail::new(
            "resource_in_use",
            format!("firewall with ID {wanted} is still in use"),
        ));
    }
    state.firewalls.remove(&wanted);
    no_content()
}

/// `POST /firewalls/{id}/actions/set_rules`.
pub async fn set_rules(Path(firewall): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = id("firewall", &firewall)?;
    let rules = rules::read(&object(&body)?)?;
    let mut state = lock(&call.world);
    let firewall = state
        .firewalls
        .get_mut(&wanted)
        .ok_or_else(|| Fail::not_found("firewall", wanted))?;
    firewall.rules = rules;
    let action = state.act("set_firewall_rules", &[(wanted, "firewall")], 1).view();
    created(json!({"actions": [action]}))
}

/// `POST /firewalls/{id}/actions/apply_to_resources`.
pub async fn apply(Path(firewall): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = id("firewall", &firewall)?;
    let body = object(&body)?;
    let mut state = lock(&call.world);
    let selectors = state.known_firewall(wanted)?.selectors.clone();
    let targets = targets(&state, &body, "apply_to")?;
    let twice = targets.iter().any(|target| match target {
        Target::Server(server) => state.servers.get(server).is_some_and(|s| s.firewalls.contains(&wanted)),
        Target::Selector(text) => selectors.contains(text),
    });
    if twice {
        return Err(Fail::new(
            "firewall_already_applied",
            "firewall is already applied to the resource",
        ));
    }
    let actions = state.apply(wanted, &targets);
    created(json!({"actions": actions}))
}

/// `POST /firewalls/{id}/actions/remove_from_resources`.
pub async fn remove(Path(firewall): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = id("firewall", &firewall)?;
    let body = object(&body)?;
    let mut state = lock(&call.world);
    state.known_firewall(wanted)?;
    let mut actions = Vec::new();
    for target in targets(&state, &body, "remove_from")? {
        let mut resources = vec![(wanted, "firewall")];
        match target {
            Target::Server(server) => {
                resources.push((server, "server"));
                if let Some(server) = state.servers.get_mut(&server) {
                    server.firewalls.retain(|f| *f != wanted);
                }
            }
            Target::Selector(text) => {
                if let Some(firewall) = state.firewalls.get_mut(&wanted) {
                    firewall.selectors.retain(|s| *s != text);
                }
            }
        }
        actions.push(state.act("remove_firewall", &resources, 1).view());
    }
    created(json!({"actions": actions}))
}

/// `GET /firewalls/{id}/actions`.
pub async fn actions(Path(firewall): Path<String>, call: Call) -> Reply {
    let wanted = id("firewall", &firewall)?;
    lock(&call.world).known_firewall(wanted)?;
    actions::of(&call, "firewall", Some(wanted))
}
