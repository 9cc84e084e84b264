//! What a handler of either cloud gets to know about the call that it answers.

use super::params::Params;
use crate::sandbox::world::World;
use axum::{
    extract::{FromRequestParts, NestedPath},
    http::{header::HOST, request::Parts},
};
use std::{convert::Infallible, sync::Arc};

/// One call: the world it is made in, its query, and its own address for links to other pages.
pub struct Call {
    /// The world.
    pub world: Arc<World>,
    /// The query.
    pub params: Params,
    /// Scheme, host and path as the client sees them, without the query.
    pub here: String,
}

impl FromRequestParts<Arc<World>> for Call {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, world: &Arc<World>) -> Result<Self, Self::Rejection> {
        let host = parts
            .headers
            .get(HOST)
            .and_then(|h| h.to_str().ok())
            .unwrap_or("localhost");
        // A nested router sees its own part of the path only.
        let prefix = parts
            .extensions
            .get::<NestedPath>()
            .map_or("", NestedPath::as_str)
            .trim_end_matches('/');
        Ok(Call {
            world: Arc::clone(world),
            params: Params::parse(parts.uri.query()),
            here: format!("http://{host}{prefix}{}", parts.uri.path()),
        })
    }
}

impl Call {
    /// The address of another page of the same listing.
    pub fn page(&self, page: usize) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("page", &page.to_string());
        query.extend_pairs(self.params.without(&["page"]));
        format!("{}?{}", self.here, query.finish())
    }
}
