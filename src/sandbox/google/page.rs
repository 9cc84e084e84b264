//! The page where a person enters the code and agrees.

use crate::sandbox::sync::lock;
use crate::sandbox::world::World;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use std::collections::HashMap;
use std::sync::Arc;

/// `GET /device?user_code=…`
pub async fn show(Query(query): Query<HashMap<String, String>>) -> Html<String> {
    let code = escaped(query.get("user_code").map_or("", String::as_str));
    page(&format!(
        "<form method=\"post\">\
         <p><label>Code <input name=\"user_code\" value=\"{code}\" required autofocus></label></p>\
         <p><label>Sign in as <input name=\"email\" type=\"email\" value=\"you@example.com\" required></label></p>\
         <p><button name=\"action\" value=\"allow\">Allow</button> \
         <button name=\"action\" value=\"deny\">Deny</button></p></form>"
    ))
}

/// `POST /device` with `user_code`, `email` and `action` (`allow` or `deny`).
pub async fn decide(State(world): State<Arc<World>>, Form(form): Form<HashMap<String, String>>) -> Response {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let mut google = lock(&world.google);
    let (done, told) = match field("action") {
        "deny" => (google.deny(field("user_code")), "You denied the sign-in."),
        _ => (
            google.approve(field("user_code"), field("email")),
            "You are signed in. Go back to your terminal.",
        ),
    };
    match done {
        Ok(()) => page(&format!("<p>{told}</p>")).into_response(),
        Err(e) => {
            let text = page(&format!("<p>{}</p>", escaped(&e.message())));
            (StatusCode::BAD_REQUEST, text).into_response()
        }
    }
}

pub(super) fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox sign-in</title>\
         <h1>Sign in (sandbox)</h1>{body}</html>"
    ))
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
