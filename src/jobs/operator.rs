//! What an operator does to jobs by hand.

use crate::deploy::{self, Silent, Story};
use crate::error::{Error, Kind, Result};
use crate::model::{EventKind, Job, JobKind, JobStatus};
use crate::store::Store;

/// Cancels a job that is not done, and those after it in its deployment, which build on it. A
/// worker that holds one loses it. The bot counts as failed until it is tried again.
///
/// # Errors
/// `not_found`; `wrong_state` if it is done or cancelled already.
pub async fn cancel(store: &Store, job_id: &str) -> Result<Job> {
    let job = store.job(job_id).await?;
    let deployment = store.deployment(&job.deployment_id).await?;
    let mut tx = store.begin().await?;
    let over = matches!(job.status, JobStatus::Done | JobStatus::Cancelled);
    if over || tx.cancel_jobs_from(&job).await? == 0 {
        return Err(Error::new(
            Kind::State,
            format!("the job {} is {} and cannot be cancelled", job.id, job.status),
        ));
    }
    let why = Error::new(Kind::Interrupted, format!("an operator cancelled the job {}", job.kind));
    deploy::fail(&mut tx, &deployment, job.kind, &why).await?;
    tell(store, &job, &format!("failed: {}", why.message()))
        .write(&mut tx)
        .await?;
    tx.commit().await?;
    store.job(job_id).await
}

/// Puts a failed or cancelled job back into the queue, with those after it.
///
/// # Errors
/// `not_found`; `wrong_state` if it is neither, or if the bot's destroy was begun and this is not it.
pub async fn retry(store: &Store, job_id: &str) -> Result<Job> {
    let job = store.job(job_id).await?;
    if !matches!(job.status, JobStatus::Failed | JobStatus::Cancelled) {
        return Err(Error::new(
            Kind::State,
            format!("the job {} is {} and need not be tried again", job.id, job.status),
        ));
    }
    let deployment = store.deployment(&job.deployment_id).await?;
    if job.kind != JobKind::DestroyServer {
        let bot = store.bot_by_id(&deployment.bot_id).await?;
        deploy::demand_kept(&bot, &store.jobs(&deployment.id).await?)?;
    }
    let mut tx = store.begin().await?;
    tx.set_last_failure(&deployment.bot_id, None).await?;
    tx.requeue_jobs_from(&job).await?;
    tell(store, &job, "an operator has it tried again")
        .write(&mut tx)
        .await?;
    tx.commit().await?;
    store.job(job_id).await
}

fn tell<'a>(store: &'a Store, job: &Job, text: &str) -> Story<'a> {
    let mut story = Story::new(store, &Silent, &job.deployment_id);
    story.place(job.kind, None);
    story.tell(EventKind::Result, text, None);
    story
}
