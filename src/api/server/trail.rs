//! The audit of every change: that it begins, before the handler runs, and how it ended, whatever
//! the handler does and even if the caller goes away in the middle. Of a control server that is
//! killed between the two the first is left.

use super::rules::Rule;
use super::{App, Caller, Failure, answer, layers, once};
use crate::error::{Kind, Result, internal, log_as};
use crate::store::{BEGUN, Deed};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Runs a request that changes something to its end, in a task of its own. What cannot be
/// written down is not begun.
pub async fn follow(app: App, caller: Caller, rule: &'static Rule, request: Request, next: Next) -> Response {
    let id = layers::request_id();
    let path = request.uri().path().to_owned();
    let (of, who, about) = (app.clone(), caller.clone(), path.clone());
    let work = layers::within(id, async move {
        if let Err(e) = write(&app, &caller, rule, &path, BEGUN).await {
            return Failure::from(e).into_response();
        }
        let response = once::run(&app, &caller, request, next).await;
        let result = response.extensions().get::<answer::Code>().map_or("ok", |code| code.0);
        note(&app, &caller, rule, &path, result).await;
        response
    });
    match tokio::spawn(work).await {
        Ok(response) => response,
        // The handler panicked.
        Err(_) => {
            note(&of, &who, rule, &about, Kind::Internal.code()).await;
            Failure::from(internal("a request could not be answered")).into_response()
        }
    }
}

/// How much is kept of what a request names, in characters.
const LONGEST: usize = 200;

/// Writes down what a caller did, or was not let do. It is too late to refuse it.
pub async fn note(app: &App, caller: &Caller, rule: &Rule, path: &str, result: &str) {
    if let Err(e) = write(app, caller, rule, path, result).await {
        log_as!(
            at least warn,
            e.kind(),
            path = rule.path,
            result,
            "the audit could not be written: {}",
            e.message()
        );
    }
}

async fn write(app: &App, caller: &Caller, rule: &Rule, path: &str, result: &str) -> Result<()> {
    let about = caller.about();
    let object = match &about.object {
        Some(object) => Some(object.as_str()),
        None => (path != rule.path).then_some(path),
    };
    // It may be anything that a caller wrote.
    let object: Option<String> = object.map(|o| o.chars().filter(|c| !c.is_control()).take(LONGEST).collect());
    let action = format!("{} {}", rule.method, rule.path);
    app.store
        .note(Deed {
            actor: &caller.user.id,
            user_id: about.user_id.as_ref().unwrap_or(&caller.user.id),
            action: &action,
            object: object.as_deref(),
            address: Some(&caller.address),
            result,
            request_id: layers::request_id().as_deref(),
        })
        .await
}
