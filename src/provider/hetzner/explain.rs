//! What Hetzner's error codes mean, and what to do about them.

use super::wire::Action;
use crate::error::{Error, Kind};
use crate::http::Answer;
use crate::provider::rest::{come_back, tidy};
use reqwest::Method;
use serde_json::Value;

const READ_WRITE: &str = "make a token with the permission Read & Write (Hetzner Console, project, Security, API tokens), then run `clawdwako secrets set hetzner`";

/// Turns a refusal into an error of the right kind, with Hetzner's correlation id.
pub(super) fn explain(_: &Method, path: &str, answer: &Answer) -> Error {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = &body["error"];
    let code = error["code"].as_str().unwrap_or_default();
    let mut said = tidy(error["message"].as_str().unwrap_or_default());
    let details = details(&error["details"]);
    if !details.is_empty() {
        said = format!("{said} ({details})");
    }
    let (kind, hint) = meaning(answer, code, &error["details"]);
    let thing = path.split('/').next().unwrap_or_default().replace('_', " ");
    let mut text = format!("Hetzner refused a call about {thing}: ");
    match (said.is_empty(), code.is_empty()) {
        (_, true) => text.push_str(&format!("status {} {said}", answer.status)),
        (true, false) => text.push_str(code),
        (false, false) => text.push_str(&format!("{said} [{code}]")),
    }
    if let Some(id) = answer.header("x-correlation-id") {
        text.push_str(&format!(" (correlation id {})", tidy(id)));
    }
    Error::new(kind, text).hint(hint)
}

fn meaning(answer: &Answer, code: &str, details: &Value) -> (Kind, String) {
    let say = |kind, hint: &str| (kind, hint.to_owned());
    match (code, answer.status) {
        ("unauthorized", _) | (_, 401) => say(
            Kind::Auth,
            "the API token is wrong or was deleted: make a new one (Hetzner Console, project, Security, API tokens), then run `clawdwako secrets set hetzner`",
        ),
        ("token_readonly" | "forbidden", _) => say(Kind::Auth, READ_WRITE),
        ("resource_limit_exceeded", _) => match details.to_string().contains("primary_ip") {
            true => say(
                Kind::Quota,
                "delete primary IPs that no server uses (`clawdwako servers --orphans` lists ours), or ask for a higher limit (Hetzner Console, Limits)",
            ),
            false => say(
                Kind::Quota,
                "delete what is no longer needed (`clawdwako servers` lists ours), or ask for a higher limit (Hetzner Console, Limits)",
            ),
        },
        ("resource_unavailable" | "placement_error" | "invalid_server_type", _) | (_, 412) => say(
            Kind::Unavailable,
            "choose another --size or --region (`clawdwako sizes` shows what is there), or try again later",
        ),
        ("invalid_input", _) if about_place(details) => say(
            Kind::Unavailable,
            "choose another --size or --region (`clawdwako sizes` shows what is there)",
        ),
        ("rate_limit_exceeded", _) | (_, 429) => (Kind::RateLimited, come_back(answer)),
        ("not_found", _) | (_, 404) => say(
            Kind::NotFound,
            "`clawdwako servers` shows what is there; was it deleted by hand, or is this another project's token?",
        ),
        ("deprecated_api_endpoint", _) | (_, 410) => say(
            Kind::Unsupported,
            "this version of clawdwako is too old for Hetzner's API: update it",
        ),
        ("uniqueness_error", _) => say(
            Kind::Exists,
            "something without our label has that name or key: rename or delete it in the Hetzner Console",
        ),
        ("conflict" | "locked" | "resource_in_use" | "robot_unavailable", _) => {
            say(Kind::Busy, "another action is running on it: run it again in a minute")
        }
        ("protected", _) => say(
            Kind::State,
            "switch its protection off in the Hetzner Console, then run it again",
        ),
        ("resource_locked", _) => say(Kind::State, "Hetzner has locked it: ask their support"),
        ("maintenance", _) => say(Kind::Upstream, "Hetzner is at work on it: try again later"),
        ("invalid_input" | "json_error" | "unsupported_error", _) => {
            say(Kind::Usage, "look at --region, --size and --image")
        }
        _ => say(
            Kind::Upstream,
            "run it again; if it stays, look at status.hetzner.com and give their support the correlation id",
        ),
    }
}

/// `details.fields[]` of invalid input and `details.limits[]` of a full quota, as text.
fn details(details: &Value) -> String {
    let list = |key: &str| details[key].as_array().cloned().unwrap_or_default();
    let mut parts = Vec::new();
    for field in list("fields") {
        let name = field["name"].as_str().unwrap_or_default();
        let messages: Vec<&str> = field["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        parts.push(tidy(&format!("{name}: {}", messages.join(", "))));
    }
    for limit in list("limits") {
        parts.extend(limit["name"].as_str().map(tidy));
    }
    parts.join("; ")
}

/// Whether the input is refused because the type is not to be had in the location.
fn about_place(details: &Value) -> bool {
    let fields = details["fields"].as_array().into_iter().flatten();
    fields
        .filter_map(|f| f["name"].as_str())
        .any(|name| matches!(name, "server_type" | "location"))
}

/// The error of an action that ended badly.
pub(super) fn failed_action(action: &Action) -> Error {
    let (code, message) = match &action.error {
        Some(e) => (e.code.as_str(), tidy(&e.message)),
        None => ("unknown", String::new()),
    };
    let kind = match code {
        "resource_unavailable" | "placement_error" => Kind::Unavailable,
        _ => Kind::Upstream,
    };
    Error::new(
        kind,
        format!(
            "Hetzner's action {} (id {}) failed: {message} [{code}]",
            action.command, action.id
        ),
    )
    .hint("run `clawdwako destroy`, then deploy again; try another --size or --region if it stays")
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;
    use serde_json::json;

    fn told(status: u16, body: &Value) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert("x-correlation-id", "abc-1".parse().unwrap());
        let body = body.to_string().into_bytes();
        explain(&Method::POST, "primary_ips/1", &Answer { status, headers, body })
    }

    #[test]
    fn every_code_has_its_kind_and_a_hint() {
        for (status, code, kind) in [
            (400, "json_error", Kind::Usage),
            (401, "unauthorized", Kind::Auth),
            (403, "forbidden", Kind::Auth),
            (403, "token_readonly", Kind::Auth),
            (403, "maintenance", Kind::Upstream),
            (403, "resource_limit_exceeded", Kind::Quota),
            (404, "not_found", Kind::NotFound),
            (409, "uniqueness_error", Kind::Exists),
            (409, "conflict", Kind::Busy),
            (410, "deprecated_api_endpoint", Kind::Unsupported),
            (412, "resource_unavailable", Kind::Unavailable),
            (422, "invalid_input", Kind::Usage),
            (422, "service_error", Kind::Upstream),
            (422, "unsupported_error", Kind::Usage),
            (422, "placement_error", Kind::Unavailable),
            (422, "resource_in_use", Kind::Busy),
            (423, "locked", Kind::Busy),
            (423, "protected", Kind::State),
            (429, "rate_limit_exceeded", Kind::RateLimited),
            (500, "server_error", Kind::Upstream),
            (504, "timeout", Kind::Upstream),
        ] {
            let e = told(
                status,
                &json!({"error": {"code": code, "message": "so it is", "details": null}}),
            );
            assert_eq!(e.kind(), kind, "{code}");
            assert!(e.next_step().is_some(), "{code}");
            let text = e.message();
            assert!(
                text.contains(code) && text.contains("so it is") && text.contains("abc-1"),
                "{text}"
            );
            assert!(text.contains("primary ips"), "{text}");
        }
    }

    #[test]
    fn details_are_told_and_decide() {
        let quota = json!({"error": {"code": "resource_limit_exceeded", "message": "m",
            "details": {"limits": [{"name": "primary_ip_limit"}]}}});
        let e = told(403, &quota);
        assert!(e.message().contains("primary_ip_limit") && e.next_step().unwrap().contains("primary IPs"));
        let place = json!({"error": {"code": "invalid_input", "message": "m",
            "details": {"fields": [{"name": "location", "messages": ["unsupported"]}]}}});
        let e = told(422, &place);
        assert_eq!(e.kind(), Kind::Unavailable);
        assert!(e.message().contains("location: unsupported"), "{e}");
    }

    #[test]
    fn an_answer_without_a_body_is_explained_by_its_status() {
        let e = told(502, &json!(null));
        assert_eq!(e.kind(), Kind::Upstream);
        assert!(e.message().contains("502"));
    }
}
