//! What is known of one step of a deployment.

use super::{Millis, words};
use serde::Serialize;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepStatus {
    /// It was begun, and its end was not written down.
    Running,
    /// It ended well.
    Done,
    /// It failed, or was cut off.
    Failed,
}

words!(StepStatus {
    Running = "running",
    Done = "done",
    Failed = "failed",
});

/// One step's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepRecord {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub status: StepStatus,
    /// When it was last begun.
    pub started_at: Millis,
    /// How long it took.
    pub duration_ms: Option<i64>,
}
