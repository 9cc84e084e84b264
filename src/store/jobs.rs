//! Table `jobs`: the durable queue. `claim` is how workers get and hold jobs; here is what puts
//! them in, ends them and shows them.

mod claim;

pub use claim::{Lease, Limits};

use super::engine::{News, Row, Store, Tx, params};
use crate::error::{Error, Kind, Result};
use crate::model::{Job, JobKind, JobStatus, Millis, new_id, now};

const COLUMNS: &str =
    "id, deployment_id, kind, position, status, attempts, max_attempts, fence, lease_until, run_after, failure";

/// Which jobs of all deployments to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct JobFilter<'a> {
    /// Only those that are so.
    pub status: Option<JobStatus>,
    /// Only those after this id, in the order of the list.
    pub after: Option<&'a str>,
}

/// A job as an operator sees it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ListedJob {
    /// The job.
    #[serde(flatten)]
    pub job: Job,
    /// The name of its bot.
    pub bot: String,
    /// Whose bot it is.
    pub user_id: String,
    /// Who holds it.
    pub worker: Option<String>,
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

    /// One job.
    ///
    /// # Errors
    /// `not_found` if there is none.
    pub async fn job(&self, id: &str) -> Result<Job> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE id = $1");
        let rows = self.query(&sql, params![id]).await?;
        rows.first().map(job).unwrap_or_else(|| {
            Err(Error::new(Kind::NotFound, format!("there is no job {id}"))
                .hint("`clawdwako server admin job list` shows the jobs that there are"))
        })
    }

    /// Jobs of all deployments, oldest first, at most `limit`.
    pub async fn find_jobs(&self, filter: JobFilter<'_>, limit: i64) -> Result<Vec<ListedJob>> {
        let columns = COLUMNS
            .split(", ")
            .map(|c| format!("j.{c}"))
            .collect::<Vec<_>>()
            .join(", ");
        let sql = format!(
            "SELECT {columns}, b.name, b.user_id, j.worker
             FROM jobs AS j JOIN deployments AS d ON d.id = j.deployment_id JOIN bots AS b ON b.id = d.bot_id
             WHERE ($1 = '' OR j.status = $1) AND j.id > $2 ORDER BY j.id LIMIT $3"
        );
        let status = filter.status.map_or("", JobStatus::as_str);
        self.query(&sql, params![status, filter.after.unwrap_or_default(), limit])
            .await?
            .iter()
            .map(|r| {
                Ok(ListedJob {
                    job: job(r)?,
                    bot: r.text(11)?,
                    user_id: r.text(12)?,
                    worker: r.text_or_null(13)?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Whether a deployment has a job of a kind, whatever became of it.
    pub async fn has_job(&mut self, deployment_id: &str, kind: JobKind) -> Result<bool> {
        let sql = "SELECT 1 FROM jobs WHERE deployment_id = $1 AND kind = $2";
        Ok(!self.query(sql, params![deployment_id, kind.as_str()]).await?.is_empty())
    }

    /// Whether a deployment's job of a kind failed.
    pub async fn has_failed_job(&mut self, deployment_id: &str, kind: JobKind) -> Result<bool> {
        let sql = "SELECT 1 FROM jobs WHERE deployment_id = $1 AND kind = $2 AND status = 'failed'";
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
        .await?;
        self.tell(News::Jobs);
        Ok(())
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
        .await?;
        self.tell(News::Jobs);
        Ok(())
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
        .await?;
        // The next one of the deployment can be claimed now.
        self.tell(News::Jobs);
        Ok(())
    }

    /// Cancels a job that is not done, and those after it in its deployment, which build on it.
    /// A worker that holds one loses it. Answers how many.
    pub async fn cancel_jobs_from(&mut self, job: &Job) -> Result<u64> {
        self.execute(
            "UPDATE jobs SET status = 'cancelled', fence = fence + 1, lease_until = NULL, worker = NULL, updated_at = $3
             WHERE deployment_id = $1 AND position >= $2 AND status NOT IN ('done', 'cancelled')",
            params![&job.deployment_id, job.position, now()],
        )
        .await
    }

    /// Puts a failed or cancelled job back into the queue, and those after it that were cancelled
    /// with it, never a destroy. Answers how many.
    pub async fn requeue_jobs_from(&mut self, job: &Job) -> Result<u64> {
        let requeued = self
            .execute(
                "UPDATE jobs SET status = 'queued', attempts = 0, run_after = 0, failure = NULL, updated_at = $4
                 WHERE deployment_id = $1 AND position >= $2 AND status IN ('failed', 'cancelled') AND (id = $3 OR kind <> 'destroy_server')",
                params![&job.deployment_id, job.position, &job.id, now()],
            )
            .await?;
        self.tell(News::Jobs);
        Ok(requeued)
    }
}
