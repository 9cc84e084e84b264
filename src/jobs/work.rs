//! Runs one claimed job: keeps its lease, and writes down how it ended. The same for the
//! terminal and for a crew.

use crate::deploy::{self, Reporter, Story};
use crate::error::{Error, Kind, Result};
use crate::model::{EventKind, Job, JobKind, JobStatus, now};
use crate::store::{Lease, Store};
use std::future::Future;
use std::time::{Duration, Instant};

/// How often a job may be left behind by a worker that died, beside the attempts that it may
/// fail: whoever kills its worker each time must not do so for ever.
const DEATHS: i64 = 10;
/// The pause between tries to write down how a job ended, while the store is away.
const PAUSE: Duration = Duration::from_millis(500);

/// For how long a job is held, and when it is tried again.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long a claim holds without being renewed.
    pub lease: Duration,
    /// How often it is renewed: well below the lease.
    pub renew: Duration,
    /// The pause before a job's second attempt; doubles after that.
    pub backoff: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            lease: Duration::from_secs(30),
            renew: Duration::from_secs(8),
            backoff: Duration::from_secs(2),
        }
    }
}

impl Terms {
    pub(super) fn lease_ms(&self) -> i64 {
        self.lease.as_millis() as i64
    }
}

/// How a claimed job ended.
#[derive(Debug)]
pub enum Ended {
    /// It is done.
    Done,
    /// It waits for its next attempt; this is why.
    Again(Error),
    /// It failed, and with it a change of the bot, which was taken back; this is why.
    TakenBack(Error),
    /// It failed for good: somebody has to look at it.
    Failed(Error),
}

/// What was written down of a job's end.
enum Written {
    Done,
    Again,
    TakenBack,
    Failed,
}

/// Runs one claimed job while its lease is kept; writes down how it ended.
///
/// # Errors
/// `busy` if another worker took it over: then `run` was dropped where it was. The store's own,
/// if it stays away: then the lease runs out, and a worker goes on.
pub async fn work(
    store: &Store,
    terms: &Terms,
    job: &Job,
    lease: &Lease,
    reporter: &dyn Reporter,
    run: impl Future<Output = Result<()>>,
) -> Result<Ended> {
    let result = if job.attempts > job.max_attempts + DEATHS {
        let times = job.attempts - 1;
        Err(
            Error::new(Kind::Internal, format!("its worker ended before it did, {times} times"))
                .hint("the log of the control server tells why; then try it again"),
        )
    } else {
        tokio::select! {
            result = run => result,
            lost = keep(store, terms, lease) => return Err(lost),
        }
    };
    // What was done must not be lost because the store is away for a moment: its end is written
    // again for as long as the job is ours.
    let until = Instant::now() + terms.lease;
    let error = result.err();
    let written = loop {
        match conclude(store, terms, job, lease, reporter, error.as_ref()).await {
            Err(e) if e.kind() == Kind::Network && Instant::now() < until => tokio::time::sleep(PAUSE).await,
            written => break written?,
        }
    };
    Ok(match (written, error) {
        (Written::Again, Some(why)) => Ended::Again(why),
        (Written::TakenBack, Some(why)) => Ended::TakenBack(why),
        (Written::Failed, Some(why)) => Ended::Failed(why),
        _ => Ended::Done,
    })
}

/// Writes down how a job ended, in one transaction.
async fn conclude(
    store: &Store,
    terms: &Terms,
    job: &Job,
    lease: &Lease,
    reporter: &dyn Reporter,
    error: Option<&Error>,
) -> Result<Written> {
    let Some(error) = error else {
        let mut tx = store.begin().await?;
        tx.end_job(lease, JobStatus::Done, None, 0).await?;
        tx.commit().await?;
        return Ok(Written::Done);
    };
    // Busy is a store that is crowded, or a job that is not ours any more.
    if error.kind() == Kind::Busy && !store.renew_lease(lease, terms.lease_ms()).await? {
        return Err(lost());
    }
    let again = matches!(
        error.kind(),
        Kind::Network | Kind::RateLimited | Kind::Upstream | Kind::Busy
    ) && job.attempts < job.max_attempts;
    let deployment = store.deployment(&job.deployment_id).await?;
    let mut story = Story::new(store, reporter, &job.deployment_id);
    story.place(job.kind, None);
    let mut tx = store.begin().await?;
    let written = if again {
        let pause = terms.backoff * (1 << (job.attempts - 1).clamp(0, 6));
        story.tell(
            EventKind::Warning,
            format!("trying again in {} s: {}", pause.as_secs(), error.message()),
            None,
        );
        let next = now() + pause.as_millis() as i64;
        tx.end_job(lease, JobStatus::Queued, Some(&error.message()), next)
            .await?;
        Written::Again
    } else {
        story.tell(EventKind::Result, format!("failed: {}", error.message()), None);
        tx.end_job(lease, JobStatus::Failed, Some(&error.message()), 0).await?;
        if job.kind != JobKind::DestroyServer && deploy::take_back(&mut tx, &deployment, error).await? {
            story.warn("going back to what the bot answered with before");
            Written::TakenBack
        } else {
            deploy::fail(&mut tx, &deployment, job.kind, error).await?;
            Written::Failed
        }
    };
    story.write(&mut tx).await?;
    tx.commit().await?;
    Ok(written)
}

/// Renews the lease until it is lost; answers why.
async fn keep(store: &Store, terms: &Terms, lease: &Lease) -> Error {
    let mut ends = Instant::now() + terms.lease;
    loop {
        let next = (Instant::now() + terms.renew).min(ends);
        tokio::time::sleep_until(next.into()).await;
        // Whoever else claims the job counts from when we asked, at the earliest.
        let asked = Instant::now();
        let renewed = tokio::time::timeout_at(ends.into(), store.renew_lease(lease, terms.lease_ms())).await;
        match renewed {
            Ok(Ok(true)) => ends = asked + terms.lease,
            Ok(Ok(false)) => return lost(),
            // The store may be away for a moment; past the lease's end we must not go on.
            Ok(Err(_)) if Instant::now() < ends => {}
            Ok(Err(e)) => return e,
            Err(_) => return lost(),
        }
    }
}

fn lost() -> Error {
    Error::new(Kind::Busy, "another clawdwako took this work over").hint("`clawdwako status` shows how it goes")
}
