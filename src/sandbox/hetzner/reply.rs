//! Answers and refusals in the API's shapes.

use axum::{
    Json,
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// A handler's answer.
pub type Reply = Result<Response, Fail>;

/// The status that goes with each error code; every refusal's code is in here.
const STATUS: [(&str, u16); 30] = [
    ("json_error", 400),
    ("unauthorized", 401),
    ("forbidden", 403),
    ("maintenance", 403),
    ("resource_limit_exceeded", 403),
    ("not_found", 404),
    ("method_not_allowed", 405),
    ("uniqueness_error", 409),
    ("conflict", 409),
    ("deprecated_api_endpoint", 410),
    ("resource_unavailable", 412),
    ("invalid_input", 422),
    ("service_error", 422),
    ("unsupported_error", 422),
    ("placement_error", 422),
    ("resource_in_use", 422),
    ("must_be_unassigned", 422),
    ("server_not_stopped", 422),
    ("server_already_added", 422),
    ("firewall_already_applied", 422),
    ("firewall_already_removed", 422),
    ("firewall_managed_by_label_selector", 422),
    ("firewall_resource_not_found", 422),
    ("locked", 423),
    ("protected", 423),
    ("rate_limit_exceeded", 429),
    ("server_error", 500),
    ("bad_gateway", 502),
    ("unavailable", 503),
    ("timeout", 504),
];

/// A refusal.
#[derive(Debug, Clone)]
pub struct Fail {
    status: u16,
    code: String,
    message: String,
    details: Value,
}

impl Fail {
    /// A refusal by its code; the status follows from it (500 if the code is none of the API's).
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let status = STATUS.iter().find(|(c, _)| *c == code).map_or(500, |(_, s)| *s);
        Fail {
            status,
            code: code.to_owned(),
            message: message.into(),
            details: Value::Null,
        }
    }

    /// Whether the API has such an error code.
    pub fn knows(code: &str) -> bool {
        STATUS.iter().any(|(c, _)| *c == code)
    }

    /// `invalid_input` with the field and what is wrong with it.
    pub fn invalid(field: &str, problem: impl Into<String>) -> Self {
        let mut fail = Fail::new("invalid_input", format!("invalid input in field '{field}'"));
        fail.details = json!({"fields": [{"name": field, "messages": [problem.into()]}]});
        fail
    }

    /// `not_found` for a thing by its id.
    pub fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        Fail::new("not_found", format!("{what} with ID '{id}' not found"))
    }

    /// `resource_limit_exceeded`, naming the limit.
    pub fn limit(name: &str, message: &str) -> Self {
        let mut fail = Fail::new("resource_limit_exceeded", message);
        fail.details = json!({"limits": [{"name": name}]});
        fail
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = json!({"code": self.code, "message": self.message, "details": self.details});
        (status, Json(json!({"error": error}))).into_response()
    }
}

/// 200 with a body.
pub fn ok(body: Value) -> Reply {
    Ok(Json(body).into_response())
}

/// 201 with a body.
pub fn created(body: Value) -> Reply {
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// 204: neither a body nor a content type.
pub fn no_content() -> Reply {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The request's body as an object; an empty body is an empty object.
pub fn object(body: &Bytes) -> Result<Map<String, Value>, Fail> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Fail::new("json_error", "invalid JSON in the request body")),
    }
}

/// A field that may be absent or null, of the type that `read` takes.
pub fn field<'a, T>(
    map: &'a Map<String, Value>,
    name: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<Option<T>, Fail> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value)
            .map(Some)
            .ok_or_else(|| Fail::invalid(name, "has the wrong type")),
    }
}

/// A path's id; what is no number names nothing.
pub fn id(what: &str, text: &str) -> Result<i64, Fail> {
    text.parse().map_err(|_| Fail::not_found(what, text))
}
