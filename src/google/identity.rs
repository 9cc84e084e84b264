//! Who an id token speaks of, and whether to believe it.

use super::keys::Keys;
use crate::error::{Error, Kind, Result};
use crate::model::Millis;
use crate::secrets::Secret;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::{Deserialize, Serialize};

/// Google signs with either name of itself.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];
/// How far clocks may differ, in seconds.
const LEEWAY: u64 = 30;

/// A person, as Google vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Google's number of the account: the only thing about it that never changes.
    pub sub: String,
    /// Verified address.
    pub email: String,
    /// Display name.
    pub name: Option<String>,
    /// The organisation's domain, for accounts of one.
    pub hd: Option<String>,
}

/// An id token that was checked.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Who it speaks of.
    pub identity: Identity,
    /// From when on it is refused as too old anyhow.
    pub expires_at: Millis,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// Checked by the library, which also takes fractions.
    #[serde(default)]
    exp: serde_json::Value,
    email: Option<String>,
    #[serde(default)]
    email_verified: Verified,
    name: Option<String>,
    hd: Option<String>,
    nonce: Option<String>,
}

/// Google sends a boolean; some of its older endpoints send text.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Verified {
    Flag(bool),
    Text(String),
    #[default]
    Missing,
}

/// Checks everything; see [`super::Google::verify`].
pub(super) async fn verify(keys: &Keys, client_id: &str, token: &Secret, nonce: Option<&str>) -> Result<Proof> {
    // The header is the sender's word. It may only choose among Google's keys.
    let header = decode_header(token.expose()).map_err(|_| refused("it is not a signed token"))?;
    if header.alg != Algorithm::RS256 {
        return Err(refused("it is not signed with RS256"));
    }
    let id = header.kid.ok_or_else(|| refused("it names no signing key"))?;
    let key = keys.get(&id).await?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.leeway = LEEWAY;
    rules.validate_nbf = true;
    rules.set_audience(&[client_id]);
    rules.set_issuer(&ISSUERS);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims = decode::<Claims>(token.expose(), &key, &rules)
        .map_err(|e| refused(reason(e.kind())))?
        .claims;
    if nonce.is_some() && nonce != claims.nonce.as_deref() {
        return Err(refused("it belongs to another sign-in"));
    }
    let verified = match claims.email_verified {
        Verified::Flag(flag) => flag,
        Verified::Text(text) => text == "true",
        Verified::Missing => false,
    };
    match claims.email {
        Some(email) if verified && !email.is_empty() => Ok(Proof {
            identity: Identity {
                sub: claims.sub,
                email,
                name: claims.name,
                hd: claims.hd,
            },
            // A moment so far away that no proof lasts as long, should it be no number.
            expires_at: claims.exp.as_f64().map_or(i64::MAX, |exp| {
                (exp as i64).saturating_add(LEEWAY as i64).saturating_mul(1000)
            }),
        }),
        _ => Err(
            Error::new(Kind::Auth, "this Google account has no verified e-mail address")
                .hint("verify the address at myaccount.google.com, then sign in again"),
        ),
    }
}

/// An id token that is not believed.
pub(super) fn refused(why: &str) -> Error {
    Error::new(Kind::Auth, format!("Google's proof of who you are is not valid: {why}"))
        .hint("sign in again with `clawdwako login`; `clawdwako doctor` looks at this machine's clock")
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidIssuer => "it was issued by somebody else",
        ErrorKind::InvalidAudience => "it was made for another program",
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::MissingRequiredClaim(_) => "it lacks what it must say",
        _ => "it cannot be read",
    }
}
