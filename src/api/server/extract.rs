//! axum's extractors with our errors: what is wrong with a body, a query or a path is told in
//! the same form as everything else.

use super::{Failure, layers};
use crate::error::{Error, Kind};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

/// Whole numbers up to this are told apart when they are written with a point.
const EXACT: f64 = (1_i64 << 53) as f64;

/// A JSON body. JSON knows one kind of number: `1.0` is a whole one, wherever one is expected.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        // Else it would be read up to there.
        if layers::is_too_long(request.body()) {
            return Err(too_long());
        }
        let axum::Json(mut value) = axum::Json::<Value>::from_request(request, state)
            .await
            .map_err(wrong_body)?;
        whole(&mut value);
        serde_json::from_value(value).map(Body).map_err(|e| {
            // serde's text names the field; it can quote a value only where the type is wrong, and
            // secrets are texts like what is expected of them.
            let e = Error::new(Kind::Usage, inner(&e)).hint("see /api/openapi.json");
            Failure::with_status(e, StatusCode::UNPROCESSABLE_ENTITY)
        })
    }
}

/// What whoever sends too long a body is told.
pub fn too_long() -> Failure {
    let what = format!("the body is too large: at most {} kB are read", layers::MAX_BODY >> 10);
    let error = Error::new(Kind::Usage, what).hint("see /api/openapi.json");
    Failure::with_status(error, StatusCode::PAYLOAD_TOO_LARGE)
}

fn wrong_body(rejection: JsonRejection) -> Failure {
    let status = rejection.status();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return too_long();
    }
    let message = match &rejection {
        JsonRejection::JsonSyntaxError(_) => "the body is no JSON".to_owned(),
        JsonRejection::MissingJsonContentType(_) => "the body is not said to be JSON".to_owned(),
        _ => "the body cannot be read".to_owned(),
    };
    let error = Error::new(Kind::Usage, message).hint("see /api/openapi.json; send content-type: application/json");
    Failure::with_status(error, status)
}

/// Writes whole numbers without a point.
fn whole(value: &mut Value) {
    match value {
        Value::Number(n) => {
            let pointed = n.as_f64().filter(|f| n.is_f64() && f.fract() == 0.0 && f.abs() < EXACT);
            if let Some(f) = pointed {
                *n = Number::from(f as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole),
        Value::Object(fields) => fields.values_mut().for_each(whole),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn inner(e: &dyn std::error::Error) -> String {
    let mut cause = e;
    while let Some(next) = cause.source() {
        cause = next;
    }
    format!("the body does not fit: {cause}")
}

/// The query of an address.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Query(value)),
            Err(e) => Err(Error::new(Kind::Usage, inner(&e).replace("the body", "the query")).into()),
        }
    }
}

/// The variable part of a path.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        // A NUL is in no id, and PostgreSQL does not take one.
        let nul = parts.uri.path().contains("%00");
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) if !nul => Ok(Path(value)),
            _ => Err(Error::new(Kind::NotFound, "there is nothing of that id").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::whole;
    use serde_json::{Value, json};

    #[test]
    fn a_point_makes_no_fraction() {
        let read = |text: &str| {
            let mut value: Value = serde_json::from_str(text).unwrap();
            whole(&mut value);
            value
        };
        assert_eq!(read(r#"{"a": [7.0, -2e3, 7]}"#), json!({"a": [7, -2000, 7]}));
        for other in ["7.5", "1e300", "9007199254740993.0", "\"7.0\"", "true", "null"] {
            assert_eq!(read(other), serde_json::from_str::<Value>(other).unwrap(), "{other}");
        }
    }
}
