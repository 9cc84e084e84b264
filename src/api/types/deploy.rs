//! Deployments on the wire: what is asked for, how far it is, and its story.

use super::{BotView, HealthView, Moment};
use crate::model::{Event, EventKind, Failure, Job, JobKind, JobStatus, ProviderKind, StepRecord, StepStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a bot is to live. Asked again, an unfinished deployment goes on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployRequest {
    /// The bot.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub bot_id: String,
    /// Where the server comes from: `hetzner` or `digitalocean`; the first that there is a
    /// token for, if left out.
    #[schema(schema_with = super::cloud::cloud_or_null)]
    pub provider: Option<ProviderKind>,
    /// Only this region.
    pub region: Option<String>,
    /// Only this server type; the cheapest that fits, if left out.
    pub size: Option<String>,
    /// `debian-12`, `ubuntu-24.04`, `ubuntu-22.04`, or the provider's id of an image; where the
    /// operator pays for the server, only of one that they allow.
    pub image: Option<String>,
    /// The agent's version; the one that clawdwako was tested with, if left out.
    pub agent_version: Option<String>,
}

/// How far a deployment is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StatusView {
    /// The bot with its server.
    pub bot: BotView,
    /// Its jobs, in order.
    pub jobs: Vec<JobView>,
    /// The steps that were begun, in order.
    pub steps: Vec<StepView>,
    /// Why the last work on it came to nothing, if it did.
    pub failure: Option<FailureView>,
    /// How its agent is now, if that was asked for and the bot is active.
    pub health: Option<HealthView>,
    /// The number of the newest event of its story; 0 if there is none.
    pub last_event: i64,
}

/// Why work on a bot came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureView {
    /// When.
    pub at: Moment,
    /// Stable code.
    #[schema(example = "refused")]
    pub code: String,
    /// What happened and why.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether it was a change of the bot, which answers as before again.
    pub taken_back: bool,
}

/// One piece of durable work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// Which of the six.
    pub kind: JobKind,
    /// Where it is in its life.
    pub status: JobStatus,
    /// How often it was claimed.
    pub attempts: i64,
    /// How often it may be.
    pub max_attempts: i64,
    /// Why it failed last.
    pub failure: Option<String>,
}

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub status: StepStatus,
    /// When it was last begun.
    pub started_at: Moment,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// How many of an agent's last log lines are told at once.
pub const MOST_LOG_LINES: i64 = 5_000;

/// One line of a deployment's story.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventView {
    /// Its number: the event's id in the live stream.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// What it tells.
    pub kind: EventKind,
    /// The job.
    pub job: Option<String>,
    /// The step.
    pub step: Option<String>,
    /// The line itself.
    pub text: String,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

impl JobView {
    /// What may be told of a job.
    pub fn of(job: &Job) -> JobView {
        JobView {
            id: job.id.clone(),
            kind: job.kind,
            status: job.status,
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            failure: job.failure.clone(),
        }
    }
}

impl From<Failure> for FailureView {
    fn from(f: Failure) -> Self {
        FailureView {
            at: Moment(f.at),
            code: f.code,
            message: f.message,
            hint: f.hint,
            taken_back: f.taken_back,
        }
    }
}

impl From<FailureView> for Failure {
    fn from(f: FailureView) -> Self {
        Failure {
            at: f.at.0,
            code: f.code,
            message: f.message,
            hint: f.hint,
            taken_back: f.taken_back,
        }
    }
}

impl From<StepRecord> for StepView {
    fn from(s: StepRecord) -> Self {
        StepView {
            name: s.name,
            status: s.status,
            started_at: Moment(s.started_at),
            duration_ms: s.duration_ms,
        }
    }
}

impl From<StepView> for StepRecord {
    fn from(s: StepView) -> Self {
        StepRecord {
            name: s.name,
            status: s.status,
            started_at: s.started_at.0,
            duration_ms: s.duration_ms,
        }
    }
}

impl EventView {
    /// An event with its number.
    pub fn of(number: i64, e: Event) -> EventView {
        EventView {
            number,
            at: Moment(e.at),
            kind: e.kind,
            job: e.job,
            step: e.step,
            text: e.text,
            duration_ms: e.duration_ms,
        }
    }
}

impl From<EventView> for Event {
    fn from(e: EventView) -> Self {
        Event {
            at: e.at.0,
            kind: e.kind,
            job: e.job,
            step: e.step,
            text: e.text,
            duration_ms: e.duration_ms,
        }
    }
}
