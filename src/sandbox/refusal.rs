//! How each service words its errors, so that a fault looks like the real one.

use super::sync::unix_now;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Whose address a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `/hetzner`
    Hetzner,
    /// `/digitalocean`
    DigitalOcean,
    /// `/telegram`
    Telegram,
    /// `/anthropic`
    Anthropic,
    /// `/openai`
    OpenAi,
    /// `/google-ai`
    GoogleAi,
    /// `/google`
    Google,
    /// Anything else.
    Other,
}

impl Service {
    /// The service that the sandbox speaks under a path.
    pub fn of(path: &str) -> Self {
        match path.trim_start_matches('/').split('/').next().unwrap_or_default() {
            "hetzner" => Service::Hetzner,
            "digitalocean" => Service::DigitalOcean,
            "telegram" => Service::Telegram,
            "anthropic" => Service::Anthropic,
            "openai" => Service::OpenAi,
            "google-ai" => Service::GoogleAi,
            "google" => Service::Google,
            _ => Service::Other,
        }
    }

    /// An error with the body that this service would send. `code` and `message` replace the
    /// usual ones of that status.
    pub fn error(self, status: u16, code: Option<&str>, message: Option<&str>) -> Response {
        let (usual_code, usual_message) = self.usual(status);
        let code = code.unwrap_or(usual_code);
        let message = message.unwrap_or(usual_message);
        let body = match self {
            Service::Hetzner => json!({"error": {"code": code, "message": message, "details": null}}),
            Service::DigitalOcean => json!({"id": code, "message": message}),
            Service::Telegram => json!({"ok": false, "error_code": status, "description": message}),
            Service::Anthropic => json!({"type": "error", "error": {"type": code, "message": message}}),
            Service::OpenAi => {
                let kind = if status >= 500 {
                    "server_error"
                } else {
                    "invalid_request_error"
                };
                let kind = if code == "insufficient_quota" { code } else { kind };
                json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
            }
            Service::GoogleAi => json!({"error": {"code": status, "message": message, "status": code}}),
            Service::Google | Service::Other => json!({"error": code, "error_description": message}),
        };
        respond(status, &body)
    }

    /// Too many requests, with the headers that this service sends along; its clock is so many
    /// seconds ahead of ours.
    pub fn rate_limited(self, ahead_s: i64) -> Response {
        let mut response = self.error(429, None, None);
        let reset = unix_now().saturating_add(1).saturating_add(ahead_s);
        let (reset, soon) = (reset.to_string(), "1".to_owned());
        let zero = "0".to_owned();
        let headers: Vec<(&'static str, String)> = match self {
            Service::Hetzner => vec![
                ("ratelimit-limit", "3600".to_owned()),
                ("ratelimit-remaining", zero),
                ("ratelimit-reset", reset),
            ],
            Service::DigitalOcean => vec![
                ("ratelimit-limit", "5000".to_owned()),
                ("ratelimit-remaining", zero),
                ("ratelimit-reset", reset),
                ("retry-after", soon),
            ],
            Service::Telegram => {
                let body = json!({
                    "ok": false,
                    "error_code": 429,
                    "description": "Too Many Requests: retry after 1",
                    "parameters": {"retry_after": 1},
                });
                response = respond(429, &body);
                vec![("retry-after", soon)]
            }
            Service::Anthropic => vec![("retry-after", soon), ("anthropic-ratelimit-requests-remaining", zero)],
            Service::OpenAi => vec![("retry-after", soon), ("x-ratelimit-remaining-requests", zero)],
            Service::GoogleAi => Vec::new(),
            Service::Google | Service::Other => vec![("retry-after", soon)],
        };
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }

    /// The account has no money left, as the model services say it; 402 elsewhere.
    pub fn no_credit(self) -> Response {
        match self {
            Service::Anthropic => self.error(
                400,
                None,
                Some(
                    "Your credit balance is too low to access the Anthropic API. \
                     Please go to Plans & Billing to upgrade or purchase credits.",
                ),
            ),
            Service::OpenAi => self.error(
                429,
                Some("insufficient_quota"),
                Some("You exceeded your current quota, please check your plan and billing details."),
            ),
            Service::GoogleAi => self.error(
                429,
                None,
                Some("You exceeded your current quota, please check your plan and billing details."),
            ),
            _ => self.error(402, None, None),
        }
    }

    /// Code and message that go with a status.
    fn usual(self, status: u16) -> (&'static str, &'static str) {
        match self {
            Service::Hetzner => match status {
                400 => ("json_error", "request body is not valid JSON"),
                401 => ("unauthorized", "unable to authenticate"),
                403 => ("resource_limit_exceeded", "server limit reached"),
                404 => ("not_found", "resource not found"),
                409 => ("conflict", "the resource has changed during the request, please retry"),
                412 => ("resource_unavailable", "resource is currently unavailable"),
                422 => ("invalid_input", "invalid input"),
                423 => ("locked", "resource is locked by another action"),
                429 => ("rate_limit_exceeded", "limit of 3600 requests per hour reached"),
                503 => ("unavailable", "service is currently unavailable"),
                504 => ("timeout", "the request timed out"),
                _ => ("server_error", "an internal error occurred"),
            },
            Service::DigitalOcean => match status {
                401 => ("Unauthorized", "Unable to authenticate you"),
                403 => ("Forbidden", "You are not authorized to perform this operation"),
                404 => ("not_found", "The resource you requested could not be found."),
                409 => ("conflict", "The request could not be completed due to a conflict."),
                422 => ("unprocessable_entity", "The request could not be processed."),
                429 => ("too_many_requests", "API Rate limit exceeded."),
                503 => ("service_unavailable", "Service is temporarily unavailable."),
                _ => ("server_error", "Unexpected server-side error"),
            },
            Service::Telegram => match status {
                400 => ("", "Bad Request"),
                401 => ("", "Unauthorized"),
                403 => ("", "Forbidden: bot was blocked by the user"),
                404 => ("", "Not Found"),
                409 => (
                    "",
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                ),
                429 => ("", "Too Many Requests: retry after 1"),
                502 => ("", "Bad Gateway"),
                _ => ("", "Internal Server Error"),
            },
            Service::Anthropic => match status {
                400 => ("invalid_request_error", "invalid request"),
                401 => ("authentication_error", "invalid x-api-key"),
                403 => (
                    "permission_error",
                    "Your API key does not have permission to use the specified resource.",
                ),
                404 => ("not_found_error", "Not found"),
                413 => ("request_too_large", "Request exceeds the maximum size"),
                429 => (
                    "rate_limit_error",
                    "This request would exceed your organization's rate limit. Please try again later.",
                ),
                529 => ("overloaded_error", "Overloaded"),
                _ => ("api_error", "Internal server error"),
            },
            Service::OpenAi => match status {
                401 => ("invalid_api_key", "Incorrect API key provided."),
                403 => (
                    "unsupported_country_region_territory",
                    "Country, region, or territory not supported",
                ),
                404 => (
                    "model_not_found",
                    "The model does not exist or you do not have access to it.",
                ),
                429 => ("rate_limit_exceeded", "Rate limit reached. Please try again in 1s."),
                400..500 => ("invalid_request", "invalid request"),
                _ => (
                    "server_error",
                    "The server had an error while processing your request. Sorry about that!",
                ),
            },
            Service::GoogleAi => match status {
                400 => ("INVALID_ARGUMENT", "Request contains an invalid argument."),
                401 => ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
                403 => ("PERMISSION_DENIED", "Permission denied."),
                404 => ("NOT_FOUND", "Requested entity was not found."),
                429 => ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
                503 => ("UNAVAILABLE", "The model is overloaded. Please try again later."),
                504 => ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
                _ => ("INTERNAL", "An internal error has occurred."),
            },
            Service::Google | Service::Other => match status {
                400 => ("invalid_request", "Bad Request"),
                401 => ("invalid_client", "Unauthorized"),
                402 => ("payment_required", "Payment Required"),
                403 => ("access_denied", "Forbidden"),
                404 => ("not_found", "Not Found"),
                429 => ("rate_limit_exceeded", "Too Many Requests"),
                503 => ("temporarily_unavailable", "Service Unavailable"),
                _ => ("internal_failure", "Internal Server Error"),
            },
        }
    }
}

/// JSON with a status.
pub fn respond(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(body)).into_response()
}
