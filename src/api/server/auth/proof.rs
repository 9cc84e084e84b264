//! `POST /api/auth/callback/google`: a command line brings Google's proof, and gets an API token.

use super::tokens::check_name;
use super::welcome::{Wanted, sign_in};
use crate::api::server::extract::Body;
use crate::api::server::peer::Peer;
use crate::api::server::{App, Failure};
use crate::api::types::{ProofRequest, TokenMade, TokenView, UserView};
use crate::model::{Scope, TokenKind};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};

/// Makes an API token for whom Google vouches for
///
/// The proof is the id token of the device flow. It signs in once.
#[utoipa::path(post, path = "/api/auth/callback/google", tag = "auth", request_body = ProofRequest,
    responses((status = 201, body = TokenMade)))]
pub async fn exchange(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Body(asked): Body<ProofRequest>,
) -> Result<(StatusCode, Json<TokenMade>), Failure> {
    check_name(&asked.name)?;
    let proof = app.device()?.proof(&asked.id_token, None).await?;
    let wanted = Wanted {
        kind: TokenKind::Api,
        name: asked.name,
        scope: asked.scope.unwrap_or(Scope::Deploy),
    };
    let (user, token, given) = sign_in(&app, &proof, &asked.id_token, wanted, peer).await?;
    let made = TokenMade {
        token: given.expose().to_owned(),
        kept: TokenView::of(&token, ""),
        user: UserView::from(&user),
    };
    Ok((StatusCode::CREATED, Json(made)))
}
