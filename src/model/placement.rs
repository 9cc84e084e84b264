//! Where a bot is to live, as its user asked for it; no secret is in it.

use super::{Limits, SshTarget};
use serde::{Deserialize, Serialize};

/// What was asked for, kept with the deployment so that `resume` asks nothing again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// Only this region.
    pub region: Option<String>,
    /// Only this server type.
    pub size: Option<String>,
    /// `debian-12`, `ubuntu-24.04`, `ubuntu-22.04`, or the provider's id of an image.
    pub image: Option<String>,
    /// For `existing`: where the server is.
    pub host: Option<SshTarget>,
    /// For `existing`: the host key that was confirmed, as one OpenSSH line.
    pub host_key: Option<String>,
    /// The agent's version; the pinned one if left out.
    pub agent_version: Option<String>,
    /// At most so much memory, in MiB, by the user's plan at a control server.
    pub max_memory_mb: Option<i64>,
    /// Only these regions, by the user's plan at a control server.
    pub regions: Option<Vec<String>>,
}

impl Placement {
    /// Narrows it to what a plan allows: what it leaves open is chosen there.
    #[must_use]
    pub fn within(self, limits: &Limits) -> Placement {
        Placement {
            max_memory_mb: Some(limits.max_memory_mb),
            regions: limits.regions.clone(),
            ..self
        }
    }
}
