//! Table `audit`: who did what. There is no way to change an entry, or to remove one before it is
//! as old as the operator lets them become.

use super::engine::{Row, Store, Tx, params};
use crate::error::Result;
use crate::model::{Millis, new_id, now};

const DAY: Millis = 24 * 3600 * 1000;

/// The result of what is not done yet: written before a change, whose end is another entry of the
/// same request. Without that entry the change was cut off, and may have been made or not.
pub const BEGUN: &str = "begun";

pub(super) const COLUMNS: &str = "id, at, actor, user_id, action, object, address, result, request_id";

/// One entry. Free of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id; later ones are greater.
    pub id: String,
    /// When.
    pub at: Millis,
    /// Who: a user's id, or `server`, `command line` or `nobody` (who did not get in).
    pub actor: String,
    /// Whose thing; the same as the actor for their own.
    pub user_id: String,
    /// What, such as `POST /api/bots/create`.
    pub action: String,
    /// On which, by id.
    pub object: Option<String>,
    /// From where: the address.
    pub address: Option<String>,
    /// [`BEGUN`], `ok`, or the code of the error.
    pub result: String,
    /// The request, or the run of a command line, that it belongs to.
    pub request_id: Option<String>,
}

/// What happened, before it is written down.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deed<'a> {
    /// See [`AuditEntry::actor`].
    pub actor: &'a str,
    /// See [`AuditEntry::user_id`].
    pub user_id: &'a str,
    /// See [`AuditEntry::action`].
    pub action: &'a str,
    /// See [`AuditEntry::object`].
    pub object: Option<&'a str>,
    /// See [`AuditEntry::address`].
    pub address: Option<&'a str>,
    /// See [`AuditEntry::result`].
    pub result: &'a str,
    /// See [`AuditEntry::request_id`].
    pub request_id: Option<&'a str>,
}

pub(super) fn entry(row: &Row) -> Result<AuditEntry> {
    Ok(AuditEntry {
        id: row.text(0)?,
        at: row.int(1)?,
        actor: row.text(2)?,
        user_id: row.text(3)?,
        action: row.text(4)?,
        object: row.text_or_null(5)?,
        address: row.text_or_null(6)?,
        result: row.text(7)?,
        request_id: row.text_or_null(8)?,
    })
}

impl Store {
    /// Entries before the one with id `before`, newest first: about one user's things, or all.
    pub async fn audit(&self, user_id: Option<&str>, before: Option<&str>, limit: i64) -> Result<Vec<AuditEntry>> {
        // Greater than every id, which are hexadecimal digits.
        let before = before.unwrap_or("~");
        let rows = match user_id {
            Some(user) => {
                let sql =
                    format!("SELECT {COLUMNS} FROM audit WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
                self.query(&sql, params![user, before, limit]).await?
            }
            None => {
                let sql = format!("SELECT {COLUMNS} FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2");
                self.query(&sql, params![before, limit]).await?
            }
        };
        rows.iter().map(entry).collect()
    }

    /// Writes down what happened outside any transaction, such as what was refused.
    pub async fn note(&self, deed: Deed<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.note(deed).await?;
        tx.commit().await
    }

    /// Writes down what happens all the time, the first time in a day (UTC) only.
    pub(super) async fn note_once_a_day(&self, deed: Deed<'_>) -> Result<()> {
        let (object, day) = (deed.object.unwrap_or_default(), now() / DAY);
        let key = format!("{}/{object}/{}/{day}", deed.action, deed.result);
        // Read first: it must not cost a write each time.
        let told = "SELECT id FROM audit WHERE unique_key = $1";
        if !self.query(told, params![&key]).await?.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        tx.note_unless(deed, Some(&key)).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Writes down what happens in this transaction.
    pub async fn note(&mut self, deed: Deed<'_>) -> Result<()> {
        self.note_unless(deed, None).await
    }

    /// The same, unless there is an entry of that key.
    async fn note_unless(&mut self, d: Deed<'_>, unique_key: Option<&str>) -> Result<()> {
        let sql = format!(
            "INSERT INTO audit ({COLUMNS}, unique_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT DO NOTHING"
        );
        self.execute(
            &sql,
            params![
                new_id(),
                now(),
                d.actor,
                d.user_id,
                d.action,
                d.object,
                d.address,
                d.result,
                d.request_id,
                unique_key
            ],
        )
        .await
        .map(drop)
    }
}
