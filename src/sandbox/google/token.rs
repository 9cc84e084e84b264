//! `POST /token` and `POST /revoke`: Google's grants, with the statuses that Google gives them.

use super::auth::Challenge;
use super::{Code, Decision, Device, Grant, State as Google};
use crate::error::Result as Checked;
use crate::sandbox::refusal::respond;
use crate::sandbox::sync::{lock, unix_now};
use crate::sandbox::{random, world::World};
use axum::Json;
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The device flow's grant type.
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How long an access token is good, in seconds.
const ACCESS_S: i64 = 3599;
/// A poll may be this much early: clients count from when they got the answer.
const SLACK: Duration = Duration::from_millis(250);

type Fields = HashMap<String, String>;

/// An OAuth error.
pub struct Refused {
    status: u16,
    error: &'static str,
    description: String,
}

/// Makes one.
pub fn refused(status: u16, error: &'static str, description: impl Into<String>) -> Refused {
    Refused {
        status,
        error,
        description: description.into(),
    }
}

impl Refused {
    /// Status and words, for a page.
    pub fn told(&self) -> (u16, String) {
        (
            self.status,
            format!("Error {}: {}. {}", self.status, self.error, self.description),
        )
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        respond(self.status, &body)
    }
}

impl From<crate::error::Error> for Refused {
    fn from(e: crate::error::Error) -> Self {
        refused(500, "internal_failure", e.message())
    }
}

pub async fn token(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Result<Json<Value>, Refused> {
    let client = admit(&world, &headers, &form)?;
    let mut google = lock(&world.google);
    match form.get("grant_type").map(String::as_str) {
        Some(DEVICE) => device(&mut google, &client, &form),
        Some("authorization_code") => code(&mut google, &client, &form),
        Some("refresh_token") => refresh(&mut google, &client, &form),
        Some(other) => Err(refused(
            400,
            "unsupported_grant_type",
            format!("Invalid grant_type: {other}"),
        )),
        None => Err(refused(
            400,
            "invalid_request",
            "Missing required parameter: grant_type",
        )),
    }
}

/// Client id and secret, in the form or as HTTP Basic. Answers the client's id.
fn admit(world: &World, headers: &HeaderMap, form: &Fields) -> Result<String, Refused> {
    let basic = headers
        .get("authorization")
        .and_then(|v| v.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok())
        .and_then(|pair| {
            pair.split_once(':')
                .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
        });
    let (id, secret) = match basic {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (form.get("client_id").cloned(), form.get("client_secret").cloned()),
    };
    let id = id.ok_or_else(|| refused(400, "invalid_request", "Could not determine client ID from request."))?;
    let keys = &world.credentials;
    let known = [
        (&keys.google_client_id, &keys.google_client_secret),
        (&keys.google_web_client_id, &keys.google_web_client_secret),
    ];
    let Some((_, right)) = known.into_iter().find(|(known, _)| **known == id) else {
        return Err(refused(401, "invalid_client", "The OAuth client was not found."));
    };
    match secret {
        None => Err(refused(400, "invalid_request", "client_secret is missing.")),
        Some(secret) if secret != *right => Err(refused(401, "invalid_client", "Unauthorized")),
        Some(_) => Ok(id),
    }
}

fn device(google: &mut Google, client: &str, form: &Fields) -> Result<Json<Value>, Refused> {
    let code = form
        .get("device_code")
        .ok_or_else(|| refused(400, "invalid_request", "Missing required parameter: device_code"))?;
    let interval = Duration::from_secs(google.interval_s).saturating_sub(SLACK);
    let device = google
        .devices
        .get_mut(code)
        .ok_or_else(|| refused(400, "invalid_grant", "Malformed auth code."))?;
    look(device, interval)?;
    // The code is good for one sign-in.
    let Some(Device {
        scope,
        nonce,
        decision: Decision::Approved(email),
        ..
    }) = google.devices.remove(code)
    else {
        return Err(refused(428, "authorization_pending", "Precondition Required"));
    };
    let grant = Grant { email, scope, nonce };
    let refresh_token = format!("1//0{}", random::text(random::URL_SAFE, 60));
    google.grants.insert(refresh_token.clone(), grant.clone());
    let mut answer = issue(google, client, &grant, &refresh_token)?;
    answer["refresh_token"] = refresh_token.into();
    Ok(Json(answer))
}

/// Exchanges a code that a browser brought back: once, by who asked for it.
fn code(google: &mut Google, client: &str, form: &Fields) -> Result<Json<Value>, Refused> {
    let need = |name: &str| {
        form.get(name)
            .ok_or_else(|| refused(400, "invalid_request", format!("Missing required parameter: {name}")))
    };
    let (name, redirect) = (need("code")?, need("redirect_uri")?);
    // Good once, however this ends.
    let code: Code = google
        .codes
        .remove(name)
        .ok_or_else(|| refused(400, "invalid_grant", "Malformed auth code."))?;
    if code.redirect != *redirect {
        return Err(refused(400, "redirect_uri_mismatch", "Bad Request"));
    }
    let fits = match (&code.challenge, form.get("code_verifier")) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err("code_verifier or verifier is not needed."),
        (Some(_), None) => Err("Missing code verifier."),
        (Some(Challenge::Plain(wanted)), Some(given)) if wanted == given => Ok(()),
        (Some(Challenge::Sha256(wanted)), Some(given))
            if *wanted == URL_SAFE_NO_PAD.encode(Sha256::digest(given.as_bytes())) =>
        {
            Ok(())
        }
        _ => Err("Invalid code verifier."),
    };
    fits.map_err(|why| refused(400, "invalid_grant", why))?;
    let refresh_token = format!("1//0{}", random::text(random::URL_SAFE, 60));
    google.grants.insert(refresh_token.clone(), code.grant.clone());
    let mut answer = issue(google, client, &code.grant, &refresh_token)?;
    // Told only to who will use it when nobody is there.
    if code.offline {
        answer["refresh_token"] = refresh_token.into();
    }
    Ok(Json(answer))
}

/// Whether a device may have its tokens now.
fn look(device: &mut Device, interval: Duration) -> Result<(), Refused> {
    let now = Instant::now();
    if device.expires <= now {
        return Err(refused(400, "expired_token", "Expired"));
    }
    let early = device.asked.replace(now).is_some_and(|last| now < last + interval);
    match device.decision {
        Decision::Denied => Err(refused(403, "access_denied", "Forbidden")),
        _ if early => Err(refused(403, "slow_down", "Forbidden")),
        Decision::Pending => Err(refused(428, "authorization_pending", "Precondition Required")),
        Decision::Approved(_) => Ok(()),
    }
}

fn refresh(google: &mut Google, client: &str, form: &Fields) -> Result<Json<Value>, Refused> {
    let token = form
        .get("refresh_token")
        .ok_or_else(|| refused(400, "invalid_request", "Missing required parameter: refresh_token"))?;
    let grant = google
        .grants
        .get(token)
        .cloned()
        .ok_or_else(|| refused(400, "invalid_grant", "Token has been expired or revoked."))?;
    // A nonce belongs to the first id token alone.
    let grant = Grant { nonce: None, ..grant };
    if !google.rotates {
        return Ok(Json(issue(google, client, &grant, token)?));
    }
    let next = format!("1//0{}", random::text(random::URL_SAFE, 60));
    google.grants.remove(token);
    google.access.retain(|_, owner| owner != token);
    google.grants.insert(next.clone(), grant.clone());
    let mut answer = issue(google, client, &grant, &next)?;
    answer["refresh_token"] = next.into();
    Ok(Json(answer))
}

/// An access token, and an id token if `openid` was asked for.
fn issue(google: &mut Google, client: &str, grant: &Grant, refresh_token: &str) -> Checked<Value> {
    let access_token = format!("ya29.{}", random::text(random::URL_SAFE, 120));
    google.access.insert(access_token.clone(), refresh_token.to_owned());
    let mut answer = json!({
        "access_token": access_token,
        "expires_in": ACCESS_S,
        "scope": grant.scope,
        "token_type": "Bearer",
    });
    if asks(grant, "openid") {
        let mut claims = claims(client, grant);
        // Ties both tokens together; with it no two id tokens are the same.
        let half = &Sha256::digest(access_token.as_bytes())[..16];
        claims["at_hash"] = URL_SAFE_NO_PAD.encode(half).into();
        answer["id_token"] = google.key()?.sign(&claims)?.into();
    }
    Ok(answer)
}

fn asks(grant: &Grant, scope: &str) -> bool {
    let long = format!("https://www.googleapis.com/auth/userinfo.{scope}");
    grant.scope.split_whitespace().any(|s| s == scope || s == long)
}

/// What Google says about somebody.
fn claims(client: &str, grant: &Grant) -> Value {
    let now = unix_now();
    let (name, domain) = grant.email.split_once('@').unwrap_or((&grant.email, ""));
    let mut claims = json!({
        "iss": "https://accounts.google.com",
        "azp": client,
        "aud": client,
        "sub": subject(&grant.email),
        "iat": now,
        "exp": now + 3600,
    });
    if asks(grant, "email") {
        claims["email"] = grant.email.clone().into();
        claims["email_verified"] = true.into();
    }
    if asks(grant, "profile") {
        claims["name"] = name.into();
        claims["given_name"] = name.into();
    }
    // Only accounts of an organisation have a hosted domain.
    if domain != "gmail.com" && domain != "googlemail.com" {
        claims["hd"] = domain.into();
    }
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = nonce.clone().into();
    }
    claims
}

/// The account's number: 21 digits, the same for the same address.
fn subject(email: &str) -> String {
    let digest = Sha256::digest(email.to_ascii_lowercase());
    let digits: String = digest.iter().take(20).map(|b| char::from(b'0' + b % 10)).collect();
    format!("1{digits}")
}

/// Takes a grant back, named by its refresh token or one of its access tokens.
pub async fn revoke(
    State(world): State<Arc<World>>,
    Query(query): Query<Fields>,
    Form(form): Form<Fields>,
) -> Result<Json<Value>, Refused> {
    let mut google = lock(&world.google);
    let token = form.get("token").or(query.get("token"));
    let token = token.ok_or_else(|| refused(400, "invalid_request", "Missing required parameter: token"))?;
    let refresh_token = google.access.get(token).unwrap_or(token).clone();
    if google.grants.remove(&refresh_token).is_none() {
        return Err(refused(400, "invalid_token", "Token expired or revoked"));
    }
    google.access.retain(|_, owner| *owner != refresh_token);
    Ok(Json(json!({})))
}
