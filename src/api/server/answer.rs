//! How errors are answered: one place for all of them.

use super::layers;
use crate::api::types::{ErrorBody, ErrorView};
use crate::error::{Error, Kind, log_as};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tracing::Level;

/// How long to wait before trying again where nothing better is known, in seconds.
const LATER_S: u64 = 5;

/// The code of an error, beside the answer that tells it.
#[derive(Debug, Clone, Copy)]
pub struct Code(pub &'static str);

/// An error as an answer. Handlers answer `Result<_, Failure>`, so that `?` works on ours.
pub struct Failure {
    error: Error,
    status: StatusCode,
    retry_after_s: Option<u64>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = StatusCode::from_u16(error.kind().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = matches!(error.kind(), Kind::RateLimited | Kind::Busy).then_some(LATER_S);
        Failure {
            error,
            status,
            retry_after_s,
        }
    }
}

impl Failure {
    /// The same with another status than the kind's own: for what HTTP itself has a word for.
    pub fn with_status(error: Error, status: StatusCode) -> Failure {
        Failure { status, ..error.into() }
    }

    /// Too many requests: says how long to wait.
    pub fn too_many(error: Error, seconds: u64) -> Failure {
        Failure {
            retry_after_s: Some(seconds),
            ..error.into()
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let request_id = layers::request_id();
        let kind = self.error.kind();
        // What a caller does wrong is in the line of each request, by its status.
        if kind.level() < Level::INFO {
            log_as!(
                kind,
                request_id,
                code = kind.code(),
                status = self.status.as_u16(),
                "request failed: {}",
                self.error.message()
            );
        }
        let mut view = ErrorView::from(&self.error);
        view.request_id = request_id;
        let mut response = (self.status, Json(ErrorBody { error: view })).into_response();
        response.extensions_mut().insert(Code(self.error.kind().code()));
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The answer to a path that the API does not have.
pub async fn no_such_path(uri: Uri) -> Failure {
    Error::new(Kind::NotFound, format!("there is no {} here", uri.path()))
        .hint("/api/openapi.json lists what there is")
        .into()
}
