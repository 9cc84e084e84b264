//! OpenAI's Responses API, its key check and its list of models.

use super::{Asked, known, reply, sse};
use crate::sandbox::random;
use crate::sandbox::refusal::respond;
use crate::sandbox::sync::unix_now;
use crate::sandbox::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;

/// Why a request is refused.
pub struct Refused {
    status: u16,
    message: String,
    param: Option<&'static str>,
    code: Option<&'static str>,
}

pub fn routes() -> axum::Router<Arc<World>> {
    axum::Router::new()
        .route("/v1/responses", post(responses))
        .route("/v1/models", get(models))
        .route("/v1/models/{id}", get(model))
        .fallback(async || {
            let message = "Invalid URL".to_owned();
            refused(404, message, None, None).into_response()
        })
}

pub fn refused(
    status: u16,
    message: impl Into<String>,
    param: Option<&'static str>,
    code: Option<&'static str>,
) -> Refused {
    Refused {
        status,
        message: message.into(),
        param,
        code,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let error = json!({
            "message": self.message,
            "type": "invalid_request_error",
            "param": self.param,
            "code": self.code,
        });
        respond(self.status, &json!({"error": error}))
    }
}

/// The key.
pub fn admit(world: &World, headers: &HeaderMap) -> Result<(), Refused> {
    let key = headers
        .get("authorization")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    match key {
        Some(key) if key == world.credentials.openai => Ok(()),
        None => Err(refused(401, "You didn't provide an API key.", None, None)),
        Some(_) => Err(refused(
            401,
            "Incorrect API key provided. You can find your API key at \
             https://platform.openai.com/account/api-keys.",
            None,
            Some("invalid_api_key"),
        )),
    }
}

/// The model of a request.
pub fn model_of(request: &Value) -> Result<&str, Refused> {
    if !request.is_object() {
        let message = "We could not parse the JSON body of your request.";
        return Err(refused(400, message, None, None));
    }
    let model = request["model"]
        .as_str()
        .ok_or_else(|| refused(400, "you must provide a model parameter", None, None))?;
    exists(model)?;
    Ok(model)
}

fn exists(model: &str) -> Result<(), Refused> {
    if known::OPENAI.contains(&model) {
        return Ok(());
    }
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    Err(refused(404, message, None, Some("model_not_found")))
}

async fn responses(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let asked = Asked {
        provider: "openai",
        endpoint: "responses",
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

async fn models(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    if let Err(refused) = admit(&world, &headers) {
        return refused.into_response();
    }
    let data: Vec<Value> = known::OPENAI.iter().map(|id| card(id)).collect();
    Json(json!({"object": "list", "data": data})).into_response()
}

async fn model(State(world): State<Arc<World>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match admit(&world, &headers).and_then(|()| exists(&id)) {
        Err(refused) => refused.into_response(),
        Ok(()) => Json(card(&id)).into_response(),
    }
}

fn card(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 1_767_225_600, "owned_by": "openai"})
}

/// The last text that the user said, in a plain text or a list of items.
fn said(input: &Value) -> &str {
    match input {
        Value::String(text) => text,
        Value::Array(items) => {
            let users = items.iter().filter(|i| i["role"] == "user");
            let texts: Vec<&str> = users.flat_map(|i| reply::texts(&i["content"])).collect();
            reply::spoken(texts.into_iter())
        }
        _ => "",
    }
}

fn answer(request: &Value, stream: bool) -> Result<Response, Refused> {
    let model = model_of(request)?;
    let input = &request["input"];
    if !input.is_string() && !input.is_array() {
        let message = "Missing required parameter: 'input'.";
        return Err(refused(400, message, Some("input"), Some("missing_required_parameter")));
    }
    if request["max_output_tokens"].as_i64().is_some_and(|n| n < 16) {
        let message = "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.";
        return Err(refused(
            400,
            message,
            Some("max_output_tokens"),
            Some("integer_below_min_value"),
        ));
    }
    let text = reply::to_text(said(input), model);
    let item = json!({
        "id": format!("msg_{}", random::text(random::HEX, 48)),
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    });
    let (asked, told) = (reply::tokens(&input.to_string()), reply::tokens(&text));
    let response = json!({
        "id": format!("resp_{}", random::text(random::HEX, 48)),
        "object": "response",
        "created_at": unix_now(),
        "model": model,
        "status": "completed",
        "error": null,
        "incomplete_details": null,
        "output": [item],
        "usage": {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": told,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + told,
        },
    });
    if stream {
        return Ok(sse::respond(events(&response, &text)));
    }
    Ok(Json(response).into_response())
}

fn events(response: &Value, text: &str) -> Vec<String> {
    let item = &response["output"][0];
    let part = &item["content"][0];
    let mut empty = response.clone();
    (empty["status"], empty["output"], empty["usage"]) = ("in_progress".into(), json!([]), Value::Null);
    let mut begun = item.clone();
    (begun["status"], begun["content"]) = ("in_progress".into(), json!([]));
    let mut blank = part.clone();
    blank["text"] = "".into();
    let place = |mut data: Value| {
        data["item_id"] = item["id"].clone();
        data["output_index"] = 0.into();
        data["content_index"] = 0.into();
        data
    };
    let mut list = vec![
        ("response.created", json!({"response": empty})),
        ("response.in_progress", json!({"response": empty})),
        ("response.output_item.added", json!({"output_index": 0, "item": begun})),
        ("response.content_part.added", place(json!({"part": blank}))),
    ];
    for piece in sse::pieces(text) {
        list.push(("response.output_text.delta", place(json!({"delta": piece}))));
    }
    list.push(("response.output_text.done", place(json!({"text": text}))));
    list.push(("response.content_part.done", place(json!({"part": part}))));
    list.push(("response.output_item.done", json!({"output_index": 0, "item": item})));
    list.push(("response.completed", json!({"response": response})));
    list.into_iter()
        .enumerate()
        .map(|(n, (kind, mut data))| {
            data["type"] = kind.into();
            data["sequence_number"] = n.into();
            sse::named(kind, &data)
        })
        .collect()
}
