//! The one HTTP client: deadlines, retries with jitter, Retry-After, redaction.

mod endpoints;
mod failure;
mod live;

pub use endpoints::Endpoints;
pub use failure::Miss;
pub use live::{Live, Opened};

use crate::error::{Error, Kind, Result};
use crate::secrets::Secret;
use failure::miss;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How many times one call is tried.
const TRIES: u32 = 5;
/// The same where the caller can do without an answer.
const HURRIED_TRIES: u32 = 2;
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
    tries: u32,
    gate: Option<Gate>,
}

/// Lets a call pass when its time has come; see [`Http::with_gate`].
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn(&Call) -> Pass + Send + Sync>);

/// Ends when a call may pass.
pub type Pass = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

impl Gate {
    /// A gate that asks this before each try of each call.
    pub fn new(ask: impl Fn(&Call) -> Pass + Send + Sync + 'static) -> Self {
        Gate(Arc::new(ask))
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

/// One call. Its `Debug` shows neither address nor body: both can hold secrets.
#[derive(Clone)]
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

/// What a call sends. Can hold secrets, so it has no `Debug`.
#[derive(Clone)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// Bytes, of a type that a header tells.
    Bytes(Vec<u8>),
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

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.method, self.peer)
    }
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

    /// By how many seconds our clock is behind the other side's, as far as its date tells.
    pub fn behind_s(&self) -> Option<i64> {
        let told = jiff::fmt::rfc2822::parse(self.header("date")?).ok()?;
        Some(told.timestamp().as_second() - jiff::Timestamp::now().as_second())
    }

    /// How long the other side asks us to wait (`Retry-After` in seconds).
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }

    /// How long until the rate limit is whole again (`RateLimit-Reset`, as a moment in seconds
    /// since 1970, or, when small, as seconds from now).
    pub fn rate_limit_reset(&self) -> Option<Duration> {
        /// Values below are spans, values above are moments.
        const A_MOMENT: i64 = 1_000_000_000;
        let value: i64 = self.header("ratelimit-reset")?.trim().parse().ok()?;
        let seconds = if value < A_MOMENT {
            value
        } else {
            value - crate::model::now() / 1000
        };
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
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
            tries: TRIES,
            gate: None,
        })
    }

    /// The same with a gate that each try of each call has to pass: a control server keeps the
    /// rates of the clouds with it, together with its replicas.
    #[must_use]
    pub fn with_gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// The same with another first pause between tries, for tests.
    #[must_use]
    pub fn with_pause(mut self, pause: Duration) -> Self {
        self.base_pause = pause;
        self
    }

    /// The same for calls whose caller can do without an answer, and has somebody wait for it: it
    /// is soon given up.
    #[must_use]
    pub fn hurried(mut self) -> Self {
        self.tries = HURRIED_TRIES;
        self
    }

    /// The first pause between tries: also the unit in which clients count their own waiting, so
    /// that a test with a short one waits nowhere.
    pub fn pause(&self) -> Duration {
        self.base_pause
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
            if let Some(Gate(ask)) = &self.gate {
                ask(call).await?;
            }
            let pause = match self.once(call).await {
                Ok(answer) => {
                    let again = match answer.status {
                        429 => true,
                        502..=504 => call.repeatable,
                        _ => false,
                    };
                    if !again || attempt == self.tries {
                        return Ok(answer);
                    }
                    self.asked_pause(call, &answer, attempt)?
                }
                Err(Miss::Final(error)) => return Err(error),
                Err(Miss::Lost(error)) if !call.repeatable => return Err(error),
                Err(Miss::Unsent(error) | Miss::Lost(error)) => {
                    if attempt == self.tries {
                        return Err(error);
                    }
                    self.backoff(attempt)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a call once and answers whatever status came.
    ///
    /// # Errors
    /// Why no answer came, and whether asking again can help.
    pub async fn send_once(&self, call: &Call) -> Result<Answer, Miss> {
        self.once(call).await
    }

    /// The pause after an answer that asks for one, a little longer than asked, so that many
    /// callers do not come back in the same moment.
    fn asked_pause(&self, call: &Call, answer: &Answer, attempt: u32) -> Result<Duration> {
        let own = self.backoff(attempt);
        if let Some(asked) = answer.retry_after() {
            if asked > MAX_PAUSE {
                return Err(Error::new(
                    Kind::RateLimited,
                    format!("{} asks us to wait {} s", call.peer, asked.as_secs()),
                )
                .hint("try again after that time"));
            }
            return Ok(asked + own);
        }
        // A reset far away says when the whole allowance is back; a first call goes through much
        // sooner where it refills by the second, so only a near one is waited for.
        Ok(match answer.rate_limit_reset() {
            Some(reset) if answer.status == 429 && reset <= MAX_PAUSE => reset + own,
            _ => own,
        })
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let whole = self.base_pause * 2u32.pow(attempt - 1);
        // Half fixed, half random, so that many callers do not come back together.
        let mut byte = [0u8; 1];
        let _ = getrandom::fill(&mut byte);
        whole / 2 + whole / 2 * u32::from(byte[0]) / 255
    }

    /// One call as the library sends it, without a deadline.
    fn request(&self, call: &Call) -> Result<reqwest::RequestBuilder> {
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
                e.hint("copy it again, without line breaks or spaces")
            })?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let request = self
            .client
            .request(call.method.clone(), call.url.clone())
            .headers(headers);
        Ok(match &call.body {
            Body::None => request,
            Body::Json(value) => request.json(value),
            Body::Bytes(bytes) => request.body(bytes.clone()),
            Body::Form(fields) => {
                let pairs: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.expose())).collect();
                request.form(&pairs)
            }
        })
    }

    /// One try.
    async fn once(&self, call: &Call) -> Result<Answer, Miss> {
        let request = self.request(call).map_err(Miss::Final)?.timeout(call.deadline);
        let response = request.send().await.map_err(|e| miss(call.peer, e))?;
        whole(call.peer, response).await
    }
}

/// Reads an answer to its end.
async fn whole(peer: &str, mut response: reqwest::Response) -> Result<Answer, Miss> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| miss(peer, e))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Miss::Final(
                Error::new(Kind::Upstream, format!("{peer} sent an answer of over 16 MiB"))
                    .hint("something else may answer in its place: look at your network and its proxy"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}
