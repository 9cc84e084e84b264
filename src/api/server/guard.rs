//! Who calls, and whether they may: looked up once for every request, before its handler.

use super::connections::Reader;
use super::peer::Peer;
use super::rules::{self, Rule};
use super::{App, Failure, credential, layers, once, trail};
use crate::error::{Error, Kind, Result};
use crate::model::{Role, Scope, User};
use crate::store::By;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, PoisonError};

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
    /// The connection, for a live stream; none where a test calls without one.
    pub(super) reader: Option<Reader>,
    about: Arc<Mutex<About>>,
    pub(super) keep: once::Keep,
}

/// What a request is about, once its handler knows it, for the audit.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The thing, by id.
    pub object: Option<String>,
    /// Whose it is, if it is not the caller's own.
    pub user_id: Option<String>,
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

    /// Tells the audit which thing the request is about, before it is known whether it ends well.
    pub fn did(&self, object: &str) {
        let mut about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
        about.object = Some(object.to_owned());
    }

    /// Tells the audit whose thing it is.
    pub fn did_to(&self, user_id: &str) {
        let mut about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
        about.user_id = Some(user_id.to_owned());
    }

    /// Whom the audit names for the secrets that the request uses.
    pub fn by(&self) -> By {
        By::User {
            id: self.user.id.clone(),
            address: self.address.clone(),
            request_id: layers::request_id(),
        }
    }

    /// What the request is about, as far as its handler has told.
    pub fn about(&self) -> About {
        self.about.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Holds every request against its rule. What has no rule is refused.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    // The router answers HEAD like GET, without the body.
    let method = match parts.method.as_str() {
        "HEAD" => "GET",
        other => other,
    };
    let Some(rule) = rules::find(method, path) else {
        return no_such_method(path);
    };
    let peer = Peer::of(&parts, &app.settings.trusted_proxies);
    parts.extensions.insert(peer);
    let caller = match admit(&app, rule, &parts, peer).await {
        Ok(caller) => caller,
        Err(failure) => return failure.into_response(),
    };
    let Some(caller) = caller else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let changes = rule.method != "GET";
    if let Err(e) = permit(rule, &caller) {
        if changes {
            trail::note(&app, &caller, rule, parts.uri.path(), e.kind().code()).await;
        }
        return Failure::from(e).into_response();
    }
    parts.extensions.insert(caller.clone());
    let request = Request::from_parts(parts, body);
    match changes {
        true => trail::follow(app, caller, rule, request, next).await,
        false => next.run(request).await,
    }
}

/// The answer to a method that a path has no rule for.
fn no_such_method(path: &str) -> Response {
    let allowed: Vec<&str> = rules::RULES
        .iter()
        .filter(|r| r.path == path)
        // The router answers HEAD wherever it answers GET.
        .flat_map(|r| {
            if r.method == "GET" {
                &["GET", "HEAD"][..]
            } else {
                std::slice::from_ref(&r.method)
            }
        })
        .copied()
        .collect();
    let e = Error::new(Kind::Usage, "the path does not have this method").hint("/api/openapi.json lists what there is");
    let allow = HeaderValue::from_str(&allowed.join(", ")).unwrap_or(HeaderValue::from_static(""));
    let failure = Failure::with_status(e, StatusCode::METHOD_NOT_ALLOWED);
    ([(header::ALLOW, allow)], failure).into_response()
}

/// Counts the request, and looks up who calls; nobody, where everybody may.
async fn admit(app: &App, rule: &Rule, request: &Parts, peer: Peer) -> Result<Option<Caller>, Failure> {
    let rates = app.rates();
    rates
        .take(&app.store, rule.allowance, &format!("address/{}", peer.counted()))
        .await?;
    if !rule.needs_caller() {
        return Ok(None);
    }
    let (token, user) = credential::authenticate(app, request).await?;
    let caller = Caller {
        user,
        scope: token.scope,
        token_id: token.id,
        address: peer.0.to_string(),
        reader: request.extensions.get().cloned(),
        about: Arc::default(),
        keep: once::Keep::default(),
    };
    rates
        .take(&app.store, rule.allowance, &format!("user/{}", caller.user.id))
        .await?;
    Ok(Some(caller))
}

/// Whether the rule lets the caller do it.
fn permit(rule: &Rule, caller: &Caller) -> Result<()> {
    if !rule.admits(caller.user.role) {
        let what = format!("this needs another role than {}", caller.user.role);
        return Err(Error::new(Kind::Auth, what).hint("ask an admin of this control server"));
    }
    if !caller.scope.covers(rule.scope) {
        let what = format!(
            "the API token is good for {} only, and this needs {}",
            caller.scope, rule.scope
        );
        return Err(Error::new(Kind::Auth, what).hint("make another token with that scope"));
    }
    Ok(())
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
