//! The envelope of every answer: `{"ok":true,"result":…}` or a refusal in Telegram's words.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A result, or a refusal.
pub type Outcome = Result<Answer, Refusal>;

/// What a method gives back.
#[derive(Debug)]
pub struct Answer {
    result: Value,
    description: Option<&'static str>,
}

/// Why a method was refused.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    description: String,
    retry_after: Option<u64>,
}

/// A result.
pub fn ok(result: impl Into<Value>) -> Outcome {
    Ok(Answer {
        result: result.into(),
        description: None,
    })
}

/// `true` with Telegram's remark, such as "Webhook was set".
pub fn done(description: &'static str) -> Outcome {
    Ok(Answer {
        result: Value::Bool(true),
        description: Some(description),
    })
}

/// 400 with `Bad Request: ` in front.
pub fn bad(what: impl std::fmt::Display) -> Refusal {
    refusal(400, format!("Bad Request: {what}"))
}

/// 403 with `Forbidden: ` in front.
pub fn forbidden(what: &str) -> Refusal {
    refusal(403, format!("Forbidden: {what}"))
}

/// 409 with `Conflict: ` in front.
pub fn conflict(what: &str) -> Refusal {
    refusal(409, format!("Conflict: {what}"))
}

/// 404, for malformed tokens and unknown methods alike.
pub fn not_found() -> Refusal {
    refusal(404, "Not Found")
}

/// 429 with the seconds to wait.
pub fn too_many(retry_after: u64) -> Refusal {
    Refusal {
        status: 429,
        description: format!("Too Many Requests: retry after {retry_after}"),
        retry_after: Some(retry_after),
    }
}

/// Any other refusal.
pub fn refusal(status: u16, description: impl Into<String>) -> Refusal {
    Refusal {
        status,
        description: description.into(),
        retry_after: None,
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut body = json!({"ok": true, "result": self.result});
        if let Some(text) = self.description {
            body["description"] = text.into();
        }
        axum::Json(body).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut body = json!({"ok": false, "error_code": self.status, "description": self.description});
        let Some(seconds) = self.retry_after else {
            return (status, axum::Json(body)).into_response();
        };
        body["parameters"] = json!({"retry_after": seconds});
        (status, [(header::RETRY_AFTER, seconds.to_string())], axum::Json(body)).into_response()
    }
}
