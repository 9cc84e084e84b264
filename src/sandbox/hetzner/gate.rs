//! What every call passes: correlation id, token, rate limit; and what no route takes.

use super::{
    actions, lock,
    reply::{Fail, Reply, id},
};
use crate::sandbox::{
    cloud::{call::Call, random_hex, times::unix_now},
    world::World,
};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, header::AUTHORIZATION},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{sync::Arc, time::Instant};

/// Puts an `X-Correlation-Id` on every answer.
pub async fn correlate(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&random_hex(16)) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-correlation-id"), value);
    }
    response
}

/// Looks at the token, then at the rate limit, which counts for the project.
pub async fn admit(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|h| h.to_str().ok())
        .and_then(|h| h.strip_prefix("Bearer "))
        .map(str::trim);
    match token {
        None | Some("") => return Fail::new("unauthorized", "token is required").into_response(),
        Some(token) if token != world.credentials.hetzner => {
            return Fail::new("unauthorized", "unable to authenticate").into_response();
        }
        Some(_) => {}
    }
    let (admitted, limit, remaining, reset) = {
        let mut state = lock(&world);
        let admitted = state.bucket.take(Instant::now());
        let reset = unix_now() + state.bucket.full().as_secs_f64().ceil() as i64;
        (admitted, state.bucket.limit(), state.bucket.remaining(), reset)
    };
    let mut response = if admitted {
        next.run(request).await
    } else {
        // No Retry-After: none is documented.
        Fail::new("rate_limit_exceeded", "limit of requests per hour reached").into_response()
    };
    let headers = response.headers_mut();
    headers.insert("ratelimit-limit", limit.into());
    headers.insert("ratelimit-remaining", remaining.into());
    headers.insert("ratelimit-reset", reset.into());
    response
}

/// A path that the API does not have.
pub async fn unknown() -> Fail {
    Fail::new("not_found", "Not found")
}

/// A method that the path does not have.
pub async fn wrong_method() -> Fail {
    Fail::new("method_not_allowed", "method not allowed")
}

/// `GET /servers/{id}/actions/{action_id}`.
pub async fn one_action_of_server(Path((server, action)): Path<(String, String)>, call: Call) -> Reply {
    let server = id("server", &server)?;
    actions::one_of(&call, "server", server, &action)
}
