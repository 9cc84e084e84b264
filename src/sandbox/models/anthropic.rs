//! Anthropic's Messages API.

use super::{Asked, known, reply, sse};
use crate::sandbox::random;
use crate::sandbox::refusal::Service;
use crate::sandbox::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;

/// Why a request is refused: status and message.
type Refused = (u16, String);

/// What the model does.
enum Turn {
    Say(String),
    /// Calls the tool `exec` with a command.
    Exec(String),
}

pub fn routes() -> axum::Router<Arc<World>> {
    axum::Router::new()
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(count_tokens))
        .route("/v1/models", get(models))
        .route("/v1/models/{id}", get(model))
        .fallback(async || refuse(404, "Not found"))
}

async fn messages(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let asked = Asked {
        provider: "anthropic",
        endpoint: "messages",
        model: request["model"].as_str().unwrap_or_default().to_owned(),
        stream: request["stream"] == true,
        bytes: body.len(),
    };
    let response = match admit(&world, &headers).and_then(|()| check(&request, true)) {
        Err((status, message)) => refuse(status, &message),
        Ok(()) => answer(&request, &asked.model, asked.stream),
    };
    asked.note(&world, response.status().as_u16());
    response
}

async fn count_tokens(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    match admit(&world, &headers).and_then(|()| check(&request, false)) {
        Err((status, message)) => refuse(status, &message),
        Ok(()) => Json(json!({"input_tokens": body.len().div_ceil(4)})).into_response(),
    }
}

async fn models(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    if let Err((status, message)) = admit(&world, &headers) {
        return refuse(status, &message);
    }
    let data: Vec<Value> = known::ANTHROPIC.iter().map(|id| card(id)).collect();
    Json(json!({
        "data": data,
        "has_more": false,
        "first_id": known::ANTHROPIC.first(),
        "last_id": known::ANTHROPIC.last(),
    }))
    .into_response()
}

async fn model(State(world): State<Arc<World>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match admit(&world, &headers).and_then(|()| exists(&id)) {
        Err((status, message)) => refuse(status, &message),
        Ok(()) => Json(card(&id)).into_response(),
    }
}

fn card(id: &str) -> Value {
    json!({"type": "model", "id": id, "display_name": id, "created_at": "2026-01-01T00:00:00Z"})
}

fn refuse(status: u16, message: &str) -> Response {
    Service::Anthropic.error(status, None, Some(message))
}

/// Key and version headers.
fn admit(world: &World, headers: &HeaderMap) -> Result<(), Refused> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let bearer = header("authorization").and_then(|v| v.strip_prefix("Bearer "));
    let key = header("x-api-key").or(bearer);
    match key {
        None => return Err((401, "x-api-key header is required".to_owned())),
        Some(key) if key == world.credentials.anthropic => {}
        Some(_) => return Err((401, "invalid x-api-key".to_owned())),
    }
    match header("anthropic-version") {
        Some(_) => Ok(()),
        None => Err((400, "anthropic-version: header is required".to_owned())),
    }
}

fn exists(model: &str) -> Result<(), Refused> {
    if known::ANTHROPIC.contains(&model) {
        return Ok(());
    }
    Err((404, format!("model: {model}")))
}

/// What the real service refuses of a request.
fn check(request: &Value, generate: bool) -> Result<(), Refused> {
    let bad = |message: &str| Err((400, message.to_owned()));
    if !request.is_object() {
        return bad("The request body is not valid JSON");
    }
    let Some(model) = request["model"].as_str() else {
        return bad("model: Field required");
    };
    if generate {
        match &request["max_tokens"] {
            Value::Null => return bad("max_tokens: Field required"),
            n if n.as_i64().is_none() => return bad("max_tokens: Input should be a valid integer"),
            n if n.as_i64() < Some(1) => return bad("max_tokens: Input should be greater than or equal to 1"),
            _ => {}
        }
    }
    let Some(messages) = request["messages"].as_array() else {
        return bad("messages: Field required");
    };
    if messages.is_empty() {
        return bad("messages: at least one message is required");
    }
    for (n, message) in messages.iter().enumerate() {
        if message["role"] != "user" && message["role"] != "assistant" {
            return bad(&format!("messages.{n}.role: Input should be 'user' or 'assistant'"));
        }
        let last = n + 1 == messages.len();
        let empty = message["content"].as_str().is_some_and(str::is_empty)
            || message["content"].as_array().is_some_and(Vec::is_empty);
        if message["content"].is_null() {
            return bad(&format!("messages.{n}.content: Field required"));
        }
        if empty && !(last && message["role"] == "assistant") {
            return bad(&format!("messages.{n}: all messages must have non-empty content"));
        }
        if let Some(id) = unanswered(message, messages.get(n + 1)) {
            return bad(&format!(
                "messages.{n}: `tool_use` ids were found without `tool_result` blocks immediately after: {id}. \
                 Each `tool_use` block must have a corresponding `tool_result` block in the next message."
            ));
        }
    }
    exists(model)
}

/// A tool call in a message that the next message has no result for.
fn unanswered<'a>(message: &'a Value, next: Option<&Value>) -> Option<&'a str> {
    let blocks = message["content"].as_array()?;
    let results = next.and_then(|n| n["content"].as_array());
    blocks
        .iter()
        .filter(|b| b["type"] == "tool_use")
        .filter_map(|b| b["id"].as_str())
        .find(|id| !results.is_some_and(|r| r.iter().any(|b| b["type"] == "tool_result" && b["tool_use_id"] == *id)))
}

/// What the model does with a checked request.
fn turn(request: &Value, model: &str) -> Turn {
    let none = Vec::new();
    let messages = request["messages"].as_array().unwrap_or(&none);
    // Everything since the model last spoke: several user messages may stand in a row.
    let since = messages
        .iter()
        .rposition(|m| m["role"] == "assistant")
        .map_or(0, |n| n + 1);
    let new = &messages[since..];
    let result = new
        .iter()
        .filter_map(|m| m["content"].as_array())
        .flatten()
        .find(|b| b["type"] == "tool_result");
    if let Some(result) = result {
        return Turn::Say(reply::to_result(&reply::texts(&result["content"]).join("\n"), model));
    }
    let texts: Vec<&str> = new.iter().flat_map(|m| reply::texts(&m["content"])).collect();
    let said = reply::spoken(texts.into_iter());
    let has_exec = request["tools"]
        .as_array()
        .is_some_and(|tools| tools.iter().any(|t| t["name"] == "exec"));
    match reply::command(said) {
        Some(command) if has_exec => Turn::Exec(command.to_owned()),
        _ => Turn::Say(reply::to_text(said, model)),
    }
}

fn answer(request: &Value, model: &str, stream: bool) -> Response {
    let turn = turn(request, model);
    let (block, stop) = match &turn {
        Turn::Say(text) => (json!({"type": "text", "text": text}), "end_turn"),
        Turn::Exec(command) => {
            let id = format!("toolu_01{}", random::text(random::HEX, 22));
            (
                json!({"type": "tool_use", "id": id, "name": "exec", "input": {"command": command}}),
                "tool_use",
            )
        }
    };
    let input = reply::tokens(&request["messages"].to_string());
    let output = reply::tokens(&block.to_string());
    let mut message = json!({
        "id": format!("msg_01{}", random::text(random::HEX, 22)),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [block],
        "stop_reason": stop,
        "stop_sequence": null,
        "usage": {
            "input_tokens": input,
            "output_tokens": output,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    });
    if !stream {
        return Json(message).into_response();
    }
    let (content, stop) = (message["content"].take(), message["stop_reason"].take());
    message["content"] = json!([]);
    message["usage"]["output_tokens"] = 1.into();
    sse::respond(events(&message, &content[0], &turn, &stop, output))
}

fn events(message: &Value, block: &Value, turn: &Turn, stop: &Value, output: usize) -> Vec<String> {
    let event = |kind: &str, mut data: Value| {
        data["type"] = kind.into();
        sse::named(kind, &data)
    };
    let delta = |delta: Value| event("content_block_delta", json!({"index": 0, "delta": delta}));
    let mut begun = block.clone();
    let deltas: Vec<String> = match turn {
        Turn::Say(text) => {
            begun["text"] = "".into();
            sse::pieces(text)
                .map(|piece| delta(json!({"type": "text_delta", "text": piece})))
                .collect()
        }
        Turn::Exec(_) => {
            begun["input"] = json!({});
            let input = block["input"].to_string();
            vec![delta(json!({"type": "input_json_delta", "partial_json": input}))]
        }
    };
    let mut events = vec![
        event("message_start", json!({"message": message})),
        event("content_block_start", json!({"index": 0, "content_block": begun})),
        event("ping", json!({})),
    ];
    events.extend(deltas);
    events.push(event("content_block_stop", json!({"index": 0})));
    let end = json!({"stop_reason": stop, "stop_sequence": null});
    events.push(event(
        "message_delta",
        json!({"delta": end, "usage": {"output_tokens": output}}),
    ));
    events.push(event("message_stop", json!({})));
    events
}
