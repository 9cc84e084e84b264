//! Puts work into the queue for a bot that exists: go on, change it, take it down.

use super::create::ATTEMPTS;
use super::steps::Step;
use super::{Platform, care, create::secret_names};
use crate::error::{Error, Kind, Result};
use crate::model::{
    Audience, Bot, BotStatus, Deployment, DeploymentStatus, Failure, Former, Job, JobKind, JobStatus, now,
};
use crate::openclaw::catalog;
use crate::secrets::Secret;
use crate::store::{Deed, Owner, Tx, Worker};

/// What `set` changes; none leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Another model, as `provider/model`.
    pub model: Option<String>,
    /// The key for the other model's provider; the one that the bot has, if left out.
    pub model_key: Option<Secret>,
    /// Who it is to answer.
    pub audience: Option<Audience>,
}

/// Puts the failed jobs back, so that the work can go on. A destroy that failed goes on as a destroy.
/// An agent that works, and that an earlier version shut in less than this one, is started anew.
///
/// # Errors
/// `wrong_state` if there is nothing to go on with.
pub async fn begin_resume(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    if !platform
        .store
        .jobs(&deployment.id)
        .await?
        .iter()
        .any(|j| !matches!(j.status, JobStatus::Done | JobStatus::Cancelled))
    {
        if bot.status == BotStatus::Active && wants_its_cage(platform, bot, deployment).await {
            return begin_start(platform, bot, deployment).await;
        }
        return Err(Error::new(
            Kind::State,
            format!(
                "the bot {:?} is {}: there is nothing to go on with",
                bot.name, bot.status
            ),
        )
        .hint(match bot.status {
            BotStatus::Failed => format!(
                "`clawdwako start {0}` starts its agent, `clawdwako stop {0}` stops it",
                bot.name
            ),
            _ => format!("`clawdwako status {}` shows it", bot.name),
        }));
    }
    let mut tx = platform.store.begin().await?;
    go_on(&mut tx, deployment).await?;
    tx.commit().await
}

/// Whether a restart would shut a bot's agent in better than it is. A server that cannot be looked at
/// is no reason to restart anything.
async fn wants_its_cage(platform: &Platform, bot: &Bot, deployment: &Deployment) -> bool {
    let looked = care::look(platform, bot, deployment).await;
    looked.is_ok_and(|report| report.cage.is_some_and(|cage| cage.mends()))
}

/// Puts the failed jobs of a deployment back; why they failed is history then. An agent that did
/// not come up is configured and started anew: it reads its configuration, and asks Telegram about
/// its token, only when it starts, and would not notice what was mended since.
pub async fn go_on(tx: &mut Tx, deployment: &Deployment) -> Result<()> {
    tx.set_last_failure(&deployment.bot_id, None).await?;
    if tx.has_failed_job(&deployment.id, JobKind::StartBot).await? {
        configure_again(tx, deployment).await?;
    }
    tx.requeue_failed(&deployment.id).await
}

/// Writes a change down and queues its jobs: configure and start, behind the same gate. A new
/// model's key is proved first, so that a bot that answers is not stopped for one that can't.
/// What it answers with now is kept: if the gate stays shut, [`take_back`] restores it.
///
/// # Errors
/// `wrong_state` if the bot was never deployed; what the proof of the key answers.
pub async fn begin_change(platform: &Platform, bot: &Bot, deployment: &Deployment, change: &Change) -> Result<()> {
    demand_deployed(platform, bot, deployment).await?;
    let model = change.model.as_deref().unwrap_or(&bot.model);
    let owner = Owner::Bot(bot.id.clone());
    if change.model.is_some() {
        let key = match &change.model_key {
            Some(key) => key.clone(),
            None => platform.store.secret(&owner, secret_names::MODEL).await?,
        };
        crate::models::prove(&platform.http, &platform.endpoints, &catalog::parse_model(model)?, &key).await?;
    }
    let mut tx = platform.store.begin().await?;
    if bot.status == BotStatus::Active {
        let former = Former {
            model: bot.model.clone(),
            audience: bot.audience,
        };
        tx.set_former(&bot.id, Some(&former)).await?;
        tx.copy_secret(&owner, secret_names::MODEL, secret_names::MODEL_FORMER)
            .await?;
    }
    tx.set_last_failure(&bot.id, None).await?;
    tx.set_bot_model_and_audience(&bot.id, model, change.audience.unwrap_or(bot.audience))
        .await?;
    if let Some(key) = &change.model_key {
        tx.put_secret(&owner, secret_names::MODEL, key).await?;
    }
    configure_again(&mut tx, deployment).await?;
    tx.set_deployment_status(&deployment.id, DeploymentStatus::Deploying)
        .await?;
    tx.set_bot_status(&bot.id, BotStatus::Deploying, None).await?;
    tx.commit().await
}

/// Takes a change back that failed at the gate: what the bot last answered with counts again,
/// and is queued, and why it failed is kept. Answers whether there was such a change; a second
/// failure finds none.
pub(crate) async fn take_back(tx: &mut Tx, deployment: &Deployment, why: &Error) -> Result<bool> {
    let Some(former) = tx.former(&deployment.bot_id).await? else {
        return Ok(false);
    };
    let owner = Owner::Bot(deployment.bot_id.clone());
    tx.set_bot_model_and_audience(&deployment.bot_id, &former.model, former.audience)
        .await?;
    tx.copy_secret(&owner, secret_names::MODEL_FORMER, secret_names::MODEL)
        .await?;
    change_is_over(tx, &deployment.bot_id).await?;
    tx.set_last_failure(&deployment.bot_id, Some(&Failure::of_change(why)))
        .await?;
    configure_again(tx, deployment).await?;
    Ok(true)
}

/// Forgets what the bot answered with before its last change.
pub(super) async fn change_is_over(tx: &mut Tx, bot_id: &str) -> Result<()> {
    tx.set_former(bot_id, None).await?;
    tx.delete_secret(&Owner::Bot(bot_id.to_owned()), secret_names::MODEL_FORMER)
        .await
        .map(drop)
}

async fn configure_again(tx: &mut Tx, deployment: &Deployment) -> Result<()> {
    for kind in [JobKind::ConfigureBot, JobKind::StartBot] {
        again(tx, deployment, kind).await?;
    }
    Ok(())
}

/// Queues the start of a bot that was deployed before, behind the same gate.
///
/// # Errors
/// `wrong_state` if it was never deployed.
pub async fn begin_start(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    demand_deployed(platform, bot, deployment).await?;
    let mut tx = platform.store.begin().await?;
    // A change that failed on its way here is tried again with it.
    go_on(&mut tx, deployment).await?;
    again(&mut tx, deployment, JobKind::StartBot).await?;
    tx.set_deployment_status(&deployment.id, DeploymentStatus::Deploying)
        .await?;
    tx.set_bot_status(&bot.id, BotStatus::Deploying, None).await?;
    tx.commit().await
}

/// Forgets that a job's steps were done and queues it.
async fn again(tx: &mut Tx, deployment: &Deployment, kind: JobKind) -> Result<()> {
    let names: Vec<&str> = Step::of(kind).iter().map(|s| s.name()).collect();
    tx.forget_steps(&deployment.id, &names).await?;
    tx.enqueue(&deployment.id, kind, ATTEMPTS).await
}

/// A server that is to be taken down is no place for an agent, also while nobody is at it yet, or
/// where it failed or was cancelled.
///
/// # Errors
/// `wrong_state` if its destroy was begun.
pub fn demand_kept(bot: &Bot, jobs: &[Job]) -> Result<()> {
    if !jobs.iter().any(|job| job.kind == JobKind::DestroyServer) {
        return Ok(());
    }
    Err(Error::new(
        Kind::State,
        format!("{} is being destroyed; this cannot be undone", bot.name),
    )
    .hint(format!("`clawdwako destroy {}` goes on with it", bot.name)))
}

async fn demand_deployed(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    let jobs = platform.store.jobs(&deployment.id).await?;
    demand_kept(bot, &jobs)?;
    let deployed = jobs
        .iter()
        .any(|j| j.kind == JobKind::DeployOpenclaw && j.status == JobStatus::Done);
    if deployed && matches!(bot.status, BotStatus::Active | BotStatus::Stopped | BotStatus::Failed) {
        return Ok(());
    }
    Err(Error::new(
        Kind::State,
        format!("the bot {:?} is {} and cannot be changed now", bot.name, bot.status),
    )
    .hint(format!("finish its deployment first: `clawdwako resume {}`", bot.name)))
}

/// Turns a deployment round: cancels what is not done and queues the destroy job. Asked again,
/// it goes on with the same job.
pub async fn begin_destroy(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    // A worker that is at it notices within its lease that it lost the job; until then it may
    // still be making something.
    let holder = platform.store.job_holder(&deployment.id).await?;
    let not_before = holder
        .filter(|(worker, _)| !Worker::is_gone(worker))
        .map_or(0, |(_, lease_until)| lease_until);
    let mut tx = platform.store.begin().await?;
    tx.set_last_failure(&bot.id, None).await?;
    tx.cancel_jobs_except(&deployment.id, JobKind::DestroyServer).await?;
    again(&mut tx, deployment, JobKind::DestroyServer).await?;
    tx.delay_job(&deployment.id, JobKind::DestroyServer, not_before).await?;
    tx.set_bot_status(&bot.id, BotStatus::Deploying, None).await?;
    tx.commit().await
}

/// Whether a deployment ended before it made anything, anywhere.
pub async fn nothing_made(platform: &Platform, deployment: &Deployment) -> Result<bool> {
    let begun = platform.store.steps(&deployment.id).await?;
    Ok(!begun.iter().any(|s| MAKES.iter().any(|m| m.name() == s.name)))
}

/// The steps that make something, anywhere.
const MAKES: [Step; 4] = [
    Step::CreateSshKey,
    Step::CreateFirewall,
    Step::CreateServer,
    Step::PrepareSystem,
];

/// Ends a bot of which nothing was made anywhere: its secrets are forgotten, the record stays.
///
/// # Errors
/// `busy` if somebody is at work on it.
pub async fn give_up(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    demand_idle(platform, deployment).await?;
    let mut tx = platform.store.begin().await?;
    end_unmade(&mut tx, &bot.id, &deployment.id).await?;
    tx.commit().await
}

async fn end_unmade(tx: &mut Tx, bot_id: &str, deployment_id: &str) -> Result<()> {
    tx.cancel_jobs(deployment_id).await?;
    tx.set_bot_status(bot_id, BotStatus::Deploying, None).await?;
    for status in [DeploymentStatus::Destroying, DeploymentStatus::Destroyed] {
        tx.set_deployment_status(deployment_id, status).await?;
    }
    tx.set_bot_status(bot_id, BotStatus::Destroyed, None).await?;
    tx.delete_secrets(&Owner::Bot(bot_id.to_owned())).await
}

/// Ends another user's bot that holds a Telegram bot with a token which was never proved, so that
/// who proved theirs can use it. Versions before this one took tokens without a proof. One that
/// made something, or is at work, stays.
pub(super) async fn release_unproved(tx: &mut Tx, telegram_id: i64, user_id: &str) -> Result<()> {
    let Some((bot, deployment_id)) = tx.unproved_holder(telegram_id, user_id, &MAKES.map(Step::name)).await? else {
        return Ok(());
    };
    end_unmade(tx, &bot.id, &deployment_id).await?;
    tx.note(Deed {
        actor: "server",
        user_id: &bot.user_id,
        action: "end unproved bot",
        object: Some(&bot.id),
        result: "ok",
        ..Deed::default()
    })
    .await
}

async fn demand_idle(platform: &Platform, deployment: &Deployment) -> Result<()> {
    let holder = platform.store.job_holder(&deployment.id).await?;
    if holder.is_some_and(|(worker, until)| until > now() && !Worker::is_gone(&worker)) {
        return Err(Error::new(Kind::Busy, "another clawdwako is at work on this bot").hint("wait for it to end"));
    }
    Ok(())
}

/// Gives the record of a bot up without touching its server: for a server that is gone, or
/// that its user looks after by hand.
///
/// # Errors
/// `busy` if somebody is at work on it.
pub async fn forget(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    demand_idle(platform, deployment).await?;
    let mut tx = platform.store.begin().await?;
    tx.erase_bot(&bot.id).await?;
    tx.commit().await
}
