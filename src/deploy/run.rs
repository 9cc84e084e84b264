//! Runs one claimed job: its steps in order, those that are done already left out.

use super::change::change_is_over;
use super::steps::Step;
use super::{Cx, Platform, Reporter, Story};
use crate::error::{Error, Kind, Result};
use crate::model::{
    Bot, BotStatus, Deployment, DeploymentStatus, EventKind, Failure, Job, JobKind, Millis, StepRecord, StepStatus, now,
};
use crate::store::{Lease, Tx};
use serde::Serialize;
use std::time::Instant;

/// Does the steps of a job that are not done yet. Each step's end, its facts, its secrets and
/// its events are saved in one transaction, which fails if the lease was lost.
///
/// # Errors
/// The step's own, with the step's title in front.
pub async fn run(platform: &Platform, job: &Job, lease: &Lease, reporter: &dyn Reporter) -> Result<()> {
    let deployment = platform.store.deployment(&job.deployment_id).await?;
    let bot = platform.store.bot_by_id(&deployment.bot_id).await?;
    let story = Story::new(&platform.store, reporter, &deployment.id);
    let mut cx = Cx::new(platform, bot, deployment, story);
    begin(&mut cx, job).await?;
    let steps = platform.store.steps(&job.deployment_id).await?;
    let named = |status: StepStatus| {
        steps
            .iter()
            .filter(|s| s.status == status)
            .map(|s| s.name.clone())
            .collect::<Vec<_>>()
    };
    let done = named(StepStatus::Done);
    cx.cut_off = named(StepStatus::Running);
    for &step in Step::of(job.kind) {
        if !step.applies(cx.deployment.provider) || done.iter().any(|d| d == step.name()) {
            continue;
        }
        one(&mut cx, step, job, lease).await?;
    }
    end(&mut cx, job).await
}

async fn one(cx: &mut Cx<'_>, step: Step, job: &Job, lease: &Lease) -> Result<()> {
    cx.story.place(job.kind, Some(step.name()));
    cx.story.tell(EventKind::StepStarted, step.title(), None);
    let mut tx = cx.platform.store.begin().await?;
    tx.step_started(lease, step.name()).await?;
    cx.story.write(&mut tx).await?;
    tx.commit().await?;

    let clock = Instant::now();
    let result = step.run(cx).await;
    let took = clock.elapsed().as_millis() as i64;

    let mut tx = cx.platform.store.begin().await?;
    tx.step_ended(lease, step.name(), result.is_ok(), took).await?;
    match &result {
        Ok(()) => {
            tx.save_facts(lease, &cx.deployment.facts).await?;
            let owner = cx.owner();
            for (name, value) in std::mem::take(&mut cx.new_secrets) {
                tx.put_secret(&owner, name, &value).await?;
            }
            for name in std::mem::take(&mut cx.spent_secrets) {
                tx.delete_secret(&owner, name).await?;
            }
            if let Some(packages) = cx.new_packages.take() {
                tx.keep_packages(&packages).await?;
            }
            if let Some(username) = &cx.bot.username {
                tx.set_bot_username(&cx.bot.id, username).await?;
            }
            cx.story.tell(EventKind::StepDone, step.title(), Some(took));
        }
        Err(e) => cx.story.tell(
            EventKind::StepFailed,
            format!("{}: {}", step.title(), e.message()),
            Some(took),
        ),
    }
    cx.story.write(&mut tx).await?;
    tx.commit().await?;
    result.map_err(|e| e.context(format!("{} failed", step.title())))
}

/// The first job of a deployment that runs makes it `deploying`; a destroy job `destroying`.
async fn begin(cx: &mut Cx<'_>, job: &Job) -> Result<()> {
    let next = if job.kind == JobKind::DestroyServer {
        DeploymentStatus::Destroying
    } else {
        DeploymentStatus::Deploying
    };
    set(cx, next, BotStatus::Deploying, None).await
}

async fn end(cx: &mut Cx<'_>, job: &Job) -> Result<()> {
    match job.kind {
        JobKind::StartBot => {
            let mut tx = cx.platform.store.begin().await?;
            change_is_over(&mut tx, &cx.bot.id).await?;
            status(&mut tx, cx, DeploymentStatus::Active, BotStatus::Active, None).await?;
            cx.story.write(&mut tx).await?;
            tx.commit().await
        }
        JobKind::DestroyServer => {
            let mut tx = cx.platform.store.begin().await?;
            tx.delete_secrets(&cx.owner()).await?;
            // What was cut off before the destroy goes on no more.
            tx.end_cut_off_steps(&cx.deployment.id).await?;
            status(&mut tx, cx, DeploymentStatus::Destroyed, BotStatus::Destroyed, None).await?;
            cx.story.write(&mut tx).await?;
            tx.commit().await
        }
        _ => cx.story.flush().await,
    }
}

async fn set(cx: &mut Cx<'_>, deployment: DeploymentStatus, bot: BotStatus, failure: Option<&str>) -> Result<()> {
    let mut tx = cx.platform.store.begin().await?;
    status(&mut tx, cx, deployment, bot, failure).await?;
    cx.story.write(&mut tx).await?;
    tx.commit().await
}

async fn status(
    tx: &mut Tx,
    cx: &Cx<'_>,
    deployment: DeploymentStatus,
    bot: BotStatus,
    failure: Option<&str>,
) -> Result<()> {
    tx.set_deployment_status(&cx.deployment.id, deployment).await?;
    tx.set_bot_status(&cx.bot.id, bot, failure).await
}

/// Notes that a job failed for good: the deployment is `failed`, or `stuck` if it was being
/// taken down, and the bot tells why.
pub(crate) async fn fail(tx: &mut Tx, deployment: &Deployment, kind: JobKind, error: &Error) -> Result<()> {
    let next = if kind == JobKind::DestroyServer {
        DeploymentStatus::Stuck
    } else {
        DeploymentStatus::Failed
    };
    tx.set_deployment_status(&deployment.id, next).await?;
    tx.set_last_failure(&deployment.bot_id, Some(&Failure::of(error)))
        .await?;
    tx.set_bot_status(&deployment.bot_id, BotStatus::Failed, Some(&error.message()))
        .await
}

/// How a deployment ended: what `deploy` shows last.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The bot.
    pub bot: Bot,
    /// The server it lives on.
    pub deployment: Deployment,
    /// The link that opens a chat with it.
    pub link: Option<String>,
    /// From the begin of this run's first step to the end of its last, in milliseconds.
    pub total_ms: i64,
    /// The part of `total_ms` that was not spent waiting for the cloud, downloads, npm or the
    /// agent's start, in milliseconds.
    pub overhead_ms: i64,
    /// The steps of this run with their times.
    pub steps: Vec<StepRecord>,
}

/// Sums up what was done of a deployment since a moment.
pub async fn outcome(platform: &Platform, deployment_id: &str, since: Millis) -> Result<Outcome> {
    let deployment = platform.store.deployment(deployment_id).await?;
    let bot = platform.store.bot_by_id(&deployment.bot_id).await?;
    let steps = platform.store.steps(deployment_id).await?;
    Ok(Outcome::of(bot, deployment, steps, since))
}

impl Outcome {
    /// Sums up what was done since a moment, of all steps that there are.
    pub fn of(bot: Bot, deployment: Deployment, mut steps: Vec<StepRecord>, since: Millis) -> Outcome {
        let took = |s: &StepRecord| s.duration_ms.unwrap_or_else(|| now() - s.started_at);
        steps.retain(|s| s.started_at >= since);
        let start = steps.iter().map(|s| s.started_at).min().unwrap_or_default();
        let end = steps.iter().map(|s| s.started_at + took(s)).max().unwrap_or_default();
        let waited: i64 = steps
            .iter()
            .filter(|s| Step::by_name(&s.name).is_some_and(|s| s.waits_for().is_some()))
            .map(took)
            .sum();
        Outcome {
            link: bot.link(),
            total_ms: end - start,
            overhead_ms: (end - start - waited).max(0),
            bot,
            deployment,
            steps,
        }
    }

    /// Whether the bot answers now.
    ///
    /// # Errors
    /// `wrong_state` if it does not.
    pub fn active(self) -> Result<Outcome> {
        match self.bot.status {
            BotStatus::Active => Ok(self),
            other => Err(
                Error::new(Kind::State, format!("the bot {:?} is {other}", self.bot.name))
                    .hint(format!("`clawdwako status {}` tells more", self.bot.name)),
            ),
        }
    }
}
