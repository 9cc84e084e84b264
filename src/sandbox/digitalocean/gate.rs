//! What every call passes: token, scope, rate limits; and what no route takes.

use super::{lock, reply::Fail};
use crate::sandbox::{
    cloud::{bucket::Bucket, times::unix_now},
    world::World,
};
use axum::{
    extract::{Request, State},
    http::{Method, header::AUTHORIZATION, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);

/// The rate limits of an account.
pub struct Limits {
    hour: Bucket,
    minute: Bucket,
    /// Of listing the SSH keys, which has a limit of its own.
    keys: Bucket,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            hour: Bucket::new(5000, MINUTE * 60),
            minute: Bucket::new(250, MINUTE),
            keys: Bucket::new(10, MINUTE),
        }
    }
}

impl super::State {
    /// Sets the rate limits: calls an hour, calls a minute.
    pub fn set_rate_limits(&mut self, hour: u32, minute: u32) {
        self.limits.hour = Bucket::new(hour, MINUTE * 60);
        self.limits.minute = Bucket::new(minute, MINUTE);
    }

    /// Sets how often a minute the SSH keys may be listed.
    pub fn set_key_list_limit(&mut self, minute: u32) {
        self.limits.keys = Bucket::new(minute, MINUTE);
    }

    /// Takes a scope such as `tag:create` from the token, as a custom-scoped one may lack it.
    pub fn deny(&mut self, scope: &str) {
        self.denied.insert(scope.to_owned());
    }

    /// Gives a scope back.
    pub fn grant(&mut self, scope: &str) {
        self.denied.remove(scope);
    }
}

/// Refuses what the token's scopes do not hold.
pub fn allow(state: &super::State, scope: &str) -> Result<(), Fail> {
    if state.denied.contains(scope) {
        return Err(Fail::new(
            403,
            "Forbidden",
            format!("You are missing the required permission {scope}"),
        ));
    }
    Ok(())
}

/// The scope that a call needs.
fn scope(method: &Method, path: &str) -> String {
    let verb = match *method {
        Method::POST => "create",
        Method::PUT | Method::PATCH => "update",
        Method::DELETE => "delete",
        _ => "read",
    };
    let parts: Vec<&str> = path.trim_start_matches("/v2/").split('/').collect();
    let resource = match parts.as_slice() {
        ["account", "keys", ..] => "ssh_key",
        ["account", ..] => "account",
        ["droplets", ..] => "droplet",
        ["firewalls", ..] => "firewall",
        ["tags", ..] => "tag",
        ["images", ..] | ["snapshots", ..] => "image",
        ["monitoring", ..] => "monitoring",
        [other, ..] => other.trim_end_matches('s'),
        [] => "",
    };
    format!("{resource}:{verb}")
}

/// Looks at the token, the rate limits, the scope.
pub async fn admit(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|h| h.to_str().ok())
        .and_then(|h| h.strip_prefix("Bearer "))
        .map(str::trim);
    if token != Some(world.credentials.digitalocean.as_str()) {
        return Fail::new(401, "Unauthorized", "Unable to authenticate you").into_response();
    }
    let lists_keys = request.method() == Method::GET && request.uri().path() == "/v2/account/keys";
    let needed = scope(request.method(), request.uri().path());
    let (verdict, headers) = {
        let mut state = lock(&world);
        let verdict = count(&mut state.limits, lists_keys, Instant::now())
            .and_then(|()| allow(&state, &needed).map_err(|fail| (fail, None)));
        let hour = &state.limits.hour;
        let reset = unix_now() + hour.full().as_secs_f64().ceil() as i64;
        (verdict, (hour.limit(), hour.remaining(), reset))
    };
    let mut response = match verdict {
        Ok(()) => next.run(request).await,
        Err((fail, wait)) => {
            let mut response = fail.into_response();
            if let Some(seconds) = wait {
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            response
        }
    };
    let (limit, remaining, reset) = headers;
    let answer = response.headers_mut();
    answer.insert("ratelimit-limit", limit.into());
    answer.insert("ratelimit-remaining", remaining.into());
    answer.insert("ratelimit-reset", reset.into());
    response
}

/// Counts a call. The limits of a minute tell how many seconds to wait, that of an hour does not.
fn count(limits: &mut Limits, lists_keys: bool, now: Instant) -> Result<(), (Fail, Option<u64>)> {
    let refused = || Fail::new(429, "too_many_requests", "API Rate limit exceeded.");
    let wait = |bucket: &Bucket| Some(bucket.next().as_secs_f64().ceil().max(1.0) as u64);
    if !limits.hour.take(now) {
        return Err((refused(), None));
    }
    if !limits.minute.take(now) {
        return Err((refused(), wait(&limits.minute)));
    }
    if lists_keys && !limits.keys.take(now) {
        return Err((refused(), wait(&limits.keys)));
    }
    Ok(())
}

/// A path that the API does not have. (A wrong method is an empty 405: axum's own answer.)
pub async fn unknown() -> Fail {
    Fail::not_found()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_follow_the_path_and_method() {
        for (method, path, wanted) in [
            (Method::GET, "/v2/account", "account:read"),
            (Method::GET, "/v2/account/keys/1", "ssh_key:read"),
            (Method::POST, "/v2/droplets", "droplet:create"),
            (Method::DELETE, "/v2/firewalls/x", "firewall:delete"),
            (Method::POST, "/v2/tags", "tag:create"),
            (Method::GET, "/v2/sizes", "size:read"),
        ] {
            assert_eq!(scope(&method, path), wanted);
        }
    }
}
