//! Who calls, and whether they may: looked up once for every request, before its handler.

use super::rules::{self, Rule};
use super::{App, Failure};
use crate::error::{Error, Kind, Result};
use crate::model::{Role, Scope, User};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex};

/// Who calls, after the rule of the route was held against them.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// What the credential is good for.
    pub scope: Scope,
    /// The id of the session or API token.
    pub token_id: String,
    /// Where the request came from, for the audit.
    pub address: String,
    /// The thing that the request is about, once the handler knows it, for the audit.
    pub object: Arc<Mutex<Option<String>>>,
}

impl Caller {
    /// Whether the caller may know of a user's things.
    pub fn may_see(&self, user_id: &str) -> bool {
        self.user.id == user_id || self.user.role != Role::Member
    }

    /// Whether the caller may change a user's things.
    pub fn may_change(&self, user_id: &str) -> bool {
        match self.user.role {
            Role::Admin => true,
            Role::Member => self.user.id == user_id,
            Role::Support => false,
        }
    }

    /// The user whose things a list shows: the caller's own; none is everybody's.
    pub fn sees_only(&self) -> Option<&str> {
        (self.user.role == Role::Member).then_some(self.user.id.as_str())
    }
}

/// Holds every request against its rule. What has no rule is refused.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let rule = parts
        .extensions
        .get::<MatchedPath>()
        .and_then(|path| rules::find(parts.method.as_str(), path.as_str()));
    // Without a rule it is a method that the path does not have: the router answers 405 itself.
    if let Some(rule) = rule {
        match admit(&app, rule, &parts).await {
            Ok(Some(caller)) => {
                parts.extensions.insert(caller);
            }
            Ok(None) => {}
            Err(failure) => return failure.into_response(),
        }
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn admit(app: &App, rule: &Rule, request: &Parts) -> Result<Option<Caller>, Failure> {
    if !rule.needs_caller() {
        return Ok(None);
    }
    let caller = authenticate(app, request).await?;
    if !rule.admits(caller.user.role) {
        return Err(
            Error::new(Kind::Auth, format!("this needs another role than {}", caller.user.role))
                .hint("ask an admin of this control server")
                .into(),
        );
    }
    if caller.scope < rule.scope {
        return Err(Error::new(
            Kind::Auth,
            format!(
                "the API token is good for {} only, and this needs {}",
                caller.scope, rule.scope
            ),
        )
        .hint("make another token with that scope")
        .into());
    }
    Ok(Some(caller))
}

/// Who the request's credential belongs to.
async fn authenticate(_app: &App, _request: &Parts) -> Result<Caller> {
    Err(Error::new(Kind::NeedsUser, "nobody is signed in").hint("run `clawdwako login --server URL`"))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Caller>()
            .cloned()
            .ok_or_else(|| crate::error::internal("the route has no rule that needs a caller").into())
    }
}
