//! Signing in and out: with a browser, with a command line, and the tokens that come of it.

mod browser;
mod proof;
mod session;
mod tokens;
mod welcome;

pub use browser::own_address;

use super::App;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(browser::callback, proof::exchange))
        .routes(routes!(session::show))
        .routes(routes!(session::logout))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
}
