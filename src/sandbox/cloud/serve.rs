//! A layer that lets a call run to its end although its client has gone.

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Runs the call as a task of its own. Without this a client that is killed in the middle of
/// "create" would stop the stand-in in the middle too, which no cloud does: there the server
/// comes to be, and somebody has to find it.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
