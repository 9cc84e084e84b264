//! Errors on the wire.

use crate::error::{Error, Kind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What every answer that is no success holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorView,
}

/// One error: what happened, why, what to do next.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorView {
    /// Stable code.
    #[schema(example = "not_found")]
    pub code: String,
    /// What happened and why.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The request's id, as in the header `x-request-id` and in the server's log.
    pub request_id: Option<String>,
}

impl From<&Error> for ErrorView {
    fn from(e: &Error) -> Self {
        ErrorView {
            code: e.kind().code().to_owned(),
            message: e.message(),
            hint: e.next_step().map(str::to_owned),
            request_id: None,
        }
    }
}

impl From<ErrorView> for Error {
    fn from(view: ErrorView) -> Self {
        let kind = Kind::from_code(&view.code).unwrap_or(Kind::Upstream);
        let e = Error::new(kind, view.message);
        match view.hint {
            Some(hint) => e.hint(hint),
            None => e,
        }
    }
}
