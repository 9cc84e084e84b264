//! A page of a list.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Some of a list's items, and how to get the next ones.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The items, in a stable order.
    pub items: Vec<T>,
    /// Give this as `cursor` for the next page; none on the last.
    pub next_cursor: Option<String>,
}
