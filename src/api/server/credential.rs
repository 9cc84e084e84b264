//! What a request is signed in with: an API token as bearer, or a session's cookie.

use super::App;
use crate::error::{Error, Kind, Result, internal};
use crate::model::{Token, TokenKind, User, now};
use crate::secrets::Secret;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;

/// The cookie of a session. The prefix has the browser insist on https, this host and the whole
/// of it, so that no other host can set it.
pub const SESSION: &str = "__Host-clawdwako";
/// The cookie of a sign-in that has begun.
pub const LOGIN: &str = "__Host-clawdwako-login";

/// Who the request's credential belongs to.
///
/// # Errors
/// `needs_user` if there is none, or it is no longer good.
pub async fn authenticate(app: &App, request: &Parts) -> Result<(Token, User)> {
    let Some((kind, given)) = given(request) else {
        return Err(Error::new(Kind::NeedsUser, "nobody is signed in").hint(HOW));
    };
    match app.store.find_token(given.expose(), now()).await? {
        // A cookie is guarded otherwise than a bearer: none is taken for the other.
        Some((token, user)) if token.kind == kind => Ok((token, user)),
        _ => Err(invalid()),
    }
}

/// What whoever has no good credential is told.
pub fn invalid() -> Error {
    Error::new(Kind::NeedsUser, "invalid or expired credential").hint(HOW)
}

const HOW: &str = "run `clawdwako login --server URL`, or open /api/auth/callback/google in a browser";

fn given(request: &Parts) -> Option<(TokenKind, Secret)> {
    if let Some(header) = request.headers.get(AUTHORIZATION) {
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        return is_bearer.then(|| (TokenKind::Api, Secret::new(token.trim())));
    }
    let jar = CookieJar::from_headers(&request.headers);
    Some((TokenKind::Session, Secret::new(jar.get(SESSION)?.value())))
}

/// Sets a cookie of ours, for so many seconds.
pub fn set(name: &str, value: &Secret, seconds: i64) -> Result<HeaderValue> {
    let text = format!(
        "{name}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}",
        value.expose()
    );
    let mut header = HeaderValue::from_str(&text).map_err(|_| internal("a cookie could not be made"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// Removes a cookie of ours.
pub fn unset(name: &str) -> Result<HeaderValue> {
    set(name, &Secret::new(""), 0)
}
