//! Table `idempotency`: answers to requests that carried an Idempotency-Key. The answers are
//! sealed: some hold what is told once only.

use super::engine::{Store, Tx, params};
use crate::error::{Error, Kind, Result, usage};
use crate::model::Millis;
use crate::secrets::Secret;

/// How long an answer is kept.
const KEPT: Millis = 24 * 3600 * 1000;
/// After how long a request without an answer counts as lost, if nobody says that it still runs:
/// the control server that was at it is gone.
const LOST: Millis = 20 * 1000;

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is new: do it, then [`Tx::finish_idempotent`] or [`Store::forget_idempotent`].
    New,
    /// It was done: give the same answer.
    Done {
        /// HTTP status.
        status: u16,
        /// Body.
        answer: Secret,
    },
}

fn identity(user_id: &str, name: &str) -> String {
    format!("idempotency/{user_id}/{name}")
}

impl Store {
    /// Begins a request that carries the key `name`; `request` is a hash of all that is asked.
    ///
    /// # Errors
    /// `usage` if the key was used for another request; `busy` while the first one still runs.
    pub async fn begin_idempotent(&self, user_id: &str, name: &str, request: &[u8], at: Millis) -> Result<Begun> {
        let mut tx = self.begin().await?;
        tx.execute(
            "DELETE FROM idempotency WHERE created_at <= $1 OR (status IS NULL AND created_at <= $2)",
            params![at - KEPT, at - LOST],
        )
        .await?;
        let new = tx
            .execute(
                "INSERT INTO idempotency (user_id, name, request, status, answer, created_at)
                 VALUES ($1, $2, $3, NULL, NULL, $4) ON CONFLICT (user_id, name) DO NOTHING",
                params![user_id, name, request.to_vec(), at],
            )
            .await?;
        if new == 1 {
            tx.commit().await?;
            return Ok(Begun::New);
        }
        let rows = tx
            .query(
                "SELECT request, status, answer FROM idempotency WHERE user_id = $1 AND name = $2",
                params![user_id, name],
            )
            .await?;
        // Forgotten in between: as if it still ran.
        let Some(row) = rows.first() else {
            return Err(running());
        };
        if row.bytes(0)? != request {
            return Err(
                usage("this Idempotency-Key was used for another request").hint("use a new key for every new request")
            );
        }
        let Some(status) = row.int_or_null(1)? else {
            return Err(running());
        };
        Ok(Begun::Done {
            status: u16::try_from(status).unwrap_or(500),
            answer: self.sealer.open(&identity(user_id, name), &row.bytes(2)?)?,
        })
    }

    /// Says that a request still runs; to be said every few seconds.
    pub async fn renew_idempotent(&self, user_id: &str, name: &str, at: Millis) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.execute(
            "UPDATE idempotency SET created_at = $3 WHERE user_id = $1 AND name = $2 AND status IS NULL",
            params![user_id, name, at],
        )
        .await?;
        tx.commit().await
    }

    /// Forgets a request that came to nothing, so that it can be sent again.
    pub async fn forget_idempotent(&self, user_id: &str, name: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.execute(
            "DELETE FROM idempotency WHERE user_id = $1 AND name = $2 AND status IS NULL",
            params![user_id, name],
        )
        .await?;
        tx.commit().await
    }
}

impl Tx {
    /// Keeps the answer to a request that has none yet; `false` if it has one, or counts as lost.
    pub async fn finish_idempotent(&mut self, user_id: &str, name: &str, status: u16, answer: &Secret) -> Result<bool> {
        let sealed = self.sealer.seal(&identity(user_id, name), answer)?;
        let kept = self
            .execute(
                "UPDATE idempotency SET status = $3, answer = $4
                 WHERE user_id = $1 AND name = $2 AND status IS NULL",
                params![user_id, name, i64::from(status), sealed],
            )
            .await?;
        Ok(kept == 1)
    }
}

fn running() -> Error {
    Error::new(Kind::Busy, "a request with this Idempotency-Key is still running").hint("try again in a moment")
}
