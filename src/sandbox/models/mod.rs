//! The model services: Anthropic, OpenAI and Google speak as the real ones do, and answer what
//! they were asked, so that a reply proves the whole way from the chat to the model and back.

mod anthropic;
mod chat_completions;
mod embeddings;
mod google_ai;
mod known;
mod reply;
mod responses;
mod sse;

use super::sync::{lock, unix_now};
use super::world::World;
use axum::extract::DefaultBodyLimit;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// The largest request that the services take, in bytes.
const LARGEST: usize = 32 << 20;
/// How many calls are remembered.
const REMEMBERED: usize = 1000;

/// What was asked of the models.
#[derive(Default)]
pub struct State {
    calls: VecDeque<Call>,
}

/// One call; keys and texts are not kept.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// When, in seconds since 1970.
    pub at: i64,
    /// `anthropic`, `openai` or `google`.
    pub provider: &'static str,
    /// The path's last part, such as `messages`.
    pub endpoint: &'static str,
    /// The model asked for.
    pub model: String,
    /// Whether the answer was streamed.
    pub stream: bool,
    /// Size of the request.
    pub bytes: usize,
    /// Status of the answer.
    pub status: u16,
}

/// A call that is being answered; it is written down with its status.
struct Asked {
    provider: &'static str,
    endpoint: &'static str,
    model: String,
    stream: bool,
    bytes: usize,
}

impl State {
    /// The last calls, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.iter().cloned().collect()
    }
}

impl Asked {
    fn note(self, world: &World, status: u16) {
        let mut state = lock(&world.models);
        if state.calls.len() == REMEMBERED {
            state.calls.pop_front();
        }
        state.calls.push_back(Call {
            at: unix_now(),
            provider: self.provider,
            endpoint: self.endpoint,
            model: self.model,
            stream: self.stream,
            bytes: self.bytes,
            status,
        });
    }
}

/// Anthropic's routes, relative to its prefix (`/v1/messages`).
pub fn anthropic(world: Arc<World>) -> axum::Router {
    anthropic::routes()
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(world)
}

/// OpenAI's routes, relative to its prefix (`/v1/responses`).
pub fn openai(world: Arc<World>) -> axum::Router {
    responses::routes()
        .merge(chat_completions::routes())
        .merge(embeddings::routes())
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(world)
}

/// Google's model routes, relative to its prefix (`/v1beta/models/…`).
pub fn google_ai(world: Arc<World>) -> axum::Router {
    google_ai::routes()
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(world)
}

/// All three under the prefixes `/anthropic`, `/openai` and `/google-ai`.
pub fn router(world: Arc<World>) -> axum::Router {
    axum::Router::new()
        .nest("/anthropic", anthropic(Arc::clone(&world)))
        .nest("/openai", openai(Arc::clone(&world)))
        .nest("/google-ai", google_ai(world))
}
