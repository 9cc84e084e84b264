//! How a bot was, on the wire.

use super::Moment;
use crate::model::Sample;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a bot was in five minutes. What its server or its agent did not tell is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SampleView {
    /// When.
    pub at: Moment,
    /// Whether its server was reached.
    pub reached: bool,
    /// Whether the agent worked.
    pub well: bool,
    /// Whether it was restarted for that.
    pub restarted: bool,
    /// Memory that the agent uses.
    pub memory_bytes: Option<i64>,
    /// Memory that the server has.
    pub memory_total_bytes: Option<i64>,
    /// What is used of the disk that the agent's data is on.
    pub disk_bytes: Option<i64>,
    /// How large that disk is.
    pub disk_total_bytes: Option<i64>,
    /// How much of one processor the agent used since the sample before, in percent.
    pub cpu_percent: Option<f64>,
    /// Messages in all of the bot's conversations, its own too.
    pub messages: Option<i64>,
    /// Tokens that its models have used.
    pub tokens: Option<i64>,
    /// What that costs by the agent's own estimate, in US dollars.
    pub cost_usd: Option<f64>,
}

impl From<Sample> for SampleView {
    fn from(s: Sample) -> Self {
        SampleView {
            at: Moment(s.at),
            reached: s.reached,
            well: s.well,
            restarted: s.restarted,
            memory_bytes: s.reading.memory_bytes,
            memory_total_bytes: s.reading.memory_total_bytes,
            disk_bytes: s.reading.disk_bytes,
            disk_total_bytes: s.reading.disk_total_bytes,
            cpu_percent: s.cpu_percent,
            messages: s.reading.messages,
            tokens: s.reading.tokens,
            cost_usd: s.reading.cost_usd,
        }
    }
}
