//! Not built yet.

/// State.
#[derive(Default)]
pub struct State {}

/// Routes.
pub fn router(_world: std::sync::Arc<super::world::World>) -> axum::Router {
    axum::Router::new()
}
