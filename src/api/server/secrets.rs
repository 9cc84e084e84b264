//! `/api/secrets`: a user's own cloud tokens and model keys. They go in and never come out.

use super::extract::{Body, Path};
use super::{App, Caller, Failure};
use crate::api::types::{Moment, SecretValue, SecretView};
use crate::error::{Error, Kind, Result, usage};
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use crate::store::Owner;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What a user may keep.
const KEPT: [SecretName; 5] = [
    SecretName::Hetzner,
    SecretName::DigitalOcean,
    SecretName::Anthropic,
    SecretName::Openai,
    SecretName::Google,
];
/// The longest value, in bytes.
const LONGEST: usize = 4 << 10;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set, unset))
}

fn kept(name: &str) -> Result<SecretName> {
    KEPT.into_iter().find(|k| k.as_str() == name).ok_or_else(|| {
        let names = KEPT.map(SecretName::as_str).join(", ");
        Error::new(Kind::NotFound, "there is no secret of that name").hint(format!("the names are {names}"))
    })
}

fn owner(caller: &Caller) -> Owner {
    Owner::User(caller.user.id.clone())
}

/// Makes sure that a text can be a cloud token or model key.
///
/// # Errors
/// `usage` if it cannot.
pub(super) fn check(title: &str, given: &Secret) -> Result<()> {
    let text = given.expose();
    match !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(usage(format!("this is no {title}")).hint("copy it again, without line breaks or spaces")),
    }
}

/// Lists which secrets are kept; never what they are
#[utoipa::path(get, path = "/api/secrets", tag = "secrets", responses((status = 200, body = Vec<SecretView>)))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<SecretView>>, Failure> {
    let names = app.store.secret_names(&owner(&caller)).await?;
    let view = |(name, at)| SecretView {
        name,
        updated_at: Moment(at),
    };
    Ok(Json(names.into_iter().map(view).collect()))
}

/// Keeps a secret, sealed
#[utoipa::path(put, path = "/api/secrets/{name}", tag = "secrets", request_body = SecretValue,
    params(("name" = String, Path, description = "hetzner, digitalocean, anthropic, openai or google")),
    responses((status = 204)))]
async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Body(given): Body<SecretValue>,
) -> Result<StatusCode, Failure> {
    let name = kept(&name)?;
    caller.did(name.as_str());
    check(name.title(), &given.value)?;
    let mut tx = app.store.begin().await?;
    tx.put_secret(&owner(&caller), name.as_str(), &given.value).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a secret
#[utoipa::path(delete, path = "/api/secrets/{name}", tag = "secrets",
    params(("name" = String, Path, description = "hetzner, digitalocean, anthropic, openai or google")),
    responses((status = 204)))]
async fn unset(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> Result<StatusCode, Failure> {
    let name = kept(&name)?;
    caller.did(name.as_str());
    let mut tx = app.store.begin().await?;
    tx.delete_secret(&owner(&caller), name.as_str()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
