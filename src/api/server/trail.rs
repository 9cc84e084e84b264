//! The audit of every change: written whatever the handler does, and even if the caller goes
//! away in the middle.

use super::rules::Rule;
use super::{App, Caller, answer, layers, once};
use crate::error::internal;
use crate::store::Deed;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use std::convert::Infallible;

/// What a request changed, for the audit: a handler puts it beside its answer, as in
/// `Ok((Changed::of(&bot.id, &bot.user_id), Json(view)))`. Without it the audit tells the path.
#[derive(Debug, Clone)]
pub struct Changed {
    object: String,
    user_id: String,
}

impl Changed {
    /// A thing's id, and whose it is.
    pub fn of(object: &str, user_id: &str) -> Changed {
        Changed {
            object: object.to_owned(),
            user_id: user_id.to_owned(),
        }
    }
}

impl IntoResponseParts for Changed {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}

/// Runs a request that changes something to its end, in a task of its own, and writes down how
/// it ended.
pub async fn follow(app: App, caller: Caller, rule: &'static Rule, request: Request, next: Next) -> Response {
    let id = layers::request_id();
    let work = layers::within(id, async move {
        let path = request.uri().path().to_owned();
        let response = once::run(&app, &caller, request, next).await;
        if let Err(e) = note(&app, &caller, rule, &path, Outcome::of(&response)).await {
            tracing::error!(action = rule.path, "the audit could not be written: {}", e.message());
        }
        response
    });
    match tokio::spawn(work).await {
        Ok(response) => response,
        Err(_) => answer::Failure::from(internal("a request could not be answered")).into_response(),
    }
}

/// What the audit takes from an answer.
struct Outcome {
    changed: Option<Changed>,
    result: &'static str,
}

impl Outcome {
    fn of(response: &Response) -> Outcome {
        let extensions = response.extensions();
        Outcome {
            changed: extensions.get::<Changed>().cloned(),
            result: extensions.get::<answer::Code>().map_or("ok", |code| code.0),
        }
    }
}

async fn note(app: &App, caller: &Caller, rule: &Rule, path: &str, outcome: Outcome) -> crate::error::Result<()> {
    let changed = outcome.changed.as_ref();
    let object = match changed {
        Some(changed) => Some(changed.object.as_str()),
        None => (path != rule.path).then_some(path),
    };
    let action = format!("{} {}", rule.method, rule.path);
    app.store
        .note(Deed {
            actor: &caller.user.id,
            user_id: changed.map_or(&caller.user.id, |c| &c.user_id),
            action: &action,
            object,
            address: Some(&caller.address),
            result: outcome.result,
        })
        .await
}
