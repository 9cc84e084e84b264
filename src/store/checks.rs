//! Table `bots`, its column `check_after`: which bot is looked at next.

use super::bots::{COLUMNS, bot};
use super::engine::{Store, Tx, params};
use crate::error::Result;
use crate::model::{Bot, BotStatus, Millis, now};

impl Store {
    /// Claims the bot that waits longest to be looked at, if one is due. Nobody else looks at it
    /// until `again_ms` are over or [`Tx::next_check`] says so. One statement.
    pub async fn claim_check(&self, again_ms: i64) -> Result<Option<Bot>> {
        let mut tx = self.begin().await?;
        let sql = format!(
            "UPDATE bots SET check_after = $1 + $2 WHERE id = (
                 SELECT id FROM bots WHERE status = 'active' AND check_after <= $1 ORDER BY check_after LIMIT 1{})
             RETURNING {COLUMNS}",
            tx.for_claim()
        );
        let rows = tx.query(&sql, params![now(), again_ms]).await?;
        let claimed = rows.first().map(bot).transpose()?;
        tx.commit().await?;
        Ok(claimed)
    }
}

impl Tx {
    /// When a bot is looked at next.
    pub async fn next_check(&mut self, bot_id: &str, at: Millis) -> Result<()> {
        self.execute("UPDATE bots SET check_after = $2 WHERE id = $1", params![bot_id, at])
            .await
            .map(drop)
    }

    /// Where a bot is in its life; stays so until the commit.
    pub async fn bot_status(&mut self, bot_id: &str) -> Result<Option<BotStatus>> {
        // Its deployment first, as everybody locks them.
        let sql = format!("SELECT id FROM deployments WHERE bot_id = $1{}", self.for_update());
        self.query(&sql, params![bot_id]).await?;
        let sql = format!("SELECT status FROM bots WHERE id = $1{}", self.for_update());
        let rows = self.query(&sql, params![bot_id]).await?;
        rows.first().map(|r| r.word(0)).transpose()
    }
}
