//! The audit of every change: written whatever the handler does, and even if the caller goes
//! away in the middle.

use super::rules::Rule;
use super::{App, Caller, answer, layers, once};
use crate::error::internal;
use crate::store::Deed;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Runs a request that changes something to its end, in a task of its own, and writes down how
/// it ended.
pub async fn follow(app: App, caller: Caller, rule: &'static Rule, request: Request, next: Next) -> Response {
    let id = layers::request_id();
    let work = layers::within(id, async move {
        let path = request.uri().path().to_owned();
        let response = once::run(&app, &caller, request, next).await;
        let result = response.extensions().get::<answer::Code>().map_or("ok", |code| code.0);
        note(&app, &caller, rule, &path, result).await;
        response
    });
    match tokio::spawn(work).await {
        Ok(response) => response,
        Err(_) => answer::Failure::from(internal("a request could not be answered")).into_response(),
    }
}

/// How much is kept of what a request names, in characters.
const LONGEST: usize = 200;

/// Writes down what a caller did, or was not let do.
pub async fn note(app: &App, caller: &Caller, rule: &Rule, path: &str, result: &str) {
    let about = caller.about();
    let object = match &about.object {
        Some(object) => Some(object.as_str()),
        None => (path != rule.path).then_some(path),
    };
    // It may be anything that a caller wrote.
    let object: Option<String> = object.map(|o| o.chars().filter(|c| !c.is_control()).take(LONGEST).collect());
    let action = format!("{} {}", rule.method, rule.path);
    let noted = app
        .store
        .note(Deed {
            actor: &caller.user.id,
            user_id: about.user_id.as_ref().unwrap_or(&caller.user.id),
            action: &action,
            object: object.as_deref(),
            address: Some(&caller.address),
            result,
        })
        .await;
    if let Err(e) = noted {
        tracing::error!(action, "the audit could not be written: {}", e.message());
    }
}
