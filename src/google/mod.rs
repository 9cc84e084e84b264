//! Sign-in with Google: device flow (RFC 8628), browser flow (authorization code with PKCE) and
//! id_token verification.
//!
//! [`flow`] is what `clawdwako login` does; [`Google`] has the single calls, which a control
//! server makes one by one.

mod browser;
pub mod flow;
mod identity;
mod keys;
mod token;

pub use browser::BrowserLogin;
pub use identity::{Identity, Proof};
pub use token::{DeviceLogin, Polled, Tokens};

use crate::error::Result;
use crate::http::{Endpoints, Http};
use crate::secrets::Secret;
use url::Url;

/// Google's sign-in, for one registered client.
pub struct Google {
    http: Http,
    client: token::Client,
    client_id: String,
    revoke: Url,
    keys: keys::Keys,
}

impl Google {
    /// Sign-in for one client: of the type "TVs and Limited Input devices" for the device flow,
    /// "Web application" for the browser flow.
    ///
    /// # Errors
    /// `usage` if an address cannot be one.
    pub fn new(http: Http, endpoints: &Endpoints, client_id: &str, client_secret: Option<&Secret>) -> Result<Google> {
        let revoke = endpoints
            .google_token
            .join("revoke")
            .map_err(|e| crate::error::usage("Google's token address cannot be one").because(e))?;
        Ok(Google {
            client: token::client(endpoints, client_id, client_secret),
            client_id: client_id.to_owned(),
            revoke,
            keys: keys::Keys::new(http.clone(), endpoints.google_jwks.clone()),
            http,
        })
    }

    /// The same with another time in which a key that was not found is not looked for again
    /// (30 s), for tests.
    #[must_use]
    pub fn with_key_pause(mut self, pause: std::time::Duration) -> Self {
        self.keys.again = pause;
        self
    }

    /// Who an id token speaks of, after everything about it was checked: signature (RS256 by
    /// Google's published keys), issuer, audience, expiry, and that the address is verified.
    ///
    /// # Errors
    /// `refused` if any of it is not as it must be; `network` if the keys cannot be had.
    pub async fn verify(&self, id_token: &Secret, nonce: Option<&str>) -> Result<Identity> {
        Ok(self.proof(id_token, nonce).await?.identity)
    }

    /// The same, with what a server needs to take each proof once only.
    ///
    /// # Errors
    /// As [`Google::verify`].
    pub async fn proof(&self, id_token: &Secret, nonce: Option<&str>) -> Result<Proof> {
        identity::verify(&self.keys, &self.client_id, id_token, nonce).await
    }
}
