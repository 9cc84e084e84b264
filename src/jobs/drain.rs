//! Works the jobs of one deployment off, for the terminal that waits for it.

use super::work::{Ended, Terms, work};
use crate::deploy::{self, Outcome, Platform, Reporter, Story};
use crate::error::{Error, Kind, Result};
use crate::model::{Failure, Job, JobStatus, now};
use crate::store::Worker;
use std::time::{Duration, Instant};

/// How long to wait for another worker's lease to run out before giving up.
const PATIENCE: Duration = Duration::from_secs(35);

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
    let (store, terms) = (&platform.store, Terms::default());
    let begun = now();
    let mut taken_back = None;
    let mut waiting_since: Option<Instant> = None;
    loop {
        if let Some((job, lease)) = store.claim_job(deployment_id, worker.name(), terms.lease_ms()).await? {
            waiting_since = None;
            let job_done = deploy::run(platform, &job, &lease, reporter);
            match work(store, &terms, &job, &lease, reporter, job_done).await? {
                Ended::TakenBack(why) => taken_back = Some(why),
                Ended::Failed(why) => return Err(why),
                Ended::Done | Ended::Again(_) => {}
            }
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
                Some(why) => Err(Failure::of_change(&why).into()),
                None => deploy::outcome(platform, deployment_id, begun).await,
            };
        };
        match first.status {
            JobStatus::Failed => {
                let bot_id = store.deployment(deployment_id).await?.bot_id;
                if let Some(failure) = store.last_failure(&bot_id).await? {
                    return Err(failure.into());
                }
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
