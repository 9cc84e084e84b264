//! Google's model API (generateContent).

use super::{Asked, known, reply, sse};
use crate::sandbox::random;
use crate::sandbox::refusal::respond;
use crate::sandbox::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Why a request is refused: status, Google's word for it, message.
type Refused = (u16, &'static str, String);

#[derive(Deserialize)]
struct Asking {
    key: Option<String>,
    alt: Option<String>,
}

pub fn routes() -> axum::Router<Arc<World>> {
    axum::Router::new()
        .route("/v1beta/models", get(models))
        .route("/v1beta/models/{target}", get(model).post(generate))
        .fallback(async || refuse((404, "NOT_FOUND", "Not Found".to_owned())))
}

fn refuse((status, word, message): Refused) -> Response {
    let mut error = json!({"code": status, "message": message, "status": word});
    if status == 400 && message.starts_with("API key not valid") {
        error["details"] = json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        }]);
    }
    respond(status, &json!({"error": error}))
}

/// The key, in a header or the query.
fn admit(world: &World, headers: &HeaderMap, asking: &Asking) -> Result<(), Refused> {
    let header = headers.get("x-goog-api-key").and_then(|v| v.to_str().ok());
    match header.or(asking.key.as_deref()) {
        Some(key) if key == world.credentials.google_ai => Ok(()),
        None => Err((
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key \
             or other form of API consumer identity to call this API."
                .to_owned(),
        )),
        Some(_) => Err((
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.".to_owned(),
        )),
    }
}

fn exists(model: &str, action: &str) -> Result<(), Refused> {
    if known::GOOGLE.contains(&model) {
        return Ok(());
    }
    Err((
        404,
        "NOT_FOUND",
        format!(
            "models/{model} is not found for API version v1beta, or is not supported for {action}. \
             Call ListModels to see the list of available models and their supported methods."
        ),
    ))
}

async fn models(State(world): State<Arc<World>>, Query(asking): Query<Asking>, headers: HeaderMap) -> Response {
    if let Err(refused) = admit(&world, &headers, &asking) {
        return refuse(refused);
    }
    let models: Vec<Value> = known::GOOGLE.iter().map(|id| card(id)).collect();
    Json(json!({"models": models})).into_response()
}

async fn model(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Query(asking): Query<Asking>,
    headers: HeaderMap,
) -> Response {
    match admit(&world, &headers, &asking).and_then(|()| exists(&id, "GetModel")) {
        Err(refused) => refuse(refused),
        Ok(()) => Json(card(&id)).into_response(),
    }
}

fn card(id: &str) -> Value {
    json!({
        "name": format!("models/{id}"),
        "version": "001",
        "displayName": id,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    })
}

async fn generate(
    State(world): State<Arc<World>>,
    Path(target): Path<String>,
    Query(asking): Query<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (model, action) = target.split_once(':').unwrap_or((&target, ""));
    let endpoint = match action {
        "generateContent" => "generateContent",
        "streamGenerateContent" => "streamGenerateContent",
        "countTokens" => "countTokens",
        _ => return refuse((404, "NOT_FOUND", "Not Found".to_owned())),
    };
    let asked = Asked {
        provider: "google",
        endpoint,
        model: model.to_owned(),
        stream: endpoint == "streamGenerateContent",
        bytes: body.len(),
    };
    let response = admit(&world, &headers, &asking)
        .and_then(|()| exists(model, endpoint))
        .and_then(|()| answer(&body, model, endpoint, asking.alt.as_deref()))
        .unwrap_or_else(refuse);
    asked.note(&world, response.status().as_u16());
    response
}

fn answer(body: &[u8], model: &str, endpoint: &str, alt: Option<&str>) -> Result<Response, Refused> {
    let bad = |message: &str| (400, "INVALID_ARGUMENT", message.to_owned());
    let request: Value = serde_json::from_slice(body).map_err(|_| bad("Invalid JSON payload received."))?;
    let contents = request["contents"]
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or_else(|| bad("* GenerateContentRequest.contents: contents is not specified\n"))?;
    let asked = reply::tokens(&request["contents"].to_string());
    if endpoint == "countTokens" {
        return Ok(Json(json!({"totalTokens": asked})).into_response());
    }
    // A content without a role is the user's.
    let users = contents.iter().filter(|c| c["role"] == "user" || c["role"].is_null());
    let texts: Vec<&str> = users.flat_map(|c| reply::texts(&c["parts"])).collect();
    let text = reply::to_text(reply::spoken(texts.into_iter()), model);
    let told = reply::tokens(&text);
    let id = random::text(random::URL_SAFE, 22);
    let chunk = |piece: &str, last: bool| {
        let mut candidate = json!({"content": {"role": "model", "parts": [{"text": piece}]}, "index": 0});
        if last {
            candidate["finishReason"] = "STOP".into();
        }
        json!({
            "candidates": [candidate],
            "usageMetadata": {
                "promptTokenCount": asked,
                "candidatesTokenCount": told,
                "totalTokenCount": asked + told,
            },
            "modelVersion": model,
            "responseId": id,
        })
    };
    if endpoint == "generateContent" {
        return Ok(Json(chunk(&text, true)).into_response());
    }
    let pieces: Vec<&str> = sse::pieces(&text).collect();
    let chunks = pieces
        .iter()
        .enumerate()
        .map(|(n, piece)| chunk(piece, n + 1 == pieces.len()));
    if alt == Some("sse") {
        // Google ends its lines with CR LF.
        return Ok(sse::respond(chunks.map(|c| format!("data: {c}\r\n\r\n")).collect()));
    }
    Ok(Json(chunks.collect::<Vec<_>>()).into_response())
}
