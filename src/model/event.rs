//! One line of a deployment's story.

use super::{Millis, words};
use serde::Serialize;

/// What an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A step began.
    StepStarted,
    /// A step ended well; `duration_ms` says how long it took.
    StepDone,
    /// A step failed.
    StepFailed,
    /// What a step is doing or waiting for.
    Progress,
    /// A line that a script on the server wrote.
    Log,
    /// Something the user should know that is not a failure.
    Warning,
    /// How the whole ended.
    Result,
}

words!(EventKind {
    StepStarted = "step_started",
    StepDone = "step_done",
    StepFailed = "step_failed",
    Progress = "progress",
    Log = "log",
    Warning = "warning",
    Result = "result",
});

/// One line of a deployment's story. The text is free of secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// What it tells.
    pub kind: EventKind,
    /// The job's word, such as `provision_server`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The step's name, such as `create_server`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The line itself.
    pub text: String,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
}
