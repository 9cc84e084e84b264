//! One answer of the model.

use super::{Talk, Unasked};
use crate::error::Result;
use crate::openclaw::gateway::{Refusal, turn};
use crate::openclaw::health::Turn;
use crate::ssh::lines::clean;
use std::time::Duration;

/// How much of an answer is kept, in characters.
const MAX_TEXT: usize = 500;

impl Talk<'_> {
    /// Has the model answer a prompt within `limit`, through the running agent and outside its
    /// conversations. What goes wrong at the agent or the model's provider is told in the turn.
    ///
    /// # Errors
    /// `agent` if another user holds the port; as [`crate::ssh::Session::run`].
    pub async fn turn(&mut self, prompt: &str, limit: Duration) -> Result<Turn> {
        let look = self.look(Duration::ZERO, "").await?;
        let asked = match self.gateway().await? {
            Ok(gateway) => turn::ask(gateway, prompt, limit).await.map_err(Unasked::Refused),
            Err(unasked) => Err(unasked),
        };
        let turn = match asked {
            Ok(turn) => turn,
            Err(Unasked::Stranger) => self.turn_by_command_line(prompt, limit).await?,
            Err(Unasked::Shut(shut)) => match self.held(shut) {
                Some(e) => return Err(e),
                None => Turn::failed(shut.words()),
            },
            Err(Unasked::Refused(refusal)) => {
                self.gateway = None;
                match refusal {
                    Refusal::Overdue => Turn::failed("the model did not answer in time"),
                    refusal => Turn::failed(refusal.words()),
                }
            }
        };
        // Before anything is cut off: the beginning of a secret would pass for none.
        let shown = |text: String| {
            let text = clean(self.agent.redactor.text(&text).as_bytes());
            self.agent.redactor.text(&text).chars().take(MAX_TEXT).collect()
        };
        Ok(Turn {
            text: turn.text.map(shown),
            error: turn.error.map(shown),
            provider: turn.provider.map(shown),
            model: turn.model.map(shown),
            start: Some(look.start).filter(|start| !start.is_empty()),
            ..turn
        })
    }
}
