//! Table `jobs`: the durable queue. A worker holds a job by a lease; each claim raises the
//! fence, and every write of a worker carries the fence it was given.

use super::engine::{Row, Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Job, JobKind, JobStatus, Millis, new_id, now};

const COLUMNS: &str =
    "id, deployment_id, kind, position, status, attempts, max_attempts, fence, lease_until, run_after, failure";

/// A claimed job, as its worker's writes name it.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The job's id.
    pub job_id: String,
    /// Its deployment.
    pub deployment_id: String,
    /// The fence of this claim.
    pub fence: i64,
}

fn job(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.text(0)?,
        deployment_id: row.text(1)?,
        kind: row.word(2)?,
        position: row.int(3)?,
        status: row.word(4)?,
        attempts: row.int(5)?,
        max_attempts: row.int(6)?,
        fence: row.int(7)?,
        lease_until: row.int_or_null(8)?,
        run_after: row.int(9)?,
        failure: row.text_or_null(10)?,
    })
}

impl Store {
    /// Whether a deployment has work that goes on, or waits for a worker.
    pub async fn has_work(&self, deployment_id: &str) -> Result<bool> {
        // What stands behind a failed job waits for somebody, not for a worker.
        let jobs = self.jobs(deployment_id).await?;
        let first = jobs
            .iter()
            .find(|j| !matches!(j.status, JobStatus::Done | JobStatus::Cancelled));
        Ok(first.is_some_and(|j| j.status != JobStatus::Failed))
    }

    /// The jobs of a deployment, in order.
    pub async fn jobs(&self, deployment_id: &str) -> Result<Vec<Job>> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE deployment_id = $1 ORDER BY position");
        self.query(&sql, params![deployment_id])
            .await?
            .iter()
            .map(job)
            .collect()
    }

    /// Who holds a job of the deployment now: the worker's name and the end of its lease.
    pub async fn job_holder(&self, deployment_id: &str) -> Result<Option<(String, Millis)>> {
        let sql = "SELECT worker, lease_until FROM jobs WHERE deployment_id = $1 AND status = 'running' AND worker IS NOT NULL";
        let rows = self.query(sql, params![deployment_id]).await?;
        rows.first()
            .map(|r| Ok((r.text(0)?, r.int_or_null(1)?.unwrap_or(0))))
            .transpose()
    }

    /// Claims the next job of a deployment: the first that is not done, if it is due and
    /// nobody holds it. One statement.
    pub async fn claim_job(&self, deployment_id: &str, worker: &str, lease_ms: i64) -> Result<Option<(Job, Lease)>> {
        let mut tx = self.begin().await?;
        let sql = format!(
            "UPDATE jobs SET status = 'running', fence = fence + 1, attempts = attempts + 1, worker = $2, lease_until = $3 + $4, updated_at = $3
             WHERE id = (SELECT id FROM jobs WHERE deployment_id = $1 AND status NOT IN ('done', 'cancelled') ORDER BY position LIMIT 1)
               AND status IN ('queued', 'running') AND run_after <= $3 AND (status = 'queued' OR lease_until IS NULL OR lease_until <= $3)
             RETURNING {COLUMNS}"
        );
        let rows = tx.query(&sql, params![deployment_id, worker, now(), lease_ms]).await?;
        let claimed = rows.first().map(job).transpose()?;
        tx.commit().await?;
        Ok(claimed.map(|job| {
            let lease = Lease {
                job_id: job.id.clone(),
                deployment_id: job.deployment_id.clone(),
                fence: job.fence,
            };
            (job, lease)
        }))
    }

    /// Lengthens a lease; `false` if it was lost.
    pub async fn renew_lease(&self, lease: &Lease, lease_ms: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        let rows = tx
            .execute(
                "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND status = 'running'",
                params![&lease.job_id, lease.fence, now() + lease_ms],
            )
            .await?;
        tx.commit().await?;
        Ok(rows == 1)
    }

    /// Ends the leases of a worker that is known to be gone.
    pub async fn end_leases_of(&self, worker: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.execute(
            "UPDATE jobs SET lease_until = 0 WHERE worker = $1 AND status = 'running'",
            params![worker],
        )
        .await?;
        tx.commit().await
    }
}

impl Tx {
    /// Whether a deployment has a job of a kind, whatever became of it.
    pub async fn has_job(&mut self, deployment_id: &str, kind: JobKind) -> Result<bool> {
        let sql = "SELECT 1 FROM jobs WHERE deployment_id = $1 AND kind = $2";
        Ok(!self.query(sql, params![deployment_id, kind.as_str()]).await?.is_empty())
    }

    /// Enqueues a job, or puts the one of that kind back to the start of its life.
    pub async fn enqueue(&mut self, deployment_id: &str, kind: JobKind, max_attempts: i64) -> Result<()> {
        let position = JobKind::ALL.iter().position(|&k| k == kind).unwrap_or_default() as i64;
        let sql = "INSERT INTO jobs (id, deployment_id, kind, position, status, attempts, max_attempts, fence, run_after, updated_at)
                   VALUES ($1, $2, $3, $4, 'queued', 0, $5, 0, 0, $6)
                   ON CONFLICT (deployment_id, kind) DO UPDATE
                   SET status = 'queued', attempts = 0, lease_until = NULL, worker = NULL, run_after = 0, failure = NULL,
                       fence = jobs.fence + 1, updated_at = excluded.updated_at";
        self.execute(
            sql,
            params![new_id(), deployment_id, kind.as_str(), position, max_attempts, now()],
        )
        .await
        .map(drop)
    }

    /// Lets a queued job wait until a moment.
    pub async fn delay_job(&mut self, deployment_id: &str, kind: JobKind, not_before: Millis) -> Result<()> {
        self.execute(
            "UPDATE jobs SET run_after = $3 WHERE deployment_id = $1 AND kind = $2 AND status = 'queued'",
            params![deployment_id, kind.as_str(), not_before],
        )
        .await
        .map(drop)
    }

    /// Cancels all jobs of a deployment that are not done.
    pub async fn cancel_jobs(&mut self, deployment_id: &str) -> Result<()> {
        self.execute(
            "UPDATE jobs SET status = 'cancelled', fence = fence + 1, lease_until = NULL, worker = NULL, updated_at = $2
             WHERE deployment_id = $1 AND status <> 'done'",
            params![deployment_id, now()],
        )
        .await
        .map(drop)
    }

    /// Cancels the jobs of a deployment that are not done, except one kind. A worker that
    /// holds one loses it.
    pub async fn cancel_jobs_except(&mut self, deployment_id: &str, keep: JobKind) -> Result<()> {
        self.execute(
            "UPDATE jobs SET status = 'cancelled', fence = fence + 1, lease_until = NULL, worker = NULL, updated_at = $3
             WHERE deployment_id = $1 AND kind <> $2 AND status <> 'done'",
            params![deployment_id, keep.as_str(), now()],
        )
        .await
        .map(drop)
    }

    /// Puts failed jobs back into the queue.
    pub async fn requeue_failed(&mut self, deployment_id: &str) -> Result<()> {
        self.execute(
            "UPDATE jobs SET status = 'queued', attempts = 0, run_after = 0, failure = NULL, updated_at = $2 WHERE deployment_id = $1 AND status = 'failed'",
            params![deployment_id, now()],
        )
        .await
        .map(drop)
    }

    /// Ends a claim: the job is done, failed, or waits until `run_after` for its next attempt.
    ///
    /// # Errors
    /// `busy` if another worker took the job over.
    pub async fn end_job(
        &mut self,
        lease: &Lease,
        status: JobStatus,
        failure: Option<&str>,
        run_after: Millis,
    ) -> Result<()> {
        self.check_lease(lease).await?;
        self.execute(
            "UPDATE jobs SET status = $2, failure = $3, run_after = $4, lease_until = NULL, worker = NULL, updated_at = $5 WHERE id = $1",
            params![&lease.job_id, status.as_str(), failure, run_after, now()],
        )
        .await
        .map(drop)
    }

    /// Makes sure that the worker still holds its job.
    ///
    /// # Errors
    /// `busy` if another worker took the job over.
    pub(super) async fn check_lease(&mut self, lease: &Lease) -> Result<()> {
        let sql = format!(
            "SELECT fence FROM jobs WHERE id = $1 AND fence = $2 AND status = 'running'{}",
            self.for_update()
        );
        let rows = self.query(&sql, params![&lease.job_id, lease.fence]).await?;
        if rows.is_empty() {
            return Err(Error::new(Kind::Busy, "another clawdwako took this work over")
                .hint("`clawdwako status` shows how it goes"));
        }
        Ok(())
    }
}
