//! Getting and holding jobs. A worker holds a job by a lease; each claim raises the fence, and
//! every write of a worker carries the fence it was given. While a job is held, its `run_after`
//! is the end of the lease: so one index finds what is due, new or left behind.

use super::{COLUMNS, job};
use crate::error::{Error, Kind, Result};
use crate::model::{Job, Millis, now};
use crate::store::engine::{News, Store, Tx, Value, params};

/// The lock under which claims of all processes are made one after the other: they count what
/// runs, and two that count at once would both take the last place.
const CLAIMS: i64 = 0x636c_6169_6d73;

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

/// How many jobs may run at once, over all processes, by where the server comes from.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At Hetzner.
    pub hetzner: i64,
    /// At DigitalOcean.
    pub digitalocean: i64,
    /// On servers that users have.
    pub existing: i64,
}

fn held(job: Job) -> (Job, Lease) {
    let lease = Lease {
        job_id: job.id.clone(),
        deployment_id: job.deployment_id.clone(),
        fence: job.fence,
    };
    (job, lease)
}

/// What a claim writes; `$1` the worker, `$2` now, `$3` the lease in milliseconds.
const CLAIM: &str = "status = 'running', fence = fence + 1, attempts = attempts + 1, worker = $1, \
                     lease_until = $2 + $3, run_after = $2 + $3, updated_at = $2";
/// What can be claimed, as far as its own row tells.
const DUE: &str = "j.status IN ('queued', 'running') AND j.run_after <= $2 \
                   AND (j.status = 'queued' OR j.lease_until IS NULL OR j.lease_until <= $2)";
/// Whether it is its deployment's turn: the first that is not done.
const ITS_TURN: &str = "NOT EXISTS (SELECT 1 FROM jobs AS e WHERE e.deployment_id = j.deployment_id \
                        AND e.position < j.position AND e.status NOT IN ('done', 'cancelled'))";

impl Store {
    /// Claims the next job of a deployment: the first that is not done, if it is due and
    /// nobody holds it. One statement.
    pub async fn claim_job(&self, deployment_id: &str, worker: &str, lease_ms: i64) -> Result<Option<(Job, Lease)>> {
        self.claim("j.deployment_id = $4", params![worker, now(), lease_ms, deployment_id])
            .await
    }

    /// Claims the next job of any deployment whose provider has room for one more. One statement.
    pub async fn claim_next(&self, worker: &str, lease_ms: i64, limits: &Limits) -> Result<Option<(Job, Lease)>> {
        let room = "(SELECT d.provider FROM deployments AS d WHERE d.id = j.deployment_id) NOT IN (
                        SELECT d.provider FROM jobs AS r JOIN deployments AS d ON d.id = r.deployment_id
                        WHERE r.status = 'running' AND r.lease_until > $2 GROUP BY d.provider
                        HAVING COUNT(*) >= CASE d.provider WHEN 'hetzner' THEN $4 WHEN 'digitalocean' THEN $5 ELSE $6 END)";
        let values = params![
            worker,
            now(),
            lease_ms,
            limits.hetzner,
            limits.digitalocean,
            limits.existing
        ];
        self.claim(room, values).await
    }

    async fn claim(&self, which: &str, values: &[Value]) -> Result<Option<(Job, Lease)>> {
        let mut tx = self.begin().await?;
        tx.lock(CLAIMS).await?;
        let sql = format!(
            "UPDATE jobs SET {CLAIM} WHERE id = (
                 SELECT j.id FROM jobs AS j WHERE {DUE} AND {ITS_TURN} AND {which}
                 ORDER BY j.run_after, j.id LIMIT 1{})
             RETURNING {COLUMNS}",
            tx.for_claim()
        );
        let rows = tx.query(&sql, values).await?;
        let claimed = rows.first().map(job).transpose()?;
        tx.commit().await?;
        Ok(claimed.map(held))
    }

    /// How many jobs could be claimed now, counting to `most`.
    pub async fn jobs_waiting(&self, most: i64) -> Result<i64> {
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT j.id FROM jobs AS j WHERE {DUE} AND {ITS_TURN} AND $1 > 0 LIMIT $1) AS due"
        );
        let rows = self.query(&sql, params![most, now()]).await?;
        rows.first().map_or(Ok(0), |r| r.int(0))
    }

    /// Lengthens a lease; `false` if it was lost.
    pub async fn renew_lease(&self, lease: &Lease, lease_ms: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        let rows = tx
            .execute(
                "UPDATE jobs SET lease_until = $3, run_after = $3 WHERE id = $1 AND fence = $2 AND status = 'running'",
                params![&lease.job_id, lease.fence, now() + lease_ms],
            )
            .await?;
        tx.commit().await?;
        Ok(rows == 1)
    }

    /// Gives a job back that its worker did not fail at: somebody else may go on with it at
    /// once, and the attempt does not count. `false` if it was lost before.
    pub async fn hand_back(&self, lease: &Lease) -> Result<bool> {
        let mut tx = self.begin().await?;
        let rows = tx
            .execute(
                "UPDATE jobs SET status = 'queued', attempts = attempts - 1, fence = fence + 1, worker = NULL,
                     lease_until = NULL, run_after = $3, updated_at = $3
                 WHERE id = $1 AND fence = $2 AND status = 'running'",
                params![&lease.job_id, lease.fence, now()],
            )
            .await?;
        tx.tell(News::Jobs);
        tx.commit().await?;
        Ok(rows == 1)
    }

    /// Who holds a job of the deployment now: the worker's name and the end of its lease.
    pub async fn job_holder(&self, deployment_id: &str) -> Result<Option<(String, Millis)>> {
        let sql = "SELECT worker, lease_until FROM jobs WHERE deployment_id = $1 AND status = 'running' AND worker IS NOT NULL";
        let rows = self.query(sql, params![deployment_id]).await?;
        rows.first()
            .map(|r| Ok((r.text(0)?, r.int_or_null(1)?.unwrap_or(0))))
            .transpose()
    }

    /// Everyone who holds a job now.
    pub async fn job_holders(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT worker FROM jobs WHERE status = 'running' AND worker IS NOT NULL";
        self.query(sql, &[]).await?.iter().map(|r| r.text(0)).collect()
    }

    /// Ends the leases of a worker that is known to be gone.
    pub async fn end_leases_of(&self, worker: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.execute(
            "UPDATE jobs SET lease_until = 0, run_after = 0 WHERE worker = $1 AND status = 'running'",
            params![worker],
        )
        .await?;
        tx.tell(News::Jobs);
        tx.commit().await
    }
}

impl Tx {
    /// Makes sure that the worker still holds its job.
    ///
    /// # Errors
    /// `busy` if another worker took the job over.
    pub(in crate::store) async fn check_lease(&mut self, lease: &Lease) -> Result<()> {
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
