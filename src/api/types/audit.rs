//! The audit on the wire.

use super::Moment;
use crate::store::AuditEntry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who did what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditView {
    /// The entry's id.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who: a user's id, or `server`, `command line` or `nobody` (who did not get in).
    pub actor: String,
    /// Whose thing, by the user's id; empty if nobody's.
    pub user_id: String,
    /// What.
    pub action: String,
    /// On which.
    pub object: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// `begun`, `ok`, or the code of the error. A change is told before it is made, as `begun`,
    /// and again when it has ended.
    pub result: String,
    /// The request that it belongs to. If no other entry has the same one, what was `begun` is
    /// still going on, or was cut off: then it may have been made or not.
    pub request_id: Option<String>,
}

impl From<AuditEntry> for AuditView {
    fn from(e: AuditEntry) -> Self {
        AuditView {
            id: e.id,
            at: Moment(e.at),
            actor: e.actor,
            user_id: e.user_id,
            action: e.action,
            object: e.object,
            address: e.address,
            result: e.result,
            request_id: e.request_id,
        }
    }
}
