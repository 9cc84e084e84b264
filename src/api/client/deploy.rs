//! Deployments.

use super::{Client, Events};
use crate::api::types::{DeployRequest, EventView, PackagesView, Page, StatusView};
use crate::error::Result;
use serde_json::json;

/// How many events are asked for at once: the most that the server tells.
const PAGE: i64 = 200;

impl Client {
    /// Has a bot deployed; asked again, an unfinished deployment goes on.
    ///
    /// # Errors
    /// `quota` if the plan does not allow it; `wrong_state` if there is nothing to do.
    pub async fn deploy(&self, request: &DeployRequest) -> Result<StatusView> {
        self.post(&["deploy"], request).await
    }

    /// How far a bot's deployment is.
    pub async fn status(&self, bot_id: &str) -> Result<StatusView> {
        self.get(&["deploy", bot_id, "status"], &[]).await
    }

    /// The same with how the agent is now, which the server asks it for.
    pub async fn look(&self, bot_id: &str) -> Result<StatusView> {
        let live = [("live", true.to_string())];
        self.get(&["deploy", bot_id, "status"], &live).await
    }

    /// Everything that npm put on a bot's server.
    ///
    /// # Errors
    /// `not_found` if it was not noted.
    pub async fn packages(&self, bot_id: &str) -> Result<PackagesView> {
        self.get(&["deploy", bot_id, "packages"], &[]).await
    }

    /// Has a bot's agent stopped.
    pub async fn stop(&self, bot_id: &str) -> Result<StatusView> {
        self.post(&["deploy", bot_id, "stop"], &json!({})).await
    }

    /// Has a bot's agent started.
    pub async fn start(&self, bot_id: &str) -> Result<StatusView> {
        self.post(&["deploy", bot_id, "start"], &json!({})).await
    }

    /// Has a bot's agent restarted.
    pub async fn restart(&self, bot_id: &str) -> Result<StatusView> {
        self.post(&["deploy", bot_id, "restart"], &json!({})).await
    }

    /// The newest events of a deployment's story, oldest first: `last` of the `newest` that there
    /// are (see [`StatusView::last_event`]).
    pub async fn story(&self, bot_id: &str, newest: i64, last: i64) -> Result<Vec<EventView>> {
        let mut after = newest.saturating_sub(last).max(0);
        let mut found = Vec::new();
        while after < newest {
            let query = [("after", after.to_string()), ("limit", PAGE.to_string())];
            let mut page: Page<EventView> = self.get(&["deploy", bot_id, "logs"], &query).await?;
            let Some(number) = page.items.last().map(|e| e.number) else {
                break;
            };
            after = number;
            found.append(&mut page.items);
        }
        Ok(found)
    }

    /// The last lines of the agent's own log, at most [`crate::api::types::MOST_LOG_LINES`]; with `since` only what is
    /// younger, such as `2h`.
    pub async fn agent_log(&self, bot_id: &str, last: i64, since: Option<&str>) -> Result<Vec<EventView>> {
        let mut query = vec![("kind", "agent".to_owned()), ("lines", last.to_string())];
        query.extend(since.map(|s| ("since", s.to_owned())));
        let page: Page<EventView> = self.get(&["deploy", bot_id, "logs"], &query).await?;
        Ok(page.items)
    }

    /// A deployment's story after event `after`, as it happens, until no work is left.
    pub fn events(&self, bot_id: &str, after: i64) -> Events {
        Events::story(self.clone(), bot_id, after)
    }

    /// The agent's own log as it is written, beginning with some of its last lines, at most
    /// [`crate::api::types::MOST_LOG_LINES`]. No line is left out and none is told twice, also if the connection is lost.
    pub fn agent_events(&self, bot_id: &str, last: i64, since: Option<&str>) -> Events {
        Events::agent(self.clone(), bot_id, last, since)
    }
}
