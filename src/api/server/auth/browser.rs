//! `GET /api/auth/callback/google`: a browser goes to Google and comes back.

use super::welcome::{Wanted, sign_in};
use crate::api::server::credential::{LOGIN, SESSION, set, unset};
use crate::api::server::extract::Query;
use crate::api::server::peer::Peer;
use crate::api::server::{App, Failure, home};
use crate::error::{Error, Kind, Result, usage};
use crate::model::{Scope, TokenKind, now};
use crate::secrets::{Secret, bearer};
use crate::store::Login;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use std::net::IpAddr;
use url::{Host, Url};
use utoipa::IntoParams;

/// How long a sign-in may take, in seconds.
const PATIENCE_S: i64 = 600;

/// What Google sends a browser back with; it adds things of its own. Nothing begins a sign-in.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Back {
    /// What is exchanged for the proof.
    #[param(value_type = Option<String>)]
    code: Option<Secret>,
    /// What the browser was sent with.
    #[param(value_type = Option<String>)]
    state: Option<Secret>,
    /// Why nobody signed in.
    error: Option<String>,
}

/// Begins a browser's sign-in with Google, or ends it
///
/// Without a query it sends the browser to Google, which sends it back here with a code; then
/// the browser gets the cookie of a session.
#[utoipa::path(get, path = "/api/auth/callback/google", tag = "auth", params(Back), responses(
    (status = 302, description = "Sends the browser to Google.", headers(("location" = String))),
    (status = 303, description = "Signed in: sets the session's cookie.", headers(("location" = String))),
    (status = 403),
))]
pub async fn callback(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    jar: CookieJar,
    Query(back): Query<Back>,
) -> Result<Response, Failure> {
    let redirect = redirect(&app, &headers)?;
    if let Some(error) = back.error {
        return Err(told(&error).into());
    }
    match (back.code, back.state) {
        (None, None) => begin(&app, &redirect).await,
        (Some(code), Some(state)) => {
            let cookie = jar.get(LOGIN).map(|c| Secret::new(c.value()));
            let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
            end(&app, &redirect, &code, &state, cookie, name(agent), peer).await
        }
        _ => Err(usage("the address holds a code or a state, and not both")
            .hint("sign in again")
            .into()),
    }
}

async fn begin(app: &App, redirect: &Url) -> Result<Response, Failure> {
    let login = app.web()?.browser_login(redirect);
    let at = now();
    let kept = Login {
        nonce: login.nonce,
        verifier: login.verifier,
    };
    let mut tx = app.store.begin().await?;
    tx.insert_login(&hashed(&login.state), &kept, at, at + PATIENCE_S * 1000)
        .await?;
    tx.commit().await?;
    let cookies = [set(LOGIN, &login.state, PATIENCE_S)?];
    go(StatusCode::FOUND, login.link.as_str(), cookies)
}

async fn end(
    app: &App,
    redirect: &Url,
    code: &Secret,
    state: &Secret,
    cookie: Option<Secret>,
    name: String,
    peer: Peer,
) -> Result<Response, Failure> {
    // Else somebody could sign a victim's browser in as themselves, with a link.
    if cookie.as_ref() != Some(state) {
        return Err(stale("this sign-in was not begun by this browser").into());
    }
    let mut tx = app.store.begin().await?;
    let login = tx.take_login(&hashed(state), now()).await?;
    tx.commit().await?;
    let login = login.ok_or_else(|| stale("this sign-in took too long, or has ended already"))?;
    let google = app.web()?;
    let tokens = google.exchange(redirect, code, &login.verifier).await?;
    let id_token = tokens
        .id_token
        .ok_or_else(|| Error::new(Kind::Upstream, "Google did not say who signed in").hint("sign in again"))?;
    let proof = google.proof(&id_token, Some(&login.nonce)).await?;
    let wanted = Wanted {
        kind: TokenKind::Session,
        name,
        scope: Scope::Admin,
    };
    let (_, _, given) = sign_in(app, &proof, &id_token, wanted, peer).await?;
    let seconds = TokenKind::Session.longest() / 1000;
    go(
        StatusCode::SEE_OTHER,
        home::PATH,
        [set(SESSION, &given, seconds)?, unset(LOGIN)?],
    )
}

fn go<const N: usize>(status: StatusCode, to: &str, cookies: [HeaderValue; N]) -> Result<Response, Failure> {
    let to = HeaderValue::from_str(to).map_err(|_| crate::error::internal("an address could not be sent"))?;
    let mut response = (status, [(header::LOCATION, to)]).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Where Google sends browsers back to.
fn redirect(app: &App, headers: &HeaderMap) -> Result<Url> {
    own_address(app, headers)?
        .join("/api/auth/callback/google")
        .map_err(|e| usage("the public address cannot be one").because(e))
}

/// This control server's address. It has to be registered at Google, so it is what the operator
/// says; without that only this machine's own addresses are taken from the request.
///
/// # Errors
/// `unsupported` if it is not known.
pub fn own_address(app: &App, headers: &HeaderMap) -> Result<Url> {
    match &app.settings.public_url {
        Some(url) => Ok(url.clone()),
        None => headers
            .get(HeaderName::from_static("host"))
            .and_then(|host| Url::parse(&format!("http://{}/", host.to_str().ok()?)).ok())
            .filter(is_here)
            .ok_or_else(|| {
                Error::new(Kind::Unsupported, "this control server does not know its own address")
                    .hint("its operator sets public_url in the section [server] of the config file")
            }),
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// What is kept of a state: whoever reads the store cannot end a sign-in with it.
fn hashed(state: &Secret) -> String {
    bearer::hash(state.expose())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// What a browser calls itself, kept short.
fn name(agent: Option<&str>) -> String {
    let text: String = agent
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    if text.is_empty() { "browser".to_owned() } else { text }
}

fn stale(why: &str) -> Error {
    Error::new(Kind::Auth, why).hint("begin again at /api/auth/callback/google")
}

/// Why Google sent the browser back without a code.
fn told(error: &str) -> Error {
    match error {
        "access_denied" => stale("the sign-in was declined at Google"),
        _ => stale("Google did not sign anybody in"),
    }
}
