//! `GET /api/auth/session` and `POST /api/auth/logout`.

use crate::api::server::credential::{SESSION, unset};
use crate::api::server::{App, Caller, Failure, home};
use crate::api::types::{SessionView, UserView};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

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
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", responses(
    (status = 204, description = "It is no longer good."),
    (status = 303, description = "The same, for a browser: sends it to the page of this control server.",
        headers(("location" = String))),
))]
pub async fn logout(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Result<Response, Failure> {
    caller.did(&caller.token_id);
    let mut tx = app.store.begin().await?;
    tx.delete_token(&caller.user.id, &caller.token_id).await?;
    tx.commit().await?;
    let cookie = [(header::SET_COOKIE, unset(SESSION)?)];
    let accepted = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    // A browser that sent a form shows what it is sent to.
    Ok(match accepted.is_some_and(|a| a.contains("text/html")) {
        true => (cookie, Redirect::to(home::PATH)).into_response(),
        false => (StatusCode::NO_CONTENT, cookie).into_response(),
    })
}
