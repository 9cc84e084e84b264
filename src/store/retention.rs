//! What is forgotten because it was kept for long enough, and what is read out before that.

use super::audit::{AuditEntry, COLUMNS, Deed, entry};
use super::engine::{Store, params};
use crate::error::Result;
use crate::model::{Millis, now};

impl Store {
    /// Forgets entries of the audit from before a moment, oldest first, at most `limit`; answers
    /// how many.
    pub async fn forget_audit(&self, before: Millis, limit: u64) -> Result<u64> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at, id LIMIT $2)";
        let gone = tx.execute(sql, params![before, limit as i64]).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Forgets bots that were destroyed before a moment, with their deployments, jobs, steps,
    /// events and samples, at most `limit`; answers how many. Of a bot whose deployment is anything
    /// but destroyed, or has a job that is not over, nothing is touched: its server may still cost
    /// money, and only the record tells where it is.
    pub async fn forget_destroyed(&self, before: Millis, limit: u64) -> Result<u64> {
        let mut tx = self.begin().await?;
        let sql = format!(
            "SELECT b.id, b.user_id FROM bots AS b JOIN deployments AS d ON d.bot_id = b.id
             WHERE b.status = 'destroyed' AND b.updated_at < $1 AND d.status = 'destroyed' AND d.updated_at < $1
               AND NOT EXISTS (SELECT 1 FROM jobs AS j
                               WHERE j.deployment_id = d.id AND j.status NOT IN ('done', 'cancelled'))
             ORDER BY b.updated_at, b.id LIMIT $2{}",
            tx.for_update()
        );
        let old = tx.query(&sql, params![before, limit as i64]).await?;
        for row in &old {
            let (id, user_id) = (row.text(0)?, row.text(1)?);
            tx.erase_bot(&id).await?;
            tx.note(Deed {
                actor: "server",
                user_id: &user_id,
                action: "forget bot",
                object: Some(&id),
                result: "ok",
                ..Deed::default()
            })
            .await?;
        }
        tx.commit().await?;
        Ok(old.len() as u64)
    }

    /// Keeps the record of a destroyed deployment for the whole time once more: something of it
    /// was seen at the provider.
    pub async fn keep_destroyed(&self, deployment_id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE deployments SET updated_at = $2 WHERE id = $1 AND status = 'destroyed'";
        tx.execute(sql, params![deployment_id, now()]).await?;
        tx.commit().await
    }

    /// Entries of the audit from `since` on and before `until`, oldest first, at most `limit`;
    /// those after the moment and id of `after`, where the last page ended.
    pub async fn audit_between(
        &self,
        since: Millis,
        until: Millis,
        after: Option<(Millis, &str)>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        let (at, id) = after.unwrap_or((since, ""));
        let sql = format!(
            "SELECT {COLUMNS} FROM audit WHERE at >= $1 AND at < $2 AND (at > $1 OR id > $3) ORDER BY at, id LIMIT $4"
        );
        let rows = self.query(&sql, params![at, until, id, limit]).await?;
        rows.iter().map(entry).collect()
    }
}
