//! `GET|POST /auth`: the page that a web application sends a browser to.

use super::page::{escaped, page};
use super::token::Refused;
use super::{Code, Grant, token::refused};
use crate::sandbox::sync::lock;
use crate::sandbox::world::World;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header::LOCATION};
use axum::response::{Html, IntoResponse, Response};
use std::collections::HashMap;
use std::sync::Arc;
use url::{Host, Url};

type Fields = HashMap<String, String>;

/// What a browser was sent for.
struct Asked {
    redirect: Url,
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    challenge: Option<Challenge>,
    offline: bool,
}

/// What the code's exchange will have to fit.
#[derive(Debug, Clone)]
pub enum Challenge {
    /// The verifier itself.
    Plain(String),
    /// Its SHA-256, in base64url.
    Sha256(String),
}

/// Shows the page, or Google's own page with an error: it sends nobody on to an address that is
/// not registered.
pub async fn show(State(world): State<Arc<World>>, Query(query): Query<Fields>) -> Response {
    match asked(&world, &query) {
        Ok(_) => page(
            "<form method=\"post\">\
             <p><label>Sign in as <input name=\"email\" type=\"email\" value=\"you@example.com\" required autofocus></label></p>\
             <p><button name=\"action\" value=\"allow\">Allow</button> \
             <button name=\"action\" value=\"deny\">Deny</button></p></form>",
        )
        .into_response(),
        Err(refused) => refusal(&refused),
    }
}

/// The form's answer; the query is that of the page. Sends the browser back with a code or an error.
pub async fn decide(
    State(world): State<Arc<World>>,
    Query(query): Query<Fields>,
    Form(form): Form<Fields>,
) -> Response {
    let asked = match asked(&world, &query) {
        Ok(asked) => asked,
        Err(refused) => return refusal(&refused),
    };
    let mut back = asked.redirect.clone();
    if let Some(state) = &asked.state {
        back.query_pairs_mut().append_pair("state", state);
    }
    let email = form.get("email").map_or("", String::as_str);
    if form.get("action").is_some_and(|a| a == "deny") {
        back.query_pairs_mut().append_pair("error", "access_denied");
    } else if !super::is_address(email) {
        return (StatusCode::BAD_REQUEST, page("<p>Enter an e-mail address.</p>")).into_response();
    } else {
        let code = lock(&world.google).give_code(Code {
            grant: Grant {
                email: email.to_owned(),
                scope: asked.scope.clone(),
                nonce: asked.nonce,
            },
            redirect: asked.redirect.to_string(),
            challenge: asked.challenge,
            offline: asked.offline,
        });
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("scope", &asked.scope)
            .append_pair("authuser", "0")
            .append_pair("prompt", "consent");
    }
    (StatusCode::FOUND, [(LOCATION, back.to_string())]).into_response()
}

fn asked(world: &World, query: &Fields) -> Result<Asked, Refused> {
    let get = |name: &str| query.get(name).filter(|v| !v.is_empty());
    let need = |name: &str| {
        get(name).ok_or_else(|| refused(400, "invalid_request", format!("Required parameter is missing: {name}")))
    };
    let client = need("client_id")?;
    if *client == world.credentials.google_client_id {
        // A client for devices has no addresses to come back to.
        return Err(refused(
            400,
            "redirect_uri_mismatch",
            "The redirect URI is not registered.",
        ));
    }
    if *client != world.credentials.google_web_client_id {
        return Err(refused(401, "invalid_client", "The OAuth client was not found."));
    }
    let redirect = Url::parse(need("redirect_uri")?).ok().filter(is_registered);
    let redirect =
        redirect.ok_or_else(|| refused(400, "redirect_uri_mismatch", "The redirect URI is not registered."))?;
    if need("response_type")? != "code" {
        return Err(refused(400, "unsupported_response_type", "Only code is served here."));
    }
    let challenge = match (get("code_challenge"), get("code_challenge_method").map(String::as_str)) {
        (None, None) => None,
        (Some(text), Some("S256")) => Some(Challenge::Sha256(text.clone())),
        (Some(text), None | Some("plain")) => Some(Challenge::Plain(text.clone())),
        _ => {
            return Err(refused(
                400,
                "invalid_request",
                "Invalid code_challenge or code_challenge_method.",
            ));
        }
    };
    Ok(Asked {
        redirect,
        scope: need("scope")?.clone(),
        state: get("state").cloned(),
        nonce: get("nonce").cloned(),
        challenge,
        offline: get("access_type").is_some_and(|a| a == "offline"),
    })
}

/// Which addresses count as registered here: encrypted ones, and this machine's.
fn is_registered(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.fragment().is_none() && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

fn refusal(refused: &Refused) -> Response {
    let (status, text) = refused.told();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body: Html<String> = page(&format!("<p>Access blocked</p><p>{}</p>", escaped(&text)));
    (status, body).into_response()
}
