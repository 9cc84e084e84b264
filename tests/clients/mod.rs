//! The clients of the outside world, each test against a stand-in of its own.

mod control_server;
mod google;
mod google_browser;
pub mod google_identity;
mod models;
mod telegram;

use clawdwako::http::{Endpoints, Http};
use std::time::Duration;
use wiremock::{Match, MockServer, Request};

/// A client that does not wait long between tries.
pub fn http() -> Http {
    Http::new().unwrap().with_pause(Duration::from_millis(1))
}

/// The outside world, all on one stand-in.
pub fn endpoints(server: &MockServer) -> Endpoints {
    let at = |path: &str| format!("{}{path}", server.uri()).parse().unwrap();
    Endpoints {
        telegram: at("/"),
        anthropic: at("/"),
        openai: at(""),
        google_ai: at("/ai/"),
        google_auth: at("/auth"),
        google_device: at("/device/code"),
        google_token: at("/token"),
        google_jwks: at("/certs"),
        ..Endpoints::default()
    }
}

/// Matches a form with this field.
pub struct Field(pub &'static str, pub String);

impl Match for Field {
    fn matches(&self, request: &Request) -> bool {
        url::form_urlencoded::parse(&request.body).any(|(k, v)| k == self.0 && v == self.1)
    }
}
