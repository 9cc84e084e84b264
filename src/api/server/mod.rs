//! The control server: a thin HTTP API in front of the store and the job queue.
//!
//! The way of a request: [`connections`] → [`layers`] (request id, limits, headers) → [`guard`] (who calls, by
//! which rule of the table in [`rules`], how often: [`rate`]) → for changes [`trail`] (audit) and
//! [`once`] (Idempotency-Key) → a handler, one file a resource → the store. Handlers
//! only write down and enqueue: the work is done by the crew in [`crate::jobs`].

mod account;
mod across;
mod admin;
mod answer;
mod auth;
mod bots;
mod cloud;
pub mod connections;
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
mod streams;
mod sync;
mod telegram;
mod trail;
mod whose;

pub use answer::Failure;
pub use guard::Caller;
pub use openapi::document;
pub use peer::Peer;
pub use state::{App, Parts};

use crate::error::Result;
use axum::Router;
use connections::Limits;
use std::future::Future;
use std::time::Duration;
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

/// Serves until `shutdown` ends; then live streams are ended, and other open requests are let
/// finish within the drain time.
///
/// # Errors
/// `io` if the listener fails; `usage` if a setting makes no sense.
pub async fn serve(app: App, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<()> {
    let (routes, streams) = (router(app.clone())?, app.streams());
    let settings = &app.settings;
    let limits = Limits {
        connections: connections::files::room(settings).connections,
        per_address: settings.max_connections_per_address,
        shared: settings.trusted_proxies.clone(),
        head: Duration::from_secs(settings.head_timeout_s),
        idle: Duration::from_secs(settings.idle_timeout_s),
        drain: Duration::from_secs(settings.drain_s),
    };
    if limits.connections < settings.max_connections {
        tracing::warn!(
            connections = limits.connections as u64,
            wanted = settings.max_connections as u64,
            "the limit of open files allows fewer connections than max_connections: raise LimitNOFILE="
        );
    }
    let shutdown = async {
        shutdown.await;
        streams.close();
    };
    tokio::select! {
        served = connections::serve(listener, routes, limits, shutdown) => served,
        never = streams.watch(&app.store) => match never {},
    }
}
