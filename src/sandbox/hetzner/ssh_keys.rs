//! Public SSH keys: unique by name and by key.

use super::{
    State,
    labels::{self, Labels},
    listing, lock,
    reply::{Fail, Reply, created, field, id, no_content, object, ok},
};
use crate::sandbox::cloud::{call::Call, public_key, times::rfc3339};
use axum::{body::Bytes, extract::Path};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A key.
#[derive(Debug, Clone)]
pub struct SshKey {
    pub id: i64,
    pub name: String,
    pub public_key: String,
    fingerprint: String,
    labels: Labels,
    created: Timestamp,
}

impl SshKey {
    fn view(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "fingerprint": self.fingerprint,
            "public_key": self.public_key,
            "labels": self.labels,
            "created": rfc3339(self.created),
        })
    }
}

impl State {
    /// Finds a key by name or id.
    pub(super) fn ssh_key(&self, name_or_id: &str) -> Option<&SshKey> {
        self.ssh_keys
            .values()
            .find(|k| k.name == name_or_id || k.id.to_string() == name_or_id)
    }
}

/// `GET /ssh_keys`.
pub async fn all(call: Call) -> Reply {
    let fingerprint = call.params.get("fingerprint");
    let items = lock(&call.world)
        .ssh_keys
        .values()
        .filter(|key| fingerprint.is_none_or(|f| f == key.fingerprint))
        .map(SshKey::view)
        .collect();
    listing::list(&call, "ssh_keys", items, &["id", "name"])
}

/// `POST /ssh_keys`.
pub async fn create(call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let name = field(&body, "name", Value::as_str)?.unwrap_or_default();
    let public_key = field(&body, "public_key", Value::as_str)?.unwrap_or_default();
    if name.is_empty() {
        return Err(Fail::invalid("name", "Missing data for required field."));
    }
    let fingerprint =
        public_key::fingerprint(public_key).ok_or_else(|| Fail::invalid("public_key", "SSH key is not valid"))?;
    let labels = labels::read(&body)?.unwrap_or_default();
    let mut state = lock(&call.world);
    if state.ssh_keys.values().any(|k| k.fingerprint == fingerprint) {
        return Err(Fail::new(
            "uniqueness_error",
            "SSH key with the same fingerprint already exists",
        ));
    }
    if state.ssh_keys.values().any(|k| k.name == name) {
        return Err(Fail::new("uniqueness_error", "SSH key name is already used"));
    }
    let key = SshKey {
        id: state.next_id(),
        name: name.to_owned(),
        public_key: public_key.trim().to_owned(),
        fingerprint,
        labels,
        created: Timestamp::now(),
    };
    let view = key.view();
    state.ssh_keys.insert(key.id, key);
    created(json!({"ssh_key": view}))
}

/// `GET /ssh_keys/{id}`.
pub async fn one(Path(key): Path<String>, call: Call) -> Reply {
    let wanted = id("SSH key", &key)?;
    match lock(&call.world).ssh_keys.get(&wanted) {
        Some(key) => ok(json!({"ssh_key": key.view()})),
        None => Err(Fail::not_found("SSH key", wanted)),
    }
}

/// `PUT /ssh_keys/{id}`: name and labels.
pub async fn update(Path(key): Path<String>, call: Call, body: Bytes) -> Reply {
    let wanted = id("SSH key", &key)?;
    let body = object(&body)?;
    let labels = labels::read(&body)?;
    let name = field(&body, "name", Value::as_str)?;
    let mut state = lock(&call.world);
    if let Some(name) = name
        && state.ssh_keys.values().any(|k| k.name == name && k.id != wanted)
    {
        return Err(Fail::new("uniqueness_error", "SSH key name is already used"));
    }
    let key = state
        .ssh_keys
        .get_mut(&wanted)
        .ok_or_else(|| Fail::not_found("SSH key", wanted))?;
    if let Some(name) = name {
        key.name = name.to_owned();
    }
    if let Some(labels) = labels {
        key.labels = labels;
    }
    ok(json!({"ssh_key": key.view()}))
}

/// `DELETE /ssh_keys/{id}`.
pub async fn delete(Path(key): Path<String>, call: Call) -> Reply {
    let wanted = id("SSH key", &key)?;
    match lock(&call.world).ssh_keys.remove(&wanted) {
        Some(_) => no_content(),
        None => Err(Fail::not_found("SSH key", wanted)),
    }
}
