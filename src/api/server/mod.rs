//! The control server: a thin HTTP API in front of the store and the job queue.
//!
//! The way of a request: [`layers`] (request id, limits, headers) → [`guard`] (who calls, by
//! which rule of the table in [`rules`], how often: [`rate`]) → for changes [`trail`] (audit) and
//! [`once`] (Idempotency-Key) → a handler, one file a resource → the store. Handlers
//! only write down and enqueue: the work is done by the crew in [`crate::jobs`].

mod account;
mod admin;
mod answer;
mod auth;
mod bots;
mod cloud;
mod credential;
mod credentials;
mod deploy;
mod extract;
mod failures;
mod guard;
mod health;
mod home;
mod layers;
mod logs;
mod once;
mod openapi;
mod paging;
mod peer;
mod rate;
pub mod rules;
mod samples;
mod secrets;
mod state;
mod sync;
mod telegram;
mod trail;
mod whose;

pub use answer::Failure;
pub use guard::Caller;
pub use openapi::document;
pub use peer::Peer;
pub use state::{App, Parts};

use crate::error::{Error, Kind, Result};
use axum::Router;
use std::future::Future;
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;

/// All resources that are part of the document, each with its routes.
fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(health::routes())
        .merge(auth::routes())
        .merge(account::routes())
        .merge(admin::routes())
        .merge(bots::routes())
        .merge(samples::routes())
        .merge(deploy::routes())
        .merge(logs::routes())
        .merge(cloud::routes())
        .merge(telegram::routes())
        .merge(secrets::routes())
        .merge(sync::routes())
}

/// The whole of the API as one service.
///
/// # Errors
/// `usage` if a setting makes no sense.
pub fn router(app: App) -> Result<Router> {
    let (routes, _) = resources().split_for_parts();
    let routes = routes
        .merge(openapi::routes())
        .merge(home::routes())
        .fallback(answer::no_such_path);
    let guarded = routes.route_layer(axum::middleware::from_fn_with_state(app.clone(), guard::guard));
    Ok(layers::around(guarded, &app)?.with_state(app))
}

/// Serves until `shutdown` ends; then open requests are let finish.
///
/// # Errors
/// `io` if the listener fails; `usage` if a setting makes no sense.
pub async fn serve(app: App, listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    let service = router(app)?.into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(shutdown)
        .await
        .map_err(|e| Error::new(Kind::Io, "the API can no longer be served").because(e))
}
