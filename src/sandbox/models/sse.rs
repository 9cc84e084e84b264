//! Server-sent events: an answer in pieces.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;
use std::convert::Infallible;

/// An event with its name.
pub fn named(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// An event without a name.
pub fn data(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// Sends events one after the other.
pub fn respond(events: Vec<String>) -> Response {
    let pieces = stream::iter(events.into_iter().map(Ok::<_, Infallible>));
    let headers = [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// A text in the pieces that it is streamed in: words with the space behind them.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}
