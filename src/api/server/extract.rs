//! axum's extractors with our errors: what is wrong with a body, a query or a path is told in
//! the same form as everything else.

use super::Failure;
use crate::error::{Error, Kind};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// A JSON body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Body(value)),
            Err(rejection) => Err(wrong_body(rejection)),
        }
    }
}

fn wrong_body(rejection: JsonRejection) -> Failure {
    let status = rejection.status();
    let message = match &rejection {
        // serde's text names the field; it can quote a value only where the type is wrong, and
        // secrets are texts like what is expected of them.
        JsonRejection::JsonDataError(e) => inner(e),
        JsonRejection::JsonSyntaxError(_) => "the body is no JSON".to_owned(),
        JsonRejection::MissingJsonContentType(_) => "the body is not said to be JSON".to_owned(),
        _ if status == StatusCode::PAYLOAD_TOO_LARGE => "the body is too large".to_owned(),
        _ => "the body cannot be read".to_owned(),
    };
    let error = Error::new(Kind::Usage, message).hint("see /api/openapi.json; send content-type: application/json");
    Failure::with_status(error, status)
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
