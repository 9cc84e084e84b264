//! Answers and refusals in the API's shapes.

use crate::sandbox::cloud::{call::Call, random_hex};
use axum::{
    Json,
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// A handler's answer.
pub type Reply = Result<Response, Fail>;

/// Entries of a page if the client does not say.
const PER_PAGE: i64 = 20;
/// Entries of a page at most; a client that asks for more gets so many.
const MOST_PER_PAGE: i64 = 200;

/// A refusal: `{id, message, request_id}`.
#[derive(Debug, Clone)]
pub struct Fail {
    status: u16,
    id: &'static str,
    message: String,
}

impl Fail {
    /// A refusal with its status and id.
    pub fn new(status: u16, id: &'static str, message: impl Into<String>) -> Self {
        Fail {
            status,
            id,
            message: message.into(),
        }
    }

    /// 422: understood, but not possible.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Fail::new(422, "unprocessable_entity", message)
    }

    /// 404.
    pub fn not_found() -> Self {
        Fail::new(404, "not_found", "The resource you were accessing could not be found.")
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = json!({"id": self.id, "message": self.message});
        // The live 401 carries no request id.
        if self.status != 401 {
            body["request_id"] = json!(uuid());
        }
        (status, Json(body)).into_response()
    }
}

/// A random UUID (version 4).
pub fn uuid() -> String {
    let hex = random_hex(32);
    format!(
        "{}-{}-4{}-a{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}

/// A body with a status.
pub fn with(status: StatusCode, body: Value) -> Reply {
    Ok((status, Json(body)).into_response())
}

/// 200 with a body.
pub fn ok(body: Value) -> Reply {
    with(StatusCode::OK, body)
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
        _ => Err(Fail::new(400, "bad_request", "invalid json body")),
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
            .ok_or_else(|| Fail::unprocessable(format!("{name} has the wrong type"))),
    }
}

/// A list of texts or numbers, as texts.
pub fn texts(map: &Map<String, Value>, name: &str) -> Result<Vec<String>, Fail> {
    let list = field(map, name, Value::as_array)?.map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(Fail::unprocessable(format!("{name} has the wrong type"))),
        })
        .collect()
}

/// A path's id; what is no number names nothing.
pub fn number(text: &str) -> Result<i64, Fail> {
    text.parse().map_err(|_| Fail::not_found())
}

/// Answers a listing under `key`, with `links.pages` and `meta.total`.
pub fn list(call: &Call, key: &str, items: Vec<Value>) -> Reply {
    let number = |name: &str, default: i64| match call.params.number(name) {
        Ok(None) => Ok(default),
        Ok(Some(n)) if n >= 1 => Ok(n),
        _ => Err(Fail::new(
            400,
            "bad_request",
            format!("{name} must be a whole number from 1"),
        )),
    };
    let (page, per_page) = (
        number("page", 1)? as usize,
        number("per_page", PER_PAGE)?.min(MOST_PER_PAGE) as usize,
    );
    let total = items.len();
    let last = total.div_ceil(per_page).max(1);
    let mut pages = Map::new();
    if page > 1 {
        pages.insert("first".to_owned(), json!(call.page(1)));
        pages.insert("prev".to_owned(), json!(call.page(page - 1)));
    }
    if page < last {
        pages.insert("next".to_owned(), json!(call.page(page + 1)));
        pages.insert("last".to_owned(), json!(call.page(last)));
    }
    let items: Vec<Value> = items
        .into_iter()
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page)
        .collect();
    let links = if pages.is_empty() {
        json!({})
    } else {
        json!({"pages": pages})
    };
    ok(json!({key: items, "links": links, "meta": {"total": total}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_the_shape_of_version_4() {
        let text = uuid();
        let parsed = ::uuid::Uuid::parse_str(&text).unwrap();
        assert_eq!(parsed.get_version_num(), 4, "{text}");
        assert_ne!(text, uuid());
    }
}
