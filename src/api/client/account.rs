//! Who is signed in.

use super::Client;
use crate::error::Result;
use crate::secrets::Secret;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// An API token that signing in gave.
#[derive(Deserialize)]
pub struct NewToken {
    /// The token itself; told only now.
    pub token: Secret,
}

impl Client {
    /// Signs in with Google's id_token; the token that comes back is named `name` in the user's
    /// list of tokens.
    ///
    /// # Errors
    /// `refused` if the server does not let the user in.
    pub async fn sign_in(&self, id_token: &Secret, name: &str) -> Result<Secret> {
        let body = json!({"id_token": id_token.expose(), "name": name});
        // Google's proof signs in once, so that it must not be sent again by itself.
        let call = self.call(Method::POST, &["auth", "callback", "google"])?.json(body);
        let made: NewToken = self.send(call).await?.json(super::call::PEER)?;
        Ok(made.token)
    }

    /// Who is signed in.
    pub async fn session(&self) -> Result<Value> {
        self.get(&["auth", "session"], &[]).await
    }

    /// Ends the token that this client signs in with.
    pub async fn sign_out(&self) -> Result<()> {
        let mut call = self.call(Method::POST, &["auth", "logout"])?;
        call.repeatable = true;
        self.send(call).await.map(drop)
    }
}
