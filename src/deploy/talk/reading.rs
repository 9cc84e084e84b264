//! What the agent has used.

use super::{Talk, Unasked};
use crate::model::Reading;
use crate::openclaw::gateway::usage;

impl Talk<'_> {
    /// What the server and the agent told of themselves: memory, disk and processor as of the last
    /// look, messages, tokens and cost if the agent has counted them.
    pub async fn reading(&mut self) -> Reading {
        let mut reading = self.last.as_ref().map(|look| look.reading()).unwrap_or_default();
        let used = match self.gateway().await {
            Ok(Ok(gateway)) => usage::of(gateway).await.ok().flatten(),
            Ok(Err(Unasked::Stranger)) => self.usage_by_command_line().await,
            _ => None,
        };
        match used {
            Some(used) => used.note(&mut reading),
            None => self.gateway = None,
        }
        reading
    }
}
