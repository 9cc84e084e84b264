//! OpenAI's embeddings: the agent's memory asks for them.

use super::responses::{Refused, admit, refused};
use super::{Asked, known, reply};
use crate::sandbox::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub fn routes() -> axum::Router<Arc<World>> {
    axum::Router::new().route("/v1/embeddings", post(embeddings))
}

async fn embeddings(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let asked = Asked {
        provider: "openai",
        endpoint: "embeddings",
        model: request["model"].as_str().unwrap_or_default().to_owned(),
        stream: false,
        bytes: body.len(),
    };
    let response = admit(&world, &headers)
        .and_then(|()| answer(&request))
        .unwrap_or_else(IntoResponse::into_response);
    asked.note(&world, response.status().as_u16());
    response
}

fn answer(request: &Value) -> Result<Response, Refused> {
    let model = request["model"]
        .as_str()
        .ok_or_else(|| refused(400, "you must provide a model parameter", None, None))?;
    let known = known::OPENAI_EMBEDDINGS.iter().find(|(name, _)| *name == model);
    let (_, length) = known.ok_or_else(|| {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        refused(404, message, None, Some("model_not_found"))
    })?;
    let texts: Vec<&str> = match &request["input"] {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if texts.is_empty() {
        let message = "Missing required parameter: 'input'.";
        return Err(refused(400, message, Some("input"), Some("missing_required_parameter")));
    }
    let packed = request["encoding_format"] == "base64";
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let vector = vector(text, *length);
            let embedding = if packed {
                let bytes: Vec<u8> = vector.iter().flat_map(|f| f.to_le_bytes()).collect();
                STANDARD.encode(bytes).into()
            } else {
                json!(vector)
            };
            json!({"object": "embedding", "index": n, "embedding": embedding})
        })
        .collect();
    let tokens: usize = texts.iter().map(|t| reply::tokens(t)).sum();
    let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    Ok(Json(json!({"object": "list", "data": data, "model": model, "usage": usage})).into_response())
}

/// A vector of length one that depends on the text alone. It knows nothing of meaning.
fn vector(text: &str, length: usize) -> Vec<f32> {
    let seed = Sha256::digest(text);
    let blocks = (0u32..).flat_map(|n| {
        Sha256::new()
            .chain_update(seed)
            .chain_update(n.to_le_bytes())
            .finalize()
    });
    let raw: Vec<f32> = blocks.take(length).map(|b| f32::from(b) - 127.5).collect();
    let norm = raw.iter().map(|f| f * f).sum::<f32>().sqrt();
    raw.into_iter().map(|f| f / norm).collect()
}
