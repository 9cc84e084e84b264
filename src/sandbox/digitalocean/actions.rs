//! Actions: what takes time.

use super::{
    State,
    catalogue::Region,
    lock,
    reply::{Fail, Reply, list, number, ok},
};
use crate::sandbox::cloud::{call::Call, times::rfc3339};
use axum::extract::Path;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// One action, always on a droplet.
#[derive(Debug, Clone)]
pub struct Action {
    pub id: i64,
    kind: String,
    pub droplet: i64,
    region: &'static str,
    started: Timestamp,
    begun: Instant,
    takes: Duration,
    /// Whether a machine is still at it; then time alone does not end the action.
    working: bool,
    failed: bool,
}

impl Action {
    /// Whether it has not ended.
    pub fn running(&self) -> bool {
        self.working || self.begun.elapsed() < self.takes
    }

    /// Lets it take no longer than this from now on, as far as time alone ends it.
    pub(super) fn hurry(&mut self, rest: Duration) {
        self.takes = self.takes.min(self.begun.elapsed() + rest);
    }

    /// Its type.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The API's view of it.
    pub fn view(&self, state: &State) -> Value {
        let running = self.running();
        let completed = self.started + jiff::SignedDuration::try_from(self.takes).unwrap_or_default();
        json!({
            "id": self.id,
            "status": match (running, self.failed) {
                (true, _) => "in-progress",
                (false, false) => "completed",
                (false, true) => "errored",
            },
            "type": self.kind,
            "started_at": rfc3339(self.started),
            "completed_at": (!running).then(|| rfc3339(completed)),
            "resource_id": self.droplet,
            "resource_type": "droplet",
            "region": Region::find(self.region).map(|r| r.view(state)),
            "region_slug": self.region,
        })
    }
}

impl State {
    /// Starts an action that runs at least one pace and until [`State::done`] is told.
    pub(super) fn work(&mut self, kind: &str, droplet: i64, region: &'static str) -> Action {
        self.last_action += 1;
        let action = Action {
            id: self.last_action,
            kind: kind.to_owned(),
            droplet,
            region,
            started: Timestamp::now(),
            begun: Instant::now(),
            takes: self.pace,
            working: true,
            failed: false,
        };
        self.actions.insert(action.id, action.clone());
        action
    }

    /// Says that the machine's part of an action has ended, well or not.
    pub(super) fn done(&mut self, action: i64, well: bool) {
        if let Some(action) = self.actions.get_mut(&action) {
            action.working = false;
            action.takes = action.takes.max(action.begun.elapsed());
            action.failed = !well;
        }
    }

    /// The action that runs on a droplet, if any.
    pub(super) fn running_on(&self, droplet: i64) -> Option<&Action> {
        self.actions.values().find(|a| a.droplet == droplet && a.running())
    }
}

/// `GET /actions`: the account's, newest first.
pub async fn all(call: Call) -> Reply {
    let items = {
        let state = lock(&call.world);
        state.actions.values().rev().map(|a| a.view(&state)).collect()
    };
    list(&call, "actions", items)
}

/// `GET /actions/{id}`. Outlives the droplet.
pub async fn one(Path(action): Path<String>, call: Call) -> Reply {
    find(&call, &action, None)
}

/// `GET /droplets/{id}/actions`.
pub async fn of_droplet(Path(droplet): Path<String>, call: Call) -> Reply {
    let droplet = number(&droplet)?;
    let items = {
        let state = lock(&call.world);
        if !state.droplets.contains_key(&droplet) {
            return Err(Fail::not_found());
        }
        let actions = state.actions.values().rev().filter(|a| a.droplet == droplet);
        actions.map(|a| a.view(&state)).collect()
    };
    list(&call, "actions", items)
}

/// `GET /droplets/{id}/actions/{action}`.
pub async fn one_of_droplet(Path((droplet, action)): Path<(String, String)>, call: Call) -> Reply {
    find(&call, &action, Some(number(&droplet)?))
}

fn find(call: &Call, action: &str, droplet: Option<i64>) -> Reply {
    let state = lock(&call.world);
    let action = action
        .parse()
        .ok()
        .and_then(|id: i64| state.actions.get(&id))
        .filter(|a| droplet.is_none_or(|d| d == a.droplet))
        .ok_or_else(Fail::not_found)?;
    ok(json!({"action": action.view(&state)}))
}
