//! `GET /healthz`: the process lives. `GET /readyz`: it can serve, for whoever sends it requests.

use super::{App, Failure};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// That something is well.
#[derive(Debug, Serialize, ToSchema)]
pub struct Well {
    ok: bool,
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// Tells that the process lives
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Well)))]
async fn healthz() -> Json<Well> {
    Json(Well { ok: true })
}

/// Tells whether requests can be served: the store answers
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, body = Well)))]
async fn readyz(State(app): State<App>) -> Result<Json<Well>, Failure> {
    app.store.ping().await?;
    Ok(Json(Well { ok: true }))
}
