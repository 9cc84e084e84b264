//! How a bot was at a moment.

use super::Millis;
use serde::{Deserialize, Serialize};

/// How a bot was at a moment; what could not be learnt is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sample {
    /// When.
    pub at: Millis,
    /// Whether its server was reached.
    pub reached: bool,
    /// Whether the agent worked.
    pub well: bool,
    /// Whether it was restarted for that.
    pub restarted: bool,
    /// What its server told.
    #[serde(flatten)]
    pub reading: Reading,
    /// How much of one processor the agent used since the sample before, in percent.
    pub cpu_percent: Option<f64>,
}

/// What a server tells of itself and its agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Memory that the agent uses.
    pub memory_bytes: Option<i64>,
    /// Memory that the server has.
    pub memory_total_bytes: Option<i64>,
    /// What is used of the disk that the agent's data is on.
    pub disk_bytes: Option<i64>,
    /// How large that disk is.
    pub disk_total_bytes: Option<i64>,
    /// Processor time that the agent has used since its start, in microseconds.
    pub cpu_us: Option<i64>,
    /// Messages in all of the bot's conversations, its own too.
    pub messages: Option<i64>,
    /// Tokens that its models have used.
    pub tokens: Option<i64>,
    /// What that costs by the agent's own estimate, in US dollars.
    pub cost_usd: Option<f64>,
}
