//! The one HTTP client: deadlines, retries with jitter, Retry-After, redaction.

use crate::error::{Error, Kind, Result};
use crate::secrets::Secret;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// How many times one call is tried.
const TRIES: u32 = 5;
/// The longest answer that is read; more is an error.
const MAX_BODY: usize = 16 << 20;
/// The longest that a `Retry-After` is obeyed; beyond it the caller is told.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The one HTTP client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    /// First pause between tries; the next ones double.
    base_pause: Duration,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// GET, POST, PUT, DELETE.
    pub method: reqwest::Method,
    /// Where to. A secret in its path (Telegram) never reaches an error text.
    pub url: Url,
    /// Header that carries a credential, with a prefix such as `Bearer `.
    pub auth: Option<(HeaderName, &'static str, Secret)>,
    /// Other headers.
    pub headers: Vec<(HeaderName, String)>,
    /// What is sent.
    pub body: Body,
    /// How long one try may take.
    pub deadline: Duration,
    /// Whether sending it twice does no more than sending it once.
    pub repeatable: bool,
    /// What errors call the other side, such as `Hetzner`.
    pub peer: &'static str,
}

/// What a call sends.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// A form.
    Form(Vec<(String, Secret)>),
}

/// What came back, with any status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Call {
    /// A call; GET, PUT and DELETE count as repeatable.
    pub fn new(peer: &'static str, method: reqwest::Method, url: Url) -> Self {
        let repeatable = method != reqwest::Method::POST;
        Call {
            method,
            url,
            auth: None,
            headers: Vec::new(),
            body: Body::None,
            deadline: Duration::from_secs(30),
            repeatable,
            peer,
        }
    }

    /// Adds `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(mut self, token: &Secret) -> Self {
        self.auth = Some((reqwest::header::AUTHORIZATION, "Bearer ", token.clone()));
        self
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// `upstream` if it is none.
    pub fn json<T: serde::de::DeserializeOwned>(&self, peer: &str) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|e| {
            Error::new(
                Kind::Upstream,
                format!(
                    "{peer} answered something that is not the JSON we expect (line {}, column {})",
                    e.line(),
                    e.column()
                ),
            )
            .hint("try again; if it stays, the service has changed and clawdwako needs an update")
        })
    }

    /// Whether the status is 2xx.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// One header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// How long the other side asks us to wait (`Retry-After` in seconds).
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

impl Http {
    /// Makes the client.
    ///
    /// # Errors
    /// `internal` if TLS cannot be set up.
    pub fn new() -> Result<Self> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("clawdwako/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| crate::error::internal("the HTTP client could not be made").because(e.without_url()))?;
        Ok(Http {
            client,
            base_pause: Duration::from_millis(500),
        })
    }

    /// The same with another first pause between tries, for tests.
    #[must_use]
    pub fn with_pause(mut self, pause: Duration) -> Self {
        self.base_pause = pause;
        self
    }

    /// Sends a call and answers whatever status came. Tries again, at most five times, after
    /// 429, and for repeatable calls also after 502, 503, 504 and lost connections. A call that
    /// is not repeatable is sent again only if it surely never arrived.
    ///
    /// # Errors
    /// `network` or `timeout` if no answer came; `rate_limited` if the pause asked for is too long.
    pub async fn send(&self, call: &Call) -> Result<Answer> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let pause = match self.once(call).await {
                Ok(answer) => {
                    let again = match answer.status {
                        429 => true,
                        502..=504 => call.repeatable,
                        _ => false,
                    };
                    if !again || attempt == TRIES {
                        return Ok(answer);
                    }
                    match answer.retry_after() {
                        Some(asked) if asked > MAX_PAUSE => {
                            return Err(Error::new(
                                Kind::RateLimited,
                                format!("{} asks us to wait {} s", call.peer, asked.as_secs()),
                            )
                            .hint("try again after that time"));
                        }
                        Some(asked) => asked,
                        None => self.backoff(attempt),
                    }
                }
                Err((error, arrived)) => {
                    if attempt == TRIES || (arrived && !call.repeatable) {
                        return Err(error);
                    }
                    self.backoff(attempt)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let whole = self.base_pause * 2u32.pow(attempt - 1);
        // Half fixed, half random, so that many callers do not come back together.
        let mut byte = [0u8; 1];
        let _ = getrandom::fill(&mut byte);
        whole / 2 + whole / 2 * u32::from(byte[0]) / 255
    }

    /// One try; the flag tells whether the call may have arrived.
    async fn once(&self, call: &Call) -> Result<Answer, (Error, bool)> {
        let mut headers = HeaderMap::new();
        for (name, value) in &call.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name.clone(), value);
            }
        }
        if let Some((name, prefix, secret)) = &call.auth {
            let mut value = HeaderValue::from_str(&format!("{prefix}{}", secret.expose())).map_err(|_| {
                let e = Error::new(
                    Kind::Usage,
                    format!(
                        "the credential for {} holds characters that no such credential has",
                        call.peer
                    ),
                );
                (e.hint("copy it again, without line breaks or spaces"), true)
            })?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let mut request = self
            .client
            .request(call.method.clone(), call.url.clone())
            .headers(headers)
            .timeout(call.deadline);
        request = match &call.body {
            Body::None => request,
            Body::Json(value) => request.json(value),
            Body::Form(fields) => {
                let pairs: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.expose())).collect();
                request.form(&pairs)
            }
        };
        let fail = |e: reqwest::Error| {
            let arrived = !e.is_connect() && !e.is_builder();
            (failure(call.peer, e), arrived)
        };
        let mut response = request.send().await.map_err(fail)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fail)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err((
                    Error::new(Kind::Upstream, format!("{} sent an answer of over 16 MiB", call.peer)),
                    true,
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

/// What went wrong on the way, without the address (it can hold a token).
fn failure(peer: &str, e: reqwest::Error) -> Error {
    let e = e.without_url();
    if e.is_timeout() {
        return Error::new(Kind::Timeout, format!("{peer} did not answer in time"))
            .hint("try again; `clawdwako doctor` looks at the network")
            .because(e);
    }
    Error::new(Kind::Network, format!("{peer} could not be reached"))
        .hint("look at your network; `clawdwako doctor` tells more")
        .because(e)
}
