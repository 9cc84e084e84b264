//! Proof that a model key works: one tiny inference.
//!
//! Nothing less proves it: keys without credit, models that an account may not use and regions
//! that are not served all pass the cheaper calls (listing models, counting tokens).

use crate::error::{Error, Kind, Result, internal, usage};
use crate::http::{Answer, Call, Endpoints, Http};
use crate::openclaw::catalog::{ModelProvider, ModelRef};
use crate::secrets::Secret;
use reqwest::Method;
use reqwest::header::HeaderName;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// How often an overloaded model is asked.
const TRIES: u32 = 3;
/// How long a model may take over a few tokens.
const LIMIT: Duration = Duration::from_secs(60);
/// The longest part of a provider's own words that an error shows.
const MAX_WORDS: usize = 200;

/// What an answer other than "yes" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Key,
    Permission,
    Credit,
    Model,
    Region,
    Busy,
    Limit,
    Other,
}

/// Asks the model for a few tokens with this key. Costs a fraction of a cent.
///
/// # Errors
/// `refused` for a bad key, `quota` without credit, `not_found` for a model that the key cannot
/// use, `unsupported` in a region that is not served, `unavailable` while the model is
/// overloaded, `usage` if the name cannot be one.
pub async fn prove(http: &Http, endpoints: &Endpoints, model: &ModelRef, key: &Secret) -> Result<()> {
    let maker = model.provider;
    let call = call(model, endpoints, key)?;
    let mut pause = Duration::from_secs(1);
    for rest in (0..TRIES).rev() {
        let answer = http.send(&call).await?;
        if answer.ok() {
            return understood(maker, &answer);
        }
        let (refusal, words) = read(maker, &answer);
        if refusal != Refusal::Busy || rest == 0 {
            return Err(explain(model, refusal, answer.status, &tame(&words, key)));
        }
        tokio::time::sleep(answer.retry_after().unwrap_or(pause).min(Duration::from_secs(20))).await;
        pause *= 2;
    }
    Err(internal("the tries of a model ran out without an answer"))
}

/// What errors call the other side.
fn peer(provider: ModelProvider) -> &'static str {
    match provider {
        ModelProvider::Anthropic => "Anthropic",
        ModelProvider::OpenAi => "OpenAI",
        ModelProvider::Google => "Google's model API",
    }
}

/// Where keys and credit are looked after.
fn console(provider: ModelProvider) -> &'static str {
    match provider {
        ModelProvider::Anthropic => "console.anthropic.com",
        ModelProvider::OpenAi => "platform.openai.com",
        ModelProvider::Google => "aistudio.google.com",
    }
}

/// The call that asks for a few tokens.
fn call(model: &ModelRef, endpoints: &Endpoints, key: &Secret) -> Result<Call> {
    let (maker, name) = (model.provider, model.name.as_str());
    let (base, path, body) = match maker {
        ModelProvider::Anthropic => (
            &endpoints.anthropic,
            "v1/messages".to_owned(),
            json!({"model": name, "max_tokens": 1, "messages": [{"role": "user", "content": "ping"}]}),
        ),
        // 16 is the fewest that OpenAI accepts.
        ModelProvider::OpenAi => (
            &endpoints.openai,
            "v1/responses".to_owned(),
            json!({"model": name, "max_output_tokens": 16, "input": "ping", "store": false}),
        ),
        // The name stands in the path here: it must not lead elsewhere.
        ModelProvider::Google if name.is_empty() || name.contains(['/', '?', '#', ' ', '%']) => {
            return Err(usage(format!("{name:?} is not a model of Google")).hint("see Google's list of models"));
        }
        ModelProvider::Google => (
            &endpoints.google_ai,
            format!("v1beta/models/{name}:generateContent"),
            json!({
                "contents": [{"role": "user", "parts": [{"text": "ping"}]}],
                "generationConfig": {"maxOutputTokens": 8},
            }),
        ),
    };
    let mut call = Call::new(peer(maker), Method::POST, join(base, &path)?).json(body);
    match maker {
        ModelProvider::Anthropic => {
            call.auth = Some((HeaderName::from_static("x-api-key"), "", key.clone()));
            let version = HeaderName::from_static("anthropic-version");
            call.headers.push((version, "2023-06-01".to_owned()));
        }
        ModelProvider::OpenAi => call = call.bearer(key),
        ModelProvider::Google => call.auth = Some((HeaderName::from_static("x-goog-api-key"), "", key.clone())),
    }
    call.deadline = LIMIT;
    // Asked twice, it is paid twice, and nothing else happens.
    call.repeatable = true;
    Ok(call)
}

/// Puts a path behind a base that may or may not end with a slash.
fn join(base: &Url, path: &str) -> Result<Url> {
    let text = format!("{}/{path}", base.as_str().trim_end_matches('/'));
    Url::parse(&text).map_err(|e| usage(format!("{base} is not an address of a model API")).because(e))
}

/// A 200 must be the maker's own answer, not a proxy's page.
fn understood(maker: ModelProvider, answer: &Answer) -> Result<()> {
    let body: Value = answer.json(peer(maker))?;
    let fits = match maker {
        ModelProvider::Anthropic => body["type"] == "message",
        ModelProvider::OpenAi => body["object"] == "response" && body["status"] != "failed",
        ModelProvider::Google => body["candidates"].as_array().is_some_and(|c| !c.is_empty()),
    };
    if fits {
        return Ok(());
    }
    Err(Error::new(
        Kind::Upstream,
        format!("{} answered, but not as a model does", peer(maker)),
    )
    .hint("is a proxy in between? try again"))
}

/// What a refusal means, and the provider's own words.
fn read(maker: ModelProvider, answer: &Answer) -> (Refusal, String) {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = &body["error"];
    let words = error["message"].as_str().unwrap_or_default().to_owned();
    let refusal = match maker {
        ModelProvider::Anthropic => anthropic(answer.status, error["type"].as_str().unwrap_or_default(), &words),
        ModelProvider::OpenAi => openai(answer.status, error["code"].as_str().unwrap_or_default()),
        ModelProvider::Google => google(answer.status, error, &words),
    };
    (refusal, words)
}

fn anthropic(status: u16, kind: &str, words: &str) -> Refusal {
    match (status, kind) {
        (401, _) => Refusal::Key,
        // Both are told by their text alone: the type is that of any bad or forbidden request.
        (400, _) if words.contains("credit balance is too low") => Refusal::Credit,
        (403, "forbidden") => Refusal::Region,
        (402, _) | (_, "billing_error") => Refusal::Credit,
        (403, _) => Refusal::Permission,
        (404, _) => Refusal::Model,
        (429, _) => Refusal::Limit,
        (529 | 500 | 503, _) => Refusal::Busy,
        _ => Refusal::Other,
    }
}

fn openai(status: u16, code: &str) -> Refusal {
    match (status, code) {
        (_, "insufficient_quota" | "billing_not_active" | "billing_hard_limit_reached") => Refusal::Credit,
        (_, "unsupported_country_region_territory") => Refusal::Region,
        (_, "model_not_found") | (404, _) => Refusal::Model,
        (401, _) => Refusal::Key,
        (403, _) => Refusal::Permission,
        (429, _) => Refusal::Limit,
        (500 | 503, _) => Refusal::Busy,
        _ => Refusal::Other,
    }
}

fn google(status: u16, error: &Value, words: &str) -> Refusal {
    let reasons = error["details"].as_array().into_iter().flatten();
    let has = |reason: &str| reasons.clone().any(|detail| detail["reason"] == reason);
    match (status, error["status"].as_str().unwrap_or_default()) {
        _ if has("API_KEY_INVALID") || words.starts_with("API key not valid") => Refusal::Key,
        (400, "FAILED_PRECONDITION") if words.contains("location is not supported") => Refusal::Region,
        (400, "FAILED_PRECONDITION") => Refusal::Credit,
        (401, _) => Refusal::Key,
        (403, _) => Refusal::Permission,
        (404, _) => Refusal::Model,
        (429, _) => Refusal::Limit,
        (500 | 503, _) => Refusal::Busy,
        _ => Refusal::Other,
    }
}

fn explain(model: &ModelRef, refusal: Refusal, status: u16, words: &str) -> Error {
    let (peer, console) = (peer(model.provider), console(model.provider));
    match refusal {
        Refusal::Key => Error::new(Kind::Auth, format!("{peer} refused the key"))
            .hint(format!("make a new key at {console} and set it again")),
        Refusal::Permission => Error::new(Kind::Auth, format!("this key may not use {model}{words}"))
            .hint(format!("look at the key's permissions at {console}")),
        Refusal::Credit => Error::new(Kind::Quota, format!("the account at {peer} has no credit"))
            .hint(format!("add credit at {console}, then run the command again")),
        Refusal::Model => Error::new(
            Kind::NotFound,
            format!("{peer} does not offer {model} to this key{words}"),
        )
        .hint("choose another model, or look for its exact name at the provider"),
        Refusal::Region => Error::new(
            Kind::Unsupported,
            format!("{peer} does not serve the country you are in"),
        )
        .hint("choose a model of another provider; the server's own country counts too"),
        Refusal::Busy => Error::new(Kind::Unavailable, format!("{model} is overloaded right now"))
            .hint("try again in a few minutes, or choose another model"),
        Refusal::Limit => Error::new(
            Kind::RateLimited,
            format!("the key's limit at {peer} is reached{words}"),
        )
        .hint(format!("wait, or look at the account's limits and credit at {console}")),
        Refusal::Other => Error::new(
            Kind::Upstream,
            format!("{peer} refused the call with status {status}{words}"),
        )
        .hint("if it stays, choose another model and report this one"),
    }
}

/// A provider's words, made fit for an error: short, one line, without the key.
fn tame(words: &str, key: &Secret) -> String {
    let clean: String = words
        .replace(key.expose(), "***")
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_WORDS)
        .collect();
    if clean.is_empty() { clean } else { format!(" ({clean})") }
}
