//! What surrounds every request: its id, its limits, and the headers of every answer.

use super::{App, Failure};
use crate::error::{Error, Kind, Result};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use std::future::Future;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError, ResponseForProtectionError};

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 64 << 10;
/// Whether a body says of itself that it is longer than any that is read.
pub fn is_too_long(body: &Body) -> bool {
    HttpBody::size_hint(body).lower() > MAX_BODY as u64
}

/// How long a handler may take to begin its answer; live streams go on after that.
const DEADLINE: Duration = Duration::from_secs(60);
/// The header that carries the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What every answer carries: it is data, for nobody's page but ours.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
];

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered.
pub fn request_id() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Runs work of a request in a task of its own as part of that request.
pub async fn within<T>(id: Option<String>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(id.unwrap_or_default(), work).await
}

/// Puts the layers around the routes.
///
/// # Errors
/// `usage` if the public address is none that a browser could name.
pub fn around(routes: Router<App>, app: &App) -> Result<Router<App>> {
    let routes = routes
        .layer(other_sites(app)?)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Failure::from(crate::error::internal("a request could not be answered")).into_response()
        }))
        .layer(from_fn(outermost));
    Ok(routes)
}

/// Routes whose answers are logged and carry headers like all others, and nothing more.
pub fn told(routes: Router) -> Router {
    routes.layer(from_fn(outermost))
}

/// Refuses what a browser sends on behalf of another site's page: by Sec-Fetch-Site and Origin.
/// What is no browser sends neither.
fn other_sites(app: &App) -> Result<CsrfLayer<impl ResponseForProtectionError<axum::body::Body> + use<>>> {
    let layer = CsrfLayer::new();
    let layer = match &app.settings.public_url {
        // A proxy may call us by another name than browsers do.
        Some(url) => layer
            .add_trusted_origin(url.origin().ascii_serialization())
            .map_err(|_| crate::error::usage(format!("public_url is {url}, and no browser could open that")))?,
        None => layer,
    };
    Ok(layer.with_rejection_response(|_: ProtectionError| {
        let e = Error::new(Kind::Auth, "the request comes from another site's page");
        Failure::from(e.hint("open this control server's own page")).into_response()
    }))
}

async fn outermost(request: Request, next: Next) -> Response {
    // Ours, not the caller's: what is in the log must be unique.
    let id = crate::model::new_id();
    let method = request.method().clone();
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |p| p.as_str().to_owned());
    let begun = Instant::now();
    let mut response = CURRENT
        .scope(id.clone(), async {
            match tokio::time::timeout(DEADLINE, next.run(request)).await {
                Ok(response) => response,
                Err(_) => Failure::from(Error::new(Kind::Timeout, "the request took too long")).into_response(),
            }
        })
        .await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    tracing::info!(
        request_id = id,
        method = method.as_str(),
        path,
        status,
        took_ms = took.as_millis() as u64,
        "request"
    );
    metrics::counter!("clawdwako_requests_total", "path" => path.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("clawdwako_request_seconds", "path" => path).record(took.as_secs_f64());
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}
