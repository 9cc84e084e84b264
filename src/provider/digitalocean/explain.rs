//! What DigitalOcean's refusals mean, and what to do about them.
//!
//! Most of them are `unprocessable_entity` and differ by their text alone. This is the one place
//! that looks at it; a text that is not known falls back to the status.

use crate::error::{Error, Kind};
use crate::http::Answer;
use crate::provider::rest::{come_back, tidy};
use reqwest::Method;
use serde_json::Value;

/// What to do about a full account.
pub(super) const LIMIT_HINT: &str = "delete a droplet that is no longer needed (`clawdwako servers` lists ours), or ask for a higher limit (cloud.digitalocean.com, Settings, Team, Resource limits)";
const SCOPES: &str = "account:read, actions:read, regions:read, sizes:read, image:read, and create, read and delete of droplet, firewall, ssh_key and tag";

/// Turns a refusal into an error of the right kind, with DigitalOcean's request id.
pub(super) fn explain(method: &Method, path: &str, answer: &Answer) -> Error {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = tidy(body["id"].as_str().unwrap_or_default());
    // Tags have a shape of their own: `error` instead of `message`.
    let said = body["message"].as_str().or_else(|| body["error"].as_str());
    let said = tidy(said.unwrap_or_default());
    let (kind, hint) = meaning(method, path, answer, &said.to_ascii_lowercase());
    let mut text = format!("DigitalOcean refused a call about {}: ", thing(path).replace('_', " "));
    match (said.is_empty(), code.is_empty()) {
        (true, true) => text.push_str(&format!("status {} without a reason", answer.status)),
        (true, false) => text.push_str(&code),
        (false, true) => text.push_str(&said),
        (false, false) => text.push_str(&format!("{said} [{code}]")),
    }
    let request = body["request_id"].as_str().or_else(|| answer.header("x-request-id"));
    if let Some(request) = request {
        text.push_str(&format!(" (request id {})", tidy(request)));
    }
    Error::new(kind, text).hint(hint)
}

/// What a path is about, as token scopes name it.
fn thing(path: &str) -> &str {
    match path.split('/').next().unwrap_or_default() {
        "droplets" => "droplet",
        "firewalls" => "firewall",
        "tags" => "tag",
        "account" if path.starts_with("account/keys") => "ssh_key",
        other => other,
    }
}

fn meaning(method: &Method, path: &str, answer: &Answer, said: &str) -> (Kind, String) {
    let say = |kind, hint: &str| (kind, hint.to_owned());
    match answer.status {
        401 => say(
            Kind::Auth,
            "the API token is wrong, expired or was deleted: make a new one (cloud.digitalocean.com, API), then run `clawdwako secrets set digitalocean`",
        ),
        403 => (Kind::Auth, missing_scope(method, path, said)),
        404 => say(
            Kind::NotFound,
            "`clawdwako servers` shows what is there; was it deleted by hand, or is this another team's token?",
        ),
        405 | 410 => say(
            Kind::Unsupported,
            "this version of clawdwako is too old for DigitalOcean's API: update it",
        ),
        409 if *method == Method::POST => say(
            Kind::Exists,
            "something without our tag has that name: rename or delete it at cloud.digitalocean.com",
        ),
        409 | 423 => say(Kind::Busy, "another action is running on it: run it again in a minute"),
        412 | 422 if method != Method::POST && said.contains("pending event") => {
            say(Kind::Busy, "another action is running on it: run it again in a minute")
        }
        400 | 412 | 422 => unprocessable(said),
        429 => (Kind::RateLimited, come_back(answer)),
        500.. => say(
            Kind::Upstream,
            "run it again; if it stays, look at status.digitalocean.com and give their support the request id",
        ),
        _ => say(Kind::Upstream, "run it again; if it stays, clawdwako needs an update"),
    }
}

/// The many meanings of "unprocessable entity".
fn unprocessable(said: &str) -> (Kind, String) {
    let has = |words: &[&str]| words.iter().any(|w| said.contains(w));
    if has(&["limit"]) && has(&["exceed", "reached"]) {
        return (Kind::Quota, LIMIT_HINT.to_owned());
    }
    if has(&["size", "region", "capacity"])
        && has(&["not available", "unavailable", "sold out", "not enough", "capacity"])
    {
        let hint = "choose another --size or --region (`clawdwako sizes` shows what is there), or try again later";
        return (Kind::Unavailable, hint.to_owned());
    }
    if has(&["already in use", "already exists", "duplicate name"]) {
        let hint = "something without our mark has that name or key: delete it at cloud.digitalocean.com (Settings, Security for keys) if nothing needs it";
        return (Kind::Exists, hint.to_owned());
    }
    (Kind::Usage, "look at --region, --size and --image".to_owned())
}

/// Names the scope that a custom token lacks. A droplet or firewall with a tag needs the right to
/// make tags as well, which is the one that people forget.
fn missing_scope(method: &Method, path: &str, said: &str) -> String {
    let verb = match *method {
        Method::POST => "create",
        Method::PUT => "update",
        Method::DELETE => "delete",
        _ => "read",
    };
    let thing = thing(path);
    let lacking = match said.split_whitespace().find(|w| w.contains(':') && !w.ends_with(':')) {
        Some(named) => named.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned(),
        None if verb == "create" && thing == "droplet" => "droplet:create or tag:create".to_owned(),
        None => format!("{thing}:{verb}"),
    };
    format!(
        "the token lacks a scope, likely {lacking}: give it full access, or {SCOPES} (cloud.digitalocean.com, API), then run `clawdwako secrets set digitalocean`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;
    use serde_json::json;

    fn told(method: Method, path: &str, status: u16, message: &str) -> Error {
        let body = json!({"id": "code", "message": message, "request_id": "r-1"})
            .to_string()
            .into_bytes();
        let headers = HeaderMap::new();
        explain(&method, path, &Answer { status, headers, body })
    }

    #[test]
    fn kinds_by_status_and_text() {
        for (method, status, message, kind) in [
            (Method::GET, 401, "Unable to authenticate you", Kind::Auth),
            (
                Method::POST,
                403,
                "You are not authorized to perform this operation",
                Kind::Auth,
            ),
            (
                Method::GET,
                404,
                "The resource you requested could not be found.",
                Kind::NotFound,
            ),
            (Method::POST, 409, "duplicate name", Kind::Exists),
            (Method::DELETE, 409, "conflict", Kind::Busy),
            (
                Method::POST,
                422,
                "creating this/these droplet(s) will exceed your droplet limit",
                Kind::Quota,
            ),
            (Method::POST, 422, "Region is not available", Kind::Unavailable),
            (
                Method::POST,
                422,
                "Size is not available in this region.",
                Kind::Unavailable,
            ),
            (
                Method::POST,
                422,
                "SSH Key is already in use on your account",
                Kind::Exists,
            ),
            (Method::DELETE, 422, "Droplet already has a pending event.", Kind::Busy),
            (
                Method::POST,
                422,
                "You specified an invalid image for Droplet creation.",
                Kind::Usage,
            ),
            (Method::GET, 429, "API Rate limit exceeded.", Kind::RateLimited),
            (Method::POST, 500, "Server Error", Kind::Upstream),
        ] {
            let e = told(method, "droplets", status, message);
            assert_eq!(e.kind(), kind, "{message}");
            assert!(
                e.next_step().is_some() && e.message().contains("r-1") && e.message().contains("[code]"),
                "{e}"
            );
        }
    }

    #[test]
    fn a_missing_scope_is_named() {
        let hint = |method, path, said| told(method, path, 403, said).next_step().unwrap().to_owned();
        assert!(hint(Method::POST, "tags", "no").contains("likely tag:create:"));
        assert!(hint(Method::POST, "droplets", "no").contains("droplet:create or tag:create:"));
        assert!(hint(Method::GET, "account/keys/1", "no").contains("likely ssh_key:read:"));
        let said = "You are missing the required permission tag:create.";
        assert!(hint(Method::POST, "droplets", said).contains("likely tag:create:"));
    }

    #[test]
    fn tags_complain_in_another_shape() {
        let body = json!({"error": "invalid characters", "messages": null, "root_causes": []})
            .to_string()
            .into_bytes();
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "r-2".parse().unwrap());
        let e = explain(
            &Method::POST,
            "tags",
            &Answer {
                status: 400,
                headers,
                body,
            },
        );
        assert!(
            e.kind() == Kind::Usage && e.message().contains("invalid characters (request id r-2)"),
            "{e}"
        );
    }

    #[test]
    fn a_wrong_method_comes_back_empty() {
        let answer = Answer {
            status: 405,
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        let e = explain(&Method::GET, "droplets", &answer);
        assert_eq!(e.kind(), Kind::Unsupported);
        assert!(e.message().contains("status 405 without a reason"), "{e}");
    }
}
