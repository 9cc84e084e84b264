//! `Idempotency-Key`: a POST that carries one is done once, however often it is sent.
//!
//! A control server may be killed between a change and the note of its answer. So a handler that
//! makes something new keeps its answer in the transaction that makes it ([`Caller::answer`]); all
//! others find, asked again, what they did before.

use super::{App, Caller, Failure, extract, layers};
use crate::error::{Error, Kind, Result, log_as, usage};
use crate::model::now;
use crate::secrets::Secret;
use crate::store::{Begun, Tx};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key.
const LONGEST: usize = 100;
/// How often it is said that a request still runs.
const RENEW: Duration = Duration::from_secs(5);
/// The longest answer that is kept, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// The key of the request that is being answered, if it carries one.
#[derive(Debug, Clone, Default)]
pub struct Keep(Arc<Mutex<Option<String>>>);

impl Keep {
    fn key(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, key: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.to_owned());
    }
}

impl Caller {
    /// The answer to a change, kept as part of its transaction for when the request is sent again:
    /// there is neither without the other.
    ///
    /// # Errors
    /// `busy` if the same request was answered meanwhile: then this one must not be committed.
    pub async fn answer<T: Serialize>(
        &self,
        tx: &mut Tx,
        status: StatusCode,
        body: T,
    ) -> Result<(StatusCode, Json<T>)> {
        if let Some(key) = self.keep.key() {
            let text = Secret::new(serde_json::to_string(&body)?);
            let first = tx
                .finish_idempotent(&self.user.id, &key, status.as_u16(), &text)
                .await?;
            if !first {
                return Err(
                    Error::new(Kind::Busy, "the same request was taken over by another control server")
                        .hint("send it again with its key: it answers what was done"),
                );
            }
        }
        Ok((status, Json(body)))
    }
}

/// Runs a request; one with a key at most once.
pub async fn run(app: &App, caller: &Caller, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let Some(key) = request.headers().get(KEY) else {
        return next.run(request).await;
    };
    let key = key.to_str().unwrap_or_default().to_owned();
    match keyed(app, caller, &key, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn keyed(app: &App, caller: &Caller, key: &str, request: Request, next: Next) -> Result<Response, Failure> {
    if key.is_empty() || key.len() > LONGEST || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(usage(format!(
            "an Idempotency-Key has 1 to {LONGEST} visible ASCII characters"
        ))
        .into());
    }
    let (parts, body) = request.into_parts();
    if layers::is_too_long(&body) {
        return Err(extract::too_long());
    }
    let body = to_bytes(body, layers::MAX_BODY)
        .await
        .map_err(|_| extract::too_long())?;
    let hash = Sha256::new()
        .chain_update(parts.uri.to_string())
        .chain_update([0])
        .chain_update(&body)
        .finalize();
    let user = &caller.user.id;
    if let Begun::Done { status, answer } = app.store.begin_idempotent(user, key, &hash, now()).await? {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (REPLAYED, HeaderValue::from_static("true")),
        ];
        return Ok((status, headers, answer.expose().to_owned()).into_response());
    }
    caller.keep.set(key);
    let response = tokio::select! {
        response = next.run(Request::from_parts(parts, Body::from(body))) => response,
        never = renew(app, user, key) => match never {},
    };
    let (parts, body) = response.into_parts();
    let answer = to_bytes(body, MAX_ANSWER).await.unwrap_or_default();
    let kept = match std::str::from_utf8(&answer) {
        Ok(text) if may_keep(parts.status) => keep(app, user, key, parts.status, text).await,
        _ => app.store.forget_idempotent(user, key).await,
    };
    if let Err(e) = kept {
        // It is done all the same; a second request will be told that the first still runs.
        log_as!(at least warn, e.kind(), "an answer could not be kept: {}", e.message());
    }
    Ok(Response::from_parts(parts, Body::from(answer)))
}

/// Says every few seconds that a request still runs.
async fn renew(app: &App, user: &str, key: &str) -> Infallible {
    loop {
        tokio::time::sleep(RENEW).await;
        // A store that is away for a moment hears it the next time.
        let _ = app.store.renew_idempotent(user, key, now()).await;
    }
}

/// Whether the same request would be answered the same again. What fails for a while only may
/// be sent again with its key.
fn may_keep(status: StatusCode) -> bool {
    use StatusCode as S;
    status.is_success()
        || (status.is_client_error() && ![S::CONFLICT, S::FORBIDDEN, S::TOO_MANY_REQUESTS].contains(&status))
}

async fn keep(app: &App, user: &str, key: &str, status: StatusCode, answer: &str) -> Result<()> {
    let mut tx = app.store.begin().await?;
    // One that the handler kept with its change stays as it is.
    tx.finish_idempotent(user, key, status.as_u16(), &Secret::new(answer))
        .await?;
    tx.commit().await
}
