//! Works the jobs of one deployment off: claims, keeps the lease, runs, ends.

use crate::deploy::{self, Outcome, Platform, Reporter, Story};
use crate::error::{Error, Kind, Result};
use crate::model::{EventKind, Job, JobKind, JobStatus, now};
use crate::store::Lease;
use std::time::{Duration, Instant};

/// How long a claim holds without being renewed.
const LEASE: Duration = Duration::from_secs(30);
/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(8);
/// How long to wait for another worker's lease to run out before giving up.
const PATIENCE: Duration = Duration::from_secs(35);
/// The pause before a job's second attempt; doubles after that.
const BACKOFF_MS: i64 = 2_000;

/// Who works: a process. Its name tells whether it still lives, on the machine that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker(String);

impl Worker {
    /// This process.
    pub fn this() -> Self {
        let pid = std::process::id();
        Worker(format!("{}/{pid}/{}", boot(), started(pid).unwrap_or_default()))
    }

    /// Its name in the store.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether a worker of that name is surely gone: it ran on this boot of this machine, and
    /// its process is no more.
    pub fn is_gone(name: &str) -> bool {
        let mut parts = name.split('/');
        let (Some(machine), Some(pid), Some(start)) =
            (parts.next(), parts.next().and_then(|p| p.parse().ok()), parts.next())
        else {
            return false;
        };
        !machine.is_empty() && machine == boot() && started(pid).as_deref() != Some(start)
    }
}

/// The id of this boot of this machine, or nothing where the system does not tell.
/// and this namespace of process numbers (two containers share the boot, not the numbers).
fn boot() -> String {
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    match boot.trim() {
        "" => String::new(),
        boot => format!("{boot}+{}", namespace.display()),
    }
}

/// When a process was started, in the kernel's ticks; none if it is gone or a zombie.
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18).map(Into::into)
}

/// Works the jobs of a deployment off until none is left. Whatever was cut off before goes on
/// at the first step that is not done.
///
/// # Errors
/// The failure of a job that will not be tried again; `busy` if another worker holds the
/// deployment and goes on holding it.
pub async fn drain(
    platform: &Platform,
    deployment_id: &str,
    worker: &Worker,
    reporter: &dyn Reporter,
) -> Result<Outcome> {
    let store = &platform.store;
    let begun = now();
    let mut taken_back = None;
    let mut waiting_since: Option<Instant> = None;
    loop {
        if let Some((job, lease)) = store
            .claim_job(deployment_id, worker.name(), LEASE.as_millis() as i64)
            .await?
        {
            waiting_since = None;
            taken_back = work(platform, &job, &lease, reporter).await?.or(taken_back);
            continue;
        }
        let open: Vec<Job> = store
            .jobs(deployment_id)
            .await?
            .into_iter()
            .filter(|j| !matches!(j.status, JobStatus::Done | JobStatus::Cancelled))
            .collect();
        let Some(first) = open.first() else {
            return match taken_back {
                Some(why) => Err(why.context("the change was taken back and the bot answers as before, because")),
                None => deploy::outcome(platform, deployment_id, begun).await,
            };
        };
        match first.status {
            JobStatus::Failed => {
                let why = first.failure.clone().unwrap_or_default();
                return Err(Error::new(Kind::State, format!("the job {} failed: {why}", first.kind))
                    .hint("`clawdwako resume` tries it again"));
            }
            JobStatus::Running => {
                if let Some((holder, _)) = store
                    .job_holder(deployment_id)
                    .await?
                    .filter(|(holder, _)| Worker::is_gone(holder))
                {
                    store.end_leases_of(&holder).await?;
                    continue;
                }
                if waiting_since.is_none() {
                    let mut story = Story::new(store, reporter, deployment_id);
                    story.place(first.kind, None);
                    story.warn("another clawdwako is at work on this bot; waiting for it");
                }
                if waiting_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                    return Err(Error::new(Kind::Busy, "another clawdwako is at work on this bot")
                        .hint("wait for it, or watch it with `clawdwako status --watch`"));
                }
            }
            _ => {}
        }
        let due = [Some(first.run_after), first.lease_until]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or_default();
        let pause = (due - now()).clamp(20, 1_000) as u64;
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// Runs one claimed job while its lease is kept; writes down how it ended. Answers why a change
/// of the bot was taken back, if that is what its failure led to.
async fn work(platform: &Platform, job: &Job, lease: &Lease, reporter: &dyn Reporter) -> Result<Option<Error>> {
    let store = &platform.store;
    let result = tokio::select! {
        result = deploy::run(platform, job, lease, reporter) => result,
        lost = keep(platform, lease) => Err(lost),
    };
    let Err(error) = result else {
        let mut tx = store.begin().await?;
        tx.end_job(lease, JobStatus::Done, None, 0).await?;
        tx.commit().await?;
        return Ok(None);
    };
    if error.kind() == Kind::Busy {
        return Err(error);
    }
    let again =
        matches!(error.kind(), Kind::Network | Kind::RateLimited | Kind::Upstream) && job.attempts < job.max_attempts;
    let deployment = store.deployment(&job.deployment_id).await?;
    let mut story = Story::new(store, reporter, &job.deployment_id);
    story.place(job.kind, None);
    let mut tx = store.begin().await?;
    let mut taken_back = false;
    if again {
        let pause = BACKOFF_MS << (job.attempts - 1).clamp(0, 6);
        story.tell(
            EventKind::Warning,
            format!("trying again in {} s: {}", pause / 1000, error.message()),
            None,
        );
        tx.end_job(lease, JobStatus::Queued, Some(&error.message()), now() + pause)
            .await?;
    } else {
        story.tell(EventKind::Result, format!("failed: {}", error.message()), None);
        tx.end_job(lease, JobStatus::Failed, Some(&error.message()), 0).await?;
        taken_back = job.kind != JobKind::DestroyServer && deploy::take_back(&mut tx, &deployment).await?;
        if taken_back {
            story.warn("going back to what the bot answered with before");
        } else {
            deploy::fail(&mut tx, &deployment, job.kind, &error).await?;
        }
    }
    story.write(&mut tx).await?;
    tx.commit().await?;
    match (again, taken_back) {
        (true, _) => Ok(None),
        (false, true) => Ok(Some(error)),
        (false, false) => Err(error),
    }
}

/// Renews the lease until it is lost; answers why.
async fn keep(platform: &Platform, lease: &Lease) -> Error {
    let mut last = Instant::now();
    loop {
        tokio::time::sleep(RENEW).await;
        match platform.store.renew_lease(lease, LEASE.as_millis() as i64).await {
            Ok(true) => last = Instant::now(),
            Ok(false) => {
                return Error::new(Kind::Busy, "another clawdwako took this work over")
                    .hint("`clawdwako status` shows how it goes");
            }
            // The store may be locked for a moment; past the lease's end we must not go on.
            Err(e) if last.elapsed() > LEASE => return e,
            Err(_) => {}
        }
    }
}
