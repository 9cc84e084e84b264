//! OpenAI's Chat Completions API.

use super::responses::{Refused, admit, model_of, refused};
use super::{Asked, reply, sse};
use crate::sandbox::random;
use crate::sandbox::sync::unix_now;
use crate::sandbox::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::Arc;

pub fn routes() -> axum::Router<Arc<World>> {
    axum::Router::new().route("/v1/chat/completions", post(completions))
}

async fn completions(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let asked = Asked {
        provider: "openai",
        endpoint: "chat/completions",
        model: request["model"].as_str().unwrap_or_default().to_owned(),
        stream: request["stream"] == true,
        bytes: body.len(),
    };
    let response = admit(&world, &headers)
        .and_then(|()| answer(&request, asked.stream))
        .unwrap_or_else(IntoResponse::into_response);
    asked.note(&world, response.status().as_u16());
    response
}

fn answer(request: &Value, stream: bool) -> Result<Response, Refused> {
    let model = model_of(request)?;
    let messages = request["messages"].as_array().ok_or_else(|| {
        let message = "Missing required parameter: 'messages'.";
        refused(400, message, Some("messages"), Some("missing_required_parameter"))
    })?;
    if messages.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
        return Err(refused(400, message, Some("messages"), Some("empty_array")));
    }
    let users = messages.iter().filter(|m| m["role"] == "user");
    let texts: Vec<&str> = users.flat_map(|m| reply::texts(&m["content"])).collect();
    let text = reply::to_text(reply::spoken(texts.into_iter()), model);
    let (asked, told) = (reply::tokens(&request["messages"].to_string()), reply::tokens(&text));
    let usage = json!({"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told});
    let head = |object: &str| {
        json!({
            "id": format!("chatcmpl-{}", random::text(random::HEX, 29)),
            "object": object,
            "created": unix_now(),
            "model": model,
        })
    };
    if !stream {
        let mut whole = head("chat.completion");
        let message = json!({"role": "assistant", "content": text, "refusal": null});
        whole["choices"] = json!([{"index": 0, "message": message, "logprobs": null, "finish_reason": "stop"}]);
        whole["usage"] = usage;
        return Ok(Json(whole).into_response());
    }
    let head = head("chat.completion.chunk");
    let chunk = |delta: Value, finish: Value| {
        let mut chunk = head.clone();
        chunk["choices"] = json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
        sse::data(&chunk)
    };
    let mut events = vec![chunk(json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend(sse::pieces(&text).map(|piece| chunk(json!({"content": piece}), Value::Null)));
    events.push(chunk(json!({}), "stop".into()));
    if request["stream_options"]["include_usage"] == true {
        let mut last = head.clone();
        (last["choices"], last["usage"]) = (json!([]), usage);
        events.push(sse::data(&last));
    }
    events.push("data: [DONE]\n\n".to_owned());
    Ok(sse::respond(events))
}
