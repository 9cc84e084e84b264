//! The account, its limits and state.

use super::{
    State, lock,
    reply::{Reply, ok},
};
use crate::sandbox::cloud::call::Call;
use serde_json::json;

impl State {
    /// Sets how many droplets the account may have.
    pub fn set_droplet_limit(&mut self, limit: usize) {
        self.droplet_limit = limit;
    }

    /// Sets the account's status: `active`, `warning` or `locked`. A locked one makes nothing.
    pub fn set_status(&mut self, status: &str, message: &str) {
        (self.status, self.status_message) = (status.to_owned(), message.to_owned());
    }
}

/// `GET /account`.
pub async fn account(call: Call) -> Reply {
    let state = lock(&call.world);
    ok(json!({"account": {
        "droplet_limit": state.droplet_limit,
        "floating_ip_limit": 3,
        "reserved_ip_limit": 3,
        "volume_limit": 100,
        "email": "sandbox@example.com",
        "name": "Sandbox",
        "uuid": "00000000-0000-4000-8000-000000000001",
        "email_verified": true,
        "status": state.status,
        "status_message": state.status_message,
        "team": {"uuid": "00000000-0000-4000-8000-000000000002", "name": "My Team"},
    }}))
}
