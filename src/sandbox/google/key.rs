//! The key that id tokens are signed with, and its public half for everybody.

use super::super::sync::lock;
use super::super::{random, refusal};
use crate::error::{Result, internal};
use crate::sandbox::world::World;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::Arc;

/// An RSA key of 2048 bits with its id.
pub struct Key {
    id: String,
    pair: RsaKeyPair,
}

impl Key {
    /// Makes a key.
    ///
    /// # Errors
    /// `internal` if the cryptographic library fails.
    pub fn generate() -> Result<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| internal("an RSA key could not be made"))?;
        Ok(Key {
            id: random::text(random::HEX, 40),
            pair,
        })
    }

    /// A signed token (RS256) with these claims.
    ///
    /// # Errors
    /// `internal` if the cryptographic library fails.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        let header = json!({"alg": "RS256", "kid": self.id, "typ": "JWT"});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| internal("an id token could not be signed"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn public(&self) -> Value {
        let key = self.pair.public_key();
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(key.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(key.exponent().big_endian_without_leading_zero()),
        })
    }
}

/// `GET /certs`: the key set.
pub async fn certs(State(world): State<Arc<World>>) -> Response {
    match lock(&world.google).key() {
        Ok(key) => {
            let keys = json!({"keys": [key.public()]});
            ([(CACHE_CONTROL, "public, max-age=18000")], Json(keys)).into_response()
        }
        Err(e) => refusal::respond(500, &json!({"error": e.message()})),
    }
}
