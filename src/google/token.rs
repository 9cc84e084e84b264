//! The client and the calls of the device flow, through the oauth2 crate and our own HTTP client.

use super::Google;
use crate::error::{Error, Kind, Result, internal};
use crate::http::{Body, Call, Endpoints, Http};
use crate::model::{Millis, now};
use crate::secrets::Secret;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, DeviceAuthorizationUrl, DeviceCodeErrorResponse,
    DeviceCodeErrorResponseType, EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse,
    RefreshToken, RequestTokenError, Scope, StandardDeviceAuthorizationResponse, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

/// What is asked for, and no more.
pub(super) const SCOPES: [&str; 3] = ["openid", "email", "profile"];
/// The longest pause between two polls.
const MAX_INTERVAL: Duration = Duration::from_secs(60);

/// The field that Google adds to OAuth's tokens.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IdField {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdField {}

type Answer = StandardTokenResponse<IdField, BasicTokenType>;

/// oauth2's client with our fields, and the addresses of page, device and token.
pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// A sign-in that has begun. A control server keeps it between two polls.
#[derive(Debug, Clone)]
pub struct DeviceLogin {
    /// What the user types.
    pub user_code: String,
    /// Where the user types it.
    pub link: String,
    /// The same with the code in it, if Google gives one.
    pub link_with_code: Option<String>,
    /// When the code expires.
    pub expires_at: Millis,
    /// How long to wait before the next poll; grows when Google says "slow down".
    pub interval: Duration,
    device_code: Secret,
}

/// How a poll ended.
#[derive(Debug)]
pub enum Polled {
    /// The user has not decided yet: poll again after the login's interval.
    Pending,
    /// Signed in.
    Done(Tokens),
}

/// What Google gave.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Who signed in, to be verified.
    pub id_token: Option<Secret>,
    /// Lets nothing but the profile be read.
    pub access_token: Secret,
    /// Gets new tokens without the user.
    pub refresh_token: Option<Secret>,
    /// When the access token expires.
    pub expires_at: Option<Millis>,
}

/// Makes oauth2's client.
pub(super) fn client(endpoints: &Endpoints, id: &str, secret: Option<&Secret>) -> Client {
    let client = oauth2::Client::new(ClientId::new(id.to_owned()))
        // Google takes the client's secret in the body only.
        .set_auth_type(AuthType::RequestBody)
        .set_auth_uri(AuthUrl::from_url(endpoints.google_auth.clone()))
        .set_device_authorization_url(DeviceAuthorizationUrl::from_url(endpoints.google_device.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.google_token.clone()));
    match secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().to_owned())),
        None => client,
    }
}

impl Google {
    /// Begins a sign-in.
    ///
    /// # Errors
    /// `refused` if Google does not know the client; `network`.
    pub async fn start(&self) -> Result<DeviceLogin> {
        let request = self
            .client
            .exchange_device_code()
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())));
        let send = |request| send(&self.http, request);
        let answer: StandardDeviceAuthorizationResponse =
            request.request_async(&send).await.map_err(|e| failure(e, of_client))?;
        Ok(DeviceLogin {
            user_code: answer.user_code().secret().clone(),
            link: answer.verification_uri().to_string(),
            link_with_code: answer.verification_uri_complete().map(|link| link.secret().clone()),
            expires_at: now() + millis(answer.expires_in()),
            interval: answer.interval().min(MAX_INTERVAL),
            device_code: Secret::new(answer.device_code().secret().as_str()),
        })
    }

    /// Asks once whether the user has decided. A lost connection counts as "not yet", with a
    /// longer interval.
    ///
    /// # Errors
    /// `refused` if the user said no; `needs_user` if the code expired.
    pub async fn poll(&self, login: &mut DeviceLogin) -> Result<Polled> {
        if now() >= login.expires_at {
            return Err(expired());
        }
        // The library's type can only be read from JSON; its interval is ours, grown or not.
        let details: StandardDeviceAuthorizationResponse = serde_json::from_value(json!({
            "device_code": login.device_code.expose(), "user_code": login.user_code,
            "verification_uri": login.link, "expires_in": 1800, "interval": login.interval.as_secs(),
        }))?;
        // The library polls in a loop of its own. It runs here up to its first pause.
        let pause = Mutex::new(None);
        let sleep = |wait: Duration| {
            if let Ok(mut pause) = pause.lock() {
                *pause = Some(wait);
            }
            std::future::pending::<()>()
        };
        let send = |request| send(&self.http, request);
        let mut loop_ = std::pin::pin!(
            self.client
                .exchange_device_access_token(&details)
                .request_async(&send, sleep, None)
        );
        let polled = std::future::poll_fn(|context| match loop_.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Ok(answer)),
            Poll::Pending => match pause.lock().ok().and_then(|pause| *pause) {
                Some(wait) => Poll::Ready(Err(wait)),
                None => Poll::Pending,
            },
        })
        .await;
        match polled {
            Ok(answer) => Ok(Polled::Done(tokens(answer.map_err(|e| failure(e, of_device))?))),
            Err(wait) => {
                login.interval = wait.min(MAX_INTERVAL);
                Ok(Polled::Pending)
            }
        }
    }

    /// Gets new tokens with a refresh token. The refresh token among them counts from now on:
    /// where Google gave another one, the one that was used may be over already.
    ///
    /// # Errors
    /// `needs_user` if it was revoked or expired: the user has to sign in again.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens> {
        let token = RefreshToken::new(refresh_token.expose().to_owned());
        let send = |request| send(&self.http, request);
        let answer = self
            .client
            .exchange_refresh_token(&token)
            .request_async(&send)
            .await
            .map_err(|e| failure(e, of_refresh))?;
        let mut tokens = tokens(answer);
        // Google sends it only when it is a new one.
        tokens.refresh_token.get_or_insert_with(|| refresh_token.clone());
        Ok(tokens)
    }

    /// Takes a refresh or access token back. One that is unknown or revoked already is fine.
    ///
    /// # Errors
    /// `network`, `upstream`.
    pub async fn revoke(&self, token: &Secret) -> Result<()> {
        let mut call = Call::new("Google", reqwest::Method::POST, self.revoke.clone());
        call.body = Body::Form(vec![("token".to_owned(), token.clone())]);
        call.repeatable = true;
        let answer = self.http.send(&call).await?;
        match answer.status {
            200 | 400 => Ok(()),
            status => Err(Error::new(
                Kind::Upstream,
                format!("Google did not take the token back (status {status})"),
            )
            .hint("remove clawdwako at myaccount.google.com/connections")),
        }
    }
}

/// oauth2's HTTP client, by ours.
pub(super) async fn send(http: &Http, request: HttpRequest) -> Result<HttpResponse> {
    let address = request.uri().to_string();
    let url = url::Url::parse(&address).map_err(|e| internal("a sign-in address cannot be one").because(e))?;
    let mut call = Call::new("Google", reqwest::Method::POST, url);
    let fields = url::form_urlencoded::parse(request.body());
    call.body = Body::Form(fields.map(|(k, v)| (k.into_owned(), Secret::new(v))).collect());
    call.deadline = Duration::from_secs(20);
    let answer = http.send(&call).await?;
    let mut response = oauth2::http::Response::builder().status(answer.status);
    if let Some(kind) = answer.header("content-type") {
        response = response.header("content-type", kind);
    }
    response
        .body(answer.body)
        .map_err(|e| internal("Google's answer could not be passed on").because(e))
}

pub(super) fn tokens(answer: Answer) -> Tokens {
    Tokens {
        id_token: answer.extra_fields().id_token.as_deref().map(Secret::new),
        access_token: Secret::new(answer.access_token().secret().as_str()),
        refresh_token: answer.refresh_token().map(|t| Secret::new(t.secret().as_str())),
        expires_at: answer.expires_in().map(|life| now() + millis(life)),
    }
}

fn millis(duration: Duration) -> Millis {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}

/// What a failed call means. The library's texts are left out: some quote the body.
pub(super) fn failure<T: oauth2::ErrorResponse + 'static>(
    e: RequestTokenError<Error, T>,
    meaning: impl FnOnce(&T) -> Error,
) -> Error {
    match e {
        RequestTokenError::ServerResponse(answer) => meaning(&answer),
        RequestTokenError::Request(e) => e,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Error::new(
            Kind::Upstream,
            "Google's sign-in answered something that cannot be understood",
        )
        .hint("try again; if it stays, a proxy may be in between, or clawdwako needs an update"),
    }
}

fn of_client(answer: &BasicErrorResponse) -> Error {
    basic(answer.error())
}

fn of_refresh(answer: &BasicErrorResponse) -> Error {
    match answer.error() {
        BasicErrorResponseType::InvalidGrant => {
            Error::new(Kind::NeedsUser, "the sign-in with Google is no longer valid").hint("run: clawdwako login")
        }
        other => basic(other),
    }
}

fn of_device(answer: &DeviceCodeErrorResponse) -> Error {
    use DeviceCodeErrorResponseType as T;
    match answer.error() {
        T::AccessDenied => Error::new(Kind::Auth, "the sign-in was declined in the browser")
            .hint("run `clawdwako login` again and choose \"Allow\""),
        // Google says either for a code that is too old.
        T::ExpiredToken | T::Basic(BasicErrorResponseType::InvalidGrant) => expired(),
        T::Basic(other) => basic(other),
        T::AuthorizationPending | T::SlowDown => internal("a pending sign-in was taken for a failed one"),
    }
}

pub(super) fn basic(error: &BasicErrorResponseType) -> Error {
    match error {
        BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
            Error::new(Kind::Auth, "Google does not know this client, or its secret is wrong").hint(
                "look at GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET: the client's type must be \
                 \"TVs and Limited Input devices\"",
            )
        }
        other => Error::new(
            Kind::Upstream,
            format!("Google's sign-in failed: {}", word(other.as_ref())),
        )
        .hint("try again; if it stays, please report it"),
    }
}

/// An error's code as Google named it, kept to what such codes hold.
fn word(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(60)
        .collect()
}

fn expired() -> Error {
    Error::new(Kind::NeedsUser, "the sign-in code expired before it was used").hint("run `clawdwako login` again")
}
