//! Table `local_bots`: bots of the users' own machines.

use super::engine::{Row, Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Millis, now};

const COLUMNS: &str = "id, origin, machine, record, updated_at, synced_at";
/// How many an account holds at most.
const MOST: i64 = 1_000;

/// What the account knows of a bot that a machine of its user's keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalBot {
    /// The bot's id.
    pub id: String,
    /// The profile that keeps it.
    pub origin: String,
    /// That machine's name.
    pub machine: String,
    /// All that is known of the bot, as JSON; no secret is in it.
    pub record: String,
    /// When the bot last changed, by the machine's clock.
    pub updated_at: Millis,
    /// When the machine told of it.
    pub synced_at: Millis,
}

fn local_bot(row: &Row) -> Result<LocalBot> {
    Ok(LocalBot {
        id: row.text(0)?,
        origin: row.text(1)?,
        machine: row.text(2)?,
        record: row.text(3)?,
        updated_at: row.int(4)?,
        synced_at: row.int(5)?,
    })
}

impl Store {
    /// A user's local bots after the one with id `after`, by id.
    pub async fn local_bots(&self, user_id: &str, after: &str, limit: i64) -> Result<Vec<LocalBot>> {
        let sql = format!("SELECT {COLUMNS} FROM local_bots WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3");
        self.query(&sql, params![user_id, after, limit])
            .await?
            .iter()
            .map(local_bot)
            .collect()
    }
}

impl Tx {
    /// Takes a record unless the account has a newer one: that one is answered, and stays. Of two
    /// equally old ones the later told counts. The user is held until the commit.
    ///
    /// # Errors
    /// `quota` if the account holds as many as it may.
    pub async fn take_local_bot(&mut self, user_id: &str, told: &LocalBot) -> Result<Option<LocalBot>> {
        self.user(user_id).await?;
        let sql = format!("SELECT {COLUMNS} FROM local_bots WHERE user_id = $1 AND id = $2");
        let rows = self.query(&sql, params![user_id, &told.id]).await?;
        match rows.first().map(local_bot).transpose()? {
            Some(kept) if kept.updated_at > told.updated_at => return Ok(Some(kept)),
            Some(_) => {}
            None => self.demand_room(user_id).await?,
        }
        self.execute(
            "INSERT INTO local_bots (user_id, id, origin, machine, record, updated_at, synced_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (user_id, id) DO UPDATE SET origin = excluded.origin, machine = excluded.machine,
                 record = excluded.record, updated_at = excluded.updated_at, synced_at = excluded.synced_at",
            params![
                user_id,
                &told.id,
                &told.origin,
                &told.machine,
                &told.record,
                told.updated_at,
                now()
            ],
        )
        .await?;
        Ok(None)
    }

    async fn demand_room(&mut self, user_id: &str) -> Result<()> {
        let sql = "SELECT COUNT(*) FROM local_bots WHERE user_id = $1";
        let rows = self.query(sql, params![user_id]).await?;
        if rows.first().map_or(Ok(0), |r| r.int(0))? < MOST {
            return Ok(());
        }
        Err(
            Error::new(Kind::Quota, format!("an account holds {MOST} local bots at most"))
                .hint("destroy some, then sync again"),
        )
    }

    /// Forgets the records of a profile whose bots it does not keep any more; answers how many.
    pub async fn keep_local_bots(&mut self, user_id: &str, origin: &str, ids: &[String]) -> Result<i64> {
        let sql = "SELECT id FROM local_bots WHERE user_id = $1 AND origin = $2";
        let mut forgotten = 0;
        for row in self.query(sql, params![user_id, origin]).await? {
            let id = row.text(0)?;
            if !ids.contains(&id) {
                self.execute(
                    "DELETE FROM local_bots WHERE user_id = $1 AND id = $2",
                    params![user_id, id],
                )
                .await?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }
}
