//! `GET|POST|DELETE /api/auth/tokens`: a user's own sessions and API tokens.

use crate::api::server::extract::{Body, Path, Query};
use crate::api::server::{App, Caller, Failure};
use crate::api::types::{Page, TokenCreate, TokenMade, TokenView, UserView};
use crate::error::{Error, Kind, Result, usage};
use crate::model::{Token, TokenKind, new_id, now};
use crate::secrets::bearer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// For how many days an API token is good unless it is said.
const USUAL_DAYS: i64 = 90;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Which of them to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Only these; both, if left out.
    kind: Option<TokenKind>,
}

/// Lists the caller's own sessions and API tokens, newest first
#[utoipa::path(get, path = "/api/auth/tokens", tag = "auth", params(Which), responses((status = 200, body = Page<TokenView>)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Page<TokenView>>, Failure> {
    let mut items = Vec::new();
    for &kind in TokenKind::ALL {
        if which.kind.is_none_or(|wanted| wanted == kind) {
            let tokens = app.store.tokens(&caller.user.id, kind, now()).await?;
            items.extend(tokens.iter().map(|t| TokenView::of(t, &caller.token_id)));
        }
    }
    items.sort_by(|a, b| b.id.cmp(&a.id));
    // There are so few of them that they are one page.
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}

/// Makes an API token; it is told now and never again
#[utoipa::path(post, path = "/api/auth/tokens", tag = "auth", request_body = TokenCreate,
    responses((status = 201, body = TokenMade)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<TokenCreate>,
) -> Result<(StatusCode, Json<TokenMade>), Failure> {
    check_name(&asked.name)?;
    if asked.scope > caller.scope {
        return Err(Error::new(
            Kind::Auth,
            format!("a credential for {} makes no token for {}", caller.scope, asked.scope),
        )
        .hint("sign in again, or ask for a narrower scope")
        .into());
    }
    let (kind, at) = (TokenKind::Api, now());
    let days = asked.expires_in_days.unwrap_or(USUAL_DAYS);
    if days < 1 || days > kind.longest() / DAY_MS {
        return Err(usage(format!(
            "expires_in_days is {days}, and goes from 1 to {}",
            kind.longest() / DAY_MS
        ))
        .into());
    }
    let given = bearer::mint("cwk_")?;
    let token = Token {
        id: new_id(),
        user_id: caller.user.id.clone(),
        kind,
        name: asked.name,
        scope: asked.scope,
        created_at: at,
        used_at: at,
        expires_at: at + days * DAY_MS,
    };
    caller.did(&token.id);
    let made = TokenMade {
        token: given.expose().to_owned(),
        kept: TokenView::of(&token, &caller.token_id),
        user: UserView::from(&caller.user),
    };
    let mut tx = app.store.begin().await?;
    tx.insert_token(&token, given.expose()).await?;
    let answer = caller.answer(&mut tx, StatusCode::CREATED, made).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Revokes one of the caller's own sessions or API tokens
#[utoipa::path(delete, path = "/api/auth/tokens/{id}", tag = "auth", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "Its id.")),
    responses((status = 204, description = "It is no longer good.")))]
pub async fn revoke(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    caller.did(&id);
    let mut tx = app.store.begin().await?;
    let found = tx.delete_token(&caller.user.id, &id).await?;
    tx.commit().await?;
    match found {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Error::new(Kind::NotFound, "you have no token of that id")
            .hint("GET /api/auth/tokens lists them")
            .into()),
    }
}

/// Checks what a token is to be called.
///
/// # Errors
/// `usage` if it cannot be.
pub fn check_name(name: &str) -> Result<()> {
    let length = name.chars().count();
    match (1..=64).contains(&length) && !name.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(usage(
            "a token's name has 1 to 64 characters, none of which controls a terminal",
        )),
    }
}
