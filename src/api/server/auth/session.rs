//! `GET /api/auth/session` and `POST /api/auth/logout`.

use crate::api::server::credential::{SESSION, unset};
use crate::api::server::{App, Caller, Failure};
use crate::api::types::{SessionView, UserView};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};

/// Tells who is signed in, and with what
#[utoipa::path(get, path = "/api/auth/session", tag = "auth", responses((status = 200, body = SessionView)))]
pub async fn show(caller: Caller) -> Json<SessionView> {
    Json(SessionView {
        user: UserView::from(&caller.user),
        scope: caller.scope,
        token_id: caller.token_id,
    })
}

/// Ends the session or API token that the request is made with
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth",
    responses((status = 204, description = "It is no longer good.")))]
pub async fn logout(
    State(app): State<App>,
    caller: Caller,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Failure> {
    caller.did(&caller.token_id);
    let mut tx = app.store.begin().await?;
    tx.delete_token(&caller.user.id, &caller.token_id).await?;
    tx.commit().await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, unset(SESSION)?)]))
}
