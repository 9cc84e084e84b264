//! `POST /device/code`: a device asks for a code that a person enters elsewhere.

use super::token::{Refused, refused};
use crate::sandbox::sync::lock;
use crate::sandbox::world::World;
use axum::Json;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, header::HOST};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Where the sandbox serves the page of [`super::page`].
const PAGE: &str = "/google/device";

/// Scopes that devices may ask for.
const SCOPES: &[&str] = &[
    "openid",
    "email",
    "profile",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
];

pub async fn code(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, Refused> {
    let missing = |name: &str| refused(400, "invalid_request", format!("Missing required parameter: {name}"));
    let client = form.get("client_id").ok_or_else(|| missing("client_id"))?;
    if *client != world.credentials.google_client_id {
        return Err(refused(401, "invalid_client", "The OAuth client was not found."));
    }
    let scope = form
        .get("scope")
        .filter(|s| !s.trim().is_empty())
        .ok_or_else(|| missing("scope"))?;
    if let Some(other) = scope.split_whitespace().find(|s| !SCOPES.contains(s)) {
        return Err(refused(
            400,
            "invalid_scope",
            format!("Invalid device flow scope: {other}"),
        ));
    }
    let host = headers.get(HOST).and_then(|h| h.to_str().ok()).unwrap_or("127.0.0.1");
    let mut google = lock(&world.google);
    let (device_code, user_code) = google.begin(scope.clone(), form.get("nonce").cloned());
    Ok(Json(json!({
        "device_code": device_code,
        "user_code": user_code,
        "expires_in": google.expires_in_s,
        "interval": google.interval_s,
        "verification_url": format!("http://{host}{PAGE}"),
    })))
}
