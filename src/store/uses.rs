//! Uses of secrets, for the audit: each is written down before the secret is handed out.

use super::audit::Deed;
use super::engine::Store;
use crate::error::Result;

/// On whose behalf secrets are used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum By {
    /// The control server, for the work that it was given: every use is told.
    #[default]
    Server,
    /// The control server's own schedule, which uses the same secrets all day long: of each, one
    /// use a day (UTC) is told.
    Schedule,
    /// Somebody who asked for something: every use is told.
    User {
        /// Who.
        id: String,
        /// From which address.
        address: String,
        /// By which request.
        request_id: Option<String>,
    },
}

impl Store {
    /// Writes down that a secret is used. `user_id` is whose secret it is, or whom the operator's
    /// own is used for, and `object` says which it is.
    pub async fn note_use(&self, user_id: &str, object: &str, result: &str) -> Result<()> {
        let mut deed = Deed {
            actor: "server",
            user_id,
            action: "use secret",
            object: Some(object),
            result,
            ..Deed::default()
        };
        match &self.by {
            By::Server => self.note(deed).await,
            By::Schedule => self.note_once_a_day(deed).await,
            By::User {
                id,
                address,
                request_id,
            } => {
                deed.actor = id;
                deed.address = Some(address);
                deed.request_id = request_id.as_deref();
                self.note(deed).await
            }
        }
    }
}
