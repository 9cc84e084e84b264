//! Actions: what takes time. An action runs for as long as the stand-in's pace says, or until
//! the machine has done what it stands for, whichever is later.

use super::{
    State, listing, lock,
    reply::{Fail, Reply, id, ok},
};
use crate::sandbox::cloud::{call::Call, times::rfc3339};
use axum::extract::Path;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The most ids in one look-up.
const MOST_IDS: usize = 50;

/// One action.
#[derive(Debug, Clone)]
pub struct Action {
    pub id: i64,
    command: &'static str,
    parent: Option<i64>,
    resources: Vec<(i64, &'static str)>,
    started: Timestamp,
    begun: Instant,
    takes: Duration,
    /// Whether a machine is still at it; then time alone does not end the action.
    working: bool,
    failed: Option<String>,
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

    /// Whether it is about a resource.
    pub fn concerns(&self, kind: &str, id: Option<i64>) -> bool {
        self.resources
            .iter()
            .any(|(i, k)| *k == kind && id.is_none_or(|id| id == *i))
    }

    /// Its command.
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// The API's view of it.
    pub fn view(&self) -> Value {
        let running = self.running();
        let status = match (running, &self.failed) {
            (true, _) => "running",
            (false, None) => "success",
            (false, Some(_)) => "error",
        };
        let progress = if running {
            (self.begun.elapsed().as_secs_f64() / self.takes.as_secs_f64().max(0.001) * 100.0).min(99.0) as i64
        } else {
            100
        };
        let finished = self.started + jiff::SignedDuration::try_from(self.takes).unwrap_or_default();
        let mut view = json!({
            "id": self.id,
            "command": self.command,
            "status": status,
            "progress": progress,
            "started": rfc3339(self.started),
            "finished": (!running).then(|| rfc3339(finished)),
            "resources": self.resources.iter().map(|(id, kind)| json!({"id": id, "type": kind})).collect::<Vec<_>>(),
            "error": match (&self.failed, running) {
                (Some(message), false) => json!({"code": "action_failed", "message": message}),
                _ => Value::Null,
            },
        });
        if let Some(parent) = self.parent {
            view["parent_id"] = json!(parent);
        }
        view
    }
}

impl State {
    /// Starts an action that time alone ends, after `paces` times the stand-in's pace.
    pub(super) fn act(&mut self, command: &'static str, resources: &[(i64, &'static str)], paces: u32) -> Action {
        self.start(command, resources, paces, false)
    }

    /// Starts an action that runs at least one pace and until [`State::done`] is told.
    pub(super) fn work(&mut self, command: &'static str, resources: &[(i64, &'static str)]) -> Action {
        self.start(command, resources, 1, true)
    }

    fn start(&mut self, command: &'static str, resources: &[(i64, &'static str)], paces: u32, working: bool) -> Action {
        self.last_action += 1;
        let action = Action {
            id: self.last_action,
            command,
            parent: None,
            resources: resources.to_vec(),
            started: Timestamp::now(),
            begun: Instant::now(),
            takes: self.pace * paces,
            working,
            failed: None,
        };
        self.actions.insert(action.id, action.clone());
        action
    }

    /// Says that an action comes of another.
    pub(super) fn parent(&mut self, action: &mut Action, parent: i64) {
        action.parent = Some(parent);
        self.actions.insert(action.id, action.clone());
    }

    /// Says that the machine's part of an action has ended, well or not.
    pub(super) fn done(&mut self, action: i64, result: Result<(), String>) {
        if let Some(action) = self.actions.get_mut(&action) {
            action.working = false;
            action.takes = action.takes.max(action.begun.elapsed());
            action.failed = result.err();
        }
    }

    /// The running action on a resource that began first.
    pub(super) fn running_on(&self, kind: &str, id: i64) -> Option<&Action> {
        self.actions
            .values()
            .find(|action| action.concerns(kind, Some(id)) && action.running())
    }
}

/// `GET /actions?id=…&id=…`. Listing all was removed in January 2025.
pub async fn several(call: Call) -> Reply {
    let ids = call
        .params
        .all("id")
        .map(str::parse)
        .collect::<Result<Vec<i64>, _>>()
        .map_err(|_| Fail::invalid("id", "must be a whole number"))?;
    if ids.is_empty() {
        return Err(Fail::new(
            "deprecated_api_endpoint",
            "listing all actions is no longer supported: name them by id",
        ));
    }
    if ids.len() > MOST_IDS {
        return Err(Fail::invalid("id", format!("at most {MOST_IDS} ids")));
    }
    let state = lock(&call.world);
    let found: Vec<Value> = ids
        .iter()
        .filter_map(|id| state.actions.get(id))
        .map(Action::view)
        .collect();
    ok(json!({"actions": found}))
}

/// `GET /actions/{id}`.
pub async fn one(Path(action): Path<String>, call: Call) -> Reply {
    let action = id("action", &action)?;
    match lock(&call.world).actions.get(&action) {
        Some(action) => ok(json!({"action": action.view()})),
        None => Err(Fail::not_found("action", action)),
    }
}

/// `GET /<kind>s/{id}/actions`, or of all of that kind without an id.
pub fn of(call: &Call, kind: &str, resource: Option<i64>) -> Reply {
    let statuses: Vec<&str> = call.params.all("status").collect();
    let ids: Vec<&str> = call.params.all("id").collect();
    let actions: Vec<Value> = lock(&call.world)
        .actions
        .values()
        .filter(|action| action.concerns(kind, resource))
        .map(Action::view)
        .filter(|view| statuses.is_empty() || statuses.iter().any(|s| view["status"] == *s))
        .filter(|view| ids.is_empty() || ids.contains(&view["id"].to_string().as_str()))
        .collect();
    listing::list(
        call,
        "actions",
        actions,
        &["id", "command", "status", "started", "finished"],
    )
}

/// `GET /<kind>s/{id}/actions/{action_id}`.
pub fn one_of(call: &Call, kind: &str, resource: i64, action: &str) -> Reply {
    let action = id("action", action)?;
    match lock(&call.world).actions.get(&action) {
        Some(found) if found.concerns(kind, Some(resource)) => ok(json!({"action": found.view()})),
        _ => Err(Fail::not_found("action", action)),
    }
}
