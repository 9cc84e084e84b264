//! Tags. Naming a new one when a droplet is made makes it.

use super::{
    State, lock,
    reply::{Fail, Reply, field, list, no_content, object, ok, with},
};
use crate::sandbox::cloud::call::Call;
use axum::{body::Bytes, extract::Path, http::StatusCode};
use serde_json::{Value, json};

/// Whether a text can be a tag: letters, digits, `_`, `-`, `:`, at most 255.
pub fn is_tag(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':'))
}

impl State {
    fn tag_view(&self, name: &str, here: &str) -> Value {
        let tagged: Vec<i64> = self
            .droplets
            .values()
            .filter(|d| d.tags.iter().any(|t| t == name))
            .map(|d| d.id)
            .collect();
        let mut droplets = json!({"count": tagged.len()});
        if let Some(last) = tagged.last() {
            droplets["last_tagged_uri"] = json!(format!("{here}/v2/droplets/{last}"));
        }
        let none = json!({"count": 0});
        let mut resources = droplets.clone();
        resources["droplets"] = droplets;
        for kind in ["images", "volumes", "volume_snapshots", "databases"] {
            resources[kind] = none.clone();
        }
        json!({"name": name, "resources": resources})
    }
}

/// Scheme, host and prefix, in front of `/v2`.
fn base(call: &Call) -> &str {
    call.here.split("/v2/").next().unwrap_or_default()
}

/// `GET /tags`.
pub async fn all(call: Call) -> Reply {
    let items = {
        let state = lock(&call.world);
        state
            .tags
            .iter()
            .map(|name| state.tag_view(name, base(&call)))
            .collect()
    };
    list(&call, "tags", items)
}

/// `POST /tags`.
pub async fn create(call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let name = field(&body, "name", Value::as_str)?.unwrap_or_default();
    if !is_tag(name) {
        return Err(Fail::unprocessable(
            "Tag name must only contain letters, numbers, colons, dashes and underscores",
        ));
    }
    let mut state = lock(&call.world);
    state.tags.insert(name.to_owned());
    let view = state.tag_view(name, base(&call));
    with(StatusCode::CREATED, json!({"tag": view}))
}

/// `GET /tags/{name}`.
pub async fn one(Path(name): Path<String>, call: Call) -> Reply {
    let state = lock(&call.world);
    if !state.tags.contains(&name) {
        return Err(Fail::not_found());
    }
    ok(json!({"tag": state.tag_view(&name, base(&call))}))
}

/// `DELETE /tags/{name}`: untags all.
pub async fn delete(Path(name): Path<String>, call: Call) -> Reply {
    let mut state = lock(&call.world);
    if !state.tags.remove(&name) {
        return Err(Fail::not_found());
    }
    for droplet in state.droplets.values_mut() {
        droplet.tags.retain(|t| *t != name);
    }
    for firewall in state.firewalls.values_mut() {
        firewall.tags.retain(|t| *t != name);
    }
    no_content()
}

/// `POST /tags/{name}/resources`.
pub async fn tag(Path(name): Path<String>, call: Call, body: Bytes) -> Reply {
    resources(&name, &call, &body, true)
}

/// `DELETE /tags/{name}/resources`.
pub async fn untag(Path(name): Path<String>, call: Call, body: Bytes) -> Reply {
    resources(&name, &call, &body, false)
}

fn resources(name: &str, call: &Call, body: &Bytes, add: bool) -> Reply {
    let body = object(body)?;
    let mut state = lock(&call.world);
    if !state.tags.contains(name) {
        return Err(Fail::not_found());
    }
    let mut ids = Vec::new();
    for resource in field(&body, "resources", Value::as_array)?.into_iter().flatten() {
        if resource["resource_type"] != "droplet" {
            return Err(Fail::unprocessable("the sandbox tags droplets only"));
        }
        let id = resource["resource_id"].as_str().and_then(|id| id.parse::<i64>().ok());
        ids.push(
            id.filter(|id| state.droplets.contains_key(id))
                .ok_or_else(Fail::not_found)?,
        );
    }
    for id in ids {
        if let Some(droplet) = state.droplets.get_mut(&id) {
            droplet.tags.retain(|t| t != name);
            if add {
                droplet.tags.push(name.to_owned());
            }
        }
    }
    no_content()
}
