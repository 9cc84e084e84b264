//! The browser flow: authorization code with PKCE, state and nonce.

use super::token::{SCOPES, basic, failure, send, tokens};
use super::{Google, Tokens};
use crate::error::{Error, Kind, Result};
use crate::secrets::Secret;
use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType};
use oauth2::{AuthorizationCode, CsrfToken, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use std::borrow::Cow;
use std::pin::Pin;
use url::Url;

type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send>>;

/// A sign-in that a browser is sent away for.
#[derive(Debug, Clone)]
pub struct BrowserLogin {
    /// Where the browser goes.
    pub link: Url,
    /// Comes back with the browser: proves that it was sent from here.
    pub state: Secret,
    /// Comes back inside the id token: proves that it was made for this sign-in.
    pub nonce: String,
    /// Proves to Google that the code is exchanged by who asked for it.
    pub verifier: Secret,
}

impl Google {
    /// Begins a sign-in that comes back to `redirect`, which is registered with Google.
    pub fn browser_login(&self, redirect: &Url) -> BrowserLogin {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        // 256 bits each; the library's own default is 128.
        let nonce = CsrfToken::new_random_len(32).secret().clone();
        let (link, state) = self
            .client
            .authorize_url(|| CsrfToken::new_random_len(32))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect.clone())))
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", nonce.clone())
            .add_extra_param("prompt", "select_account")
            .url();
        BrowserLogin {
            link,
            state: Secret::new(state.secret().as_str()),
            nonce,
            verifier: Secret::new(verifier.secret().as_str()),
        }
    }

    /// Exchanges the code that a browser brought back.
    ///
    /// # Errors
    /// `refused` if Google does not take it: used, too old, or meant for another sign-in.
    pub async fn exchange(&self, redirect: &Url, code: &Secret, verifier: &Secret) -> Result<Tokens> {
        // Owned by the call: a borrowed client makes a future that no server can move.
        let http = self.http.clone();
        let send = move |request| -> Sending {
            let http = http.clone();
            Box::pin(async move { send(&http, request).await })
        };
        let asked = self
            .client
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect.clone())))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        let answer: Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(asked.request_async(&send));
        let answer = answer.await.map_err(|e| failure(e, of_code))?;
        Ok(tokens(answer))
    }
}

fn of_code(answer: &BasicErrorResponse) -> Error {
    match answer.error() {
        BasicErrorResponseType::InvalidGrant => {
            Error::new(Kind::Auth, "Google does not take this sign-in's code").hint("sign in again")
        }
        other => basic(other),
    }
}
