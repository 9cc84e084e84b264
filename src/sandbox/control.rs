//! The sandbox's own address: BotFather, a person who talks, faults, approving sign-ins.

use super::fault::Rule;
use super::sync::lock;
use super::world::World;
use crate::error::{Error, Result, usage};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a chat waits if it is not told.
const PATIENCE_S: u64 = 120;
/// The longest that a chat may wait.
const LONGEST_S: u64 = 600;

#[derive(Deserialize)]
struct NewBot {
    name: String,
}

#[derive(Deserialize)]
struct Talk {
    bot: String,
    text: String,
    from: Option<i64>,
    timeout_s: Option<u64>,
}

#[derive(Deserialize)]
struct Approval {
    user_code: String,
    email: String,
}

#[derive(Deserialize)]
struct Denial {
    user_code: String,
}

/// Routes, relative to the prefix.
pub fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/telegram/bots", post(new_bot).get(bots))
        .route("/telegram/chat", post(chat))
        .route("/telegram/sent", get(sent))
        .route("/faults", post(add_fault).get(faults).delete(clear_faults))
        .route("/models/calls", get(calls))
        .route("/google/approve", post(approve))
        .route("/google/deny", post(deny))
        .with_state(world)
}

/// An error as the program's own JSON shows it.
struct Refused(Error);

impl From<Error> for Refused {
    fn from(e: Error) -> Self {
        Refused(e)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let e = self.0;
        let status = StatusCode::from_u16(e.kind().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({"error": {"code": e.kind().code(), "message": e.message(), "hint": e.next_step()}});
        (status, Json(body)).into_response()
    }
}

type Answer = Result<Json<Value>, Refused>;

/// The body as JSON, whatever content type it claims.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T> {
    serde_json::from_slice(body).map_err(|e| usage(format!("the request's body is not what is expected here: {e}")))
}

async fn new_bot(State(world): State<Arc<World>>, body: Bytes) -> Answer {
    let asked: NewBot = read(&body)?;
    Ok(Json(json!(world.telegram.new_bot(&asked.name))))
}

async fn bots(State(world): State<Arc<World>>) -> Answer {
    Ok(Json(json!({"bots": world.telegram.summary()})))
}

/// With `timeout_s` 0 nobody waits, and `reply` is null.
async fn chat(State(world): State<Arc<World>>, body: Bytes) -> Answer {
    let talk: Talk = read(&body)?;
    let from = talk.from.unwrap_or(world.credentials.owner);
    let seconds = talk.timeout_s.unwrap_or(PATIENCE_S).min(LONGEST_S);
    if seconds == 0 {
        let update = world.telegram.say(&talk.bot, from, &talk.text)?;
        return Ok(Json(json!({"reply": null, "ms": 0, "update_id": update})));
    }
    let patience = Duration::from_secs(seconds);
    let reply = world.telegram.chat(&talk.bot, from, &talk.text, patience).await?;
    Ok(Json(json!(reply)))
}

async fn sent(State(world): State<Arc<World>>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let bot = query.get("bot").ok_or_else(|| usage("say which bot: ?bot=USERNAME"))?;
    Ok(Json(json!({"sent": world.telegram.sent(bot)?})))
}

async fn add_fault(State(world): State<Arc<World>>, body: Bytes) -> Answer {
    let rule: Rule = read(&body)?;
    if rule.times == 0 || !(rule.path.starts_with('/') || rule.path.starts_with('*')) {
        return Err(usage("a fault needs a path such as /hetzner/* and at least one time").into());
    }
    world.faults.add(rule);
    Ok(Json(json!({"faults": world.faults.list()})))
}

async fn faults(State(world): State<Arc<World>>) -> Answer {
    Ok(Json(json!({"faults": world.faults.list()})))
}

async fn clear_faults(State(world): State<Arc<World>>) -> Answer {
    world.faults.clear();
    Ok(Json(json!({"faults": []})))
}

async fn calls(State(world): State<Arc<World>>) -> Answer {
    Ok(Json(json!({"calls": lock(&world.models).calls()})))
}

async fn approve(State(world): State<Arc<World>>, body: Bytes) -> Answer {
    let asked: Approval = read(&body)?;
    lock(&world.google).approve(&asked.user_code, &asked.email)?;
    Ok(Json(json!({"approved": asked.email})))
}

async fn deny(State(world): State<Arc<World>>, body: Bytes) -> Answer {
    let asked: Denial = read(&body)?;
    lock(&world.google).deny(&asked.user_code)?;
    Ok(Json(json!({"denied": true})))
}
