//! Public SSH keys, by id or fingerprint. Names may repeat, keys may not.

use super::{
    State, lock,
    reply::{Fail, Reply, field, list, no_content, object, ok, with},
};
use crate::sandbox::cloud::{call::Call, public_key};
use axum::{body::Bytes, extract::Path, http::StatusCode};
use serde_json::{Value, json};

/// A key.
#[derive(Debug, Clone)]
pub struct Key {
    id: i64,
    name: String,
    pub public_key: String,
    fingerprint: String,
}

impl Key {
    fn view(&self) -> Value {
        json!({"id": self.id, "name": self.name, "public_key": self.public_key, "fingerprint": self.fingerprint})
    }
}

impl State {
    /// Finds a key by id or fingerprint.
    pub(super) fn key(&self, id_or_fingerprint: &str) -> Option<&Key> {
        self.keys
            .values()
            .find(|k| k.fingerprint == id_or_fingerprint || k.id.to_string() == id_or_fingerprint)
    }
}

/// `GET /account/keys`; allowed ten times a minute only (see the gate).
pub async fn all(call: Call) -> Reply {
    let items = lock(&call.world).keys.values().map(Key::view).collect();
    list(&call, "ssh_keys", items)
}

/// `POST /account/keys`.
pub async fn create(call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let name = field(&body, "name", Value::as_str)?.unwrap_or_default();
    let public_key = field(&body, "public_key", Value::as_str)?.unwrap_or_default();
    if name.is_empty() {
        return Err(Fail::unprocessable("Name can't be blank"));
    }
    let fingerprint = public_key::fingerprint(public_key)
        .ok_or_else(|| Fail::unprocessable("Key invalid, should be of the format `type key [comment]`"))?;
    let mut state = lock(&call.world);
    if state.key(&fingerprint).is_some() {
        return Err(Fail::unprocessable("SSH Key is already in use on your account"));
    }
    let key = Key {
        id: state.next_id(),
        name: name.to_owned(),
        public_key: public_key.trim().to_owned(),
        fingerprint,
    };
    let view = key.view();
    state.keys.insert(key.id, key);
    with(StatusCode::CREATED, json!({"ssh_key": view}))
}

/// `GET /account/keys/{id or fingerprint}`.
pub async fn one(Path(key): Path<String>, call: Call) -> Reply {
    let state = lock(&call.world);
    let key = state.key(&key).ok_or_else(Fail::not_found)?;
    ok(json!({"ssh_key": key.view()}))
}

/// `PUT /account/keys/{id or fingerprint}`: the name.
pub async fn update(Path(key): Path<String>, call: Call, body: Bytes) -> Reply {
    let body = object(&body)?;
    let name = field(&body, "name", Value::as_str)?.unwrap_or_default();
    if name.is_empty() {
        return Err(Fail::unprocessable("Name can't be blank"));
    }
    let mut state = lock(&call.world);
    let id = state.key(&key).ok_or_else(Fail::not_found)?.id;
    let key = state.keys.get_mut(&id).ok_or_else(Fail::not_found)?;
    key.name = name.to_owned();
    ok(json!({"ssh_key": key.view()}))
}

/// `DELETE /account/keys/{id or fingerprint}`.
pub async fn delete(Path(key): Path<String>, call: Call) -> Reply {
    let mut state = lock(&call.world);
    let id = state.key(&key).ok_or_else(Fail::not_found)?.id;
    state.keys.remove(&id);
    no_content()
}
