//! Table `steps`: which steps of a deployment are done.

use super::engine::{Store, Tx, params};
use super::jobs::Lease;
use crate::error::Result;
use crate::model::{StepRecord, StepStatus, now};

impl Store {
    /// The steps of a deployment that were begun, in the order in which they were.
    pub async fn steps(&self, deployment_id: &str) -> Result<Vec<StepRecord>> {
        let sql = "SELECT name, status, started_at, duration_ms FROM steps WHERE deployment_id = $1 ORDER BY started_at, name";
        let rows = self.query(sql, params![deployment_id]).await?;
        rows.iter()
            .map(|r| {
                Ok(StepRecord {
                    name: r.text(0)?,
                    status: r.word(1)?,
                    started_at: r.int(2)?,
                    duration_ms: r.int_or_null(3)?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Notes that a step begins.
    pub async fn step_started(&mut self, lease: &Lease, name: &str) -> Result<()> {
        self.check_lease(lease).await?;
        self.execute(
            "INSERT INTO steps (deployment_id, name, status, started_at, duration_ms) VALUES ($1, $2, 'running', $3, NULL)
             ON CONFLICT (deployment_id, name) DO UPDATE SET status = 'running', started_at = excluded.started_at, duration_ms = NULL",
            params![&lease.deployment_id, name, now()],
        )
        .await
        .map(drop)
    }

    /// Notes that steps which were begun, and whose end nobody wrote down, are over.
    pub async fn end_cut_off_steps(&mut self, deployment_id: &str) -> Result<()> {
        let sql = "UPDATE steps SET status = 'failed' WHERE deployment_id = $1 AND status = 'running'";
        self.execute(sql, params![deployment_id]).await.map(drop)
    }

    /// Notes that a step ended.
    pub async fn step_ended(&mut self, lease: &Lease, name: &str, done: bool, duration_ms: i64) -> Result<()> {
        self.check_lease(lease).await?;
        let status = if done { StepStatus::Done } else { StepStatus::Failed };
        self.execute(
            "UPDATE steps SET status = $3, duration_ms = $4 WHERE deployment_id = $1 AND name = $2",
            params![&lease.deployment_id, name, status.as_str(), duration_ms],
        )
        .await
        .map(drop)
    }

    /// Forgets that steps were done, so that the next run does them again.
    pub async fn forget_steps(&mut self, deployment_id: &str, names: &[&str]) -> Result<()> {
        for name in names {
            self.execute(
                "DELETE FROM steps WHERE deployment_id = $1 AND name = $2",
                params![deployment_id, *name],
            )
            .await?;
        }
        Ok(())
    }
}
