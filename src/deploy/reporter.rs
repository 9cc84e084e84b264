//! Where events go: terminal bars, plain lines, JSON lines, or nowhere.

use crate::model::Event;

/// Takes the lines of a deployment's story as they happen. They are kept in the store
/// besides; a reporter only shows them.
pub trait Reporter: Send + Sync {
    /// One line. Must not block.
    fn event(&self, event: &Event);
}

/// Shows nothing.
pub struct Silent;

impl Reporter for Silent {
    fn event(&self, _event: &Event) {}
}
