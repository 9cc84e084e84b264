//! Looking after a bot that stands: how it is, its log, stopping it, a way in.

use super::Platform;
use super::change::demand_kept;
use super::context::fact;
use super::create::secret_names;
use crate::error::{Error, Kind, Result};
use crate::model::{Bot, BotStatus, Deployment, DeploymentStatus};
use crate::openclaw::health::HealthReport;
use crate::openclaw::journal::Entry;
use crate::openclaw::layout;
use crate::openclaw::scripts::{self, LogWish};
use crate::secrets::Secret;
use crate::ssh::Session;
use crate::store::Owner;
use std::time::Duration;

/// How long a server that stands may take to let us in.
const CONNECT: Duration = Duration::from_secs(20);
/// How long an agent may take to say how it is to somebody who waits for it.
const PATIENCE: Duration = Duration::from_secs(25);

/// Opens an SSH session to a bot's server, with the pinned host key.
///
/// # Errors
/// `wrong_state` if there is no server yet, or none any more.
pub async fn session(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<Session> {
    let facts = &deployment.facts;
    let (Some(target), Some(pinned)) = (&facts.ssh, &facts.host_key) else {
        return Err(Error::new(
            Kind::State,
            format!("the bot {:?} has no server that can be reached yet", bot.name),
        )
        .hint(format!("finish its deployment first: `clawdwako resume {}`", bot.name)));
    };
    let key = platform
        .store
        .secret(&Owner::Bot(bot.id.clone()), secret_names::SSH_KEY)
        .await?;
    Session::connect(target, &key, pinned, CONNECT).await
}

/// Asks the agent on the server how it is.
pub async fn health(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<HealthReport> {
    // Not exclusive: looking must not end a script that is at work there.
    let script = scripts::health(&layout::bot_user(&bot.name, &bot.id), Duration::ZERO);
    let told = session(platform, bot, deployment)
        .await?
        .run(&script, &mut |_| {})
        .await?;
    Ok(HealthReport::parse(&fact(&told, &script, "health")?)?.with_cage(&told.facts))
}

/// The same for somebody who waits for it: a server that does not answer soon is told as that.
///
/// # Errors
/// `timeout` if it takes long; as [`session`].
pub async fn look(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<HealthReport> {
    match tokio::time::timeout(PATIENCE, health(platform, bot, deployment)).await {
        Ok(looked) => looked,
        Err(_) => Err(Error::new(
            Kind::Timeout,
            format!("no answer within {} s", PATIENCE.as_secs()),
        )),
    }
}

/// The agent's log, each entry as it comes; follows if the wish says so.
pub async fn log(
    platform: &Platform,
    bot: &Bot,
    deployment: &Deployment,
    wish: &LogWish,
    on_entry: &mut (dyn FnMut(Entry) + Send),
) -> Result<()> {
    let script = scripts::logs(&layout::bot_user(&bot.name, &bot.id), wish)?;
    let mut session = session(platform, bot, deployment).await?;
    let mut on_line = |line: &str| on_entry(Entry::parse(line));
    if wish.follow.is_some() {
        session.follow(&script, &mut on_line).await?;
    } else {
        session.run(&script, &mut on_line).await?;
    }
    Ok(())
}

/// Stops the agent and keeps it stopped over reboots. Until its end is known the bot counts as
/// failed, and says why: so no look at its health that begins meanwhile starts it again, and a stop
/// that is cut off leaves no record that says otherwise than the server.
///
/// # Errors
/// `wrong_state` if it was never deployed, or its destroy was begun; `busy` if other work on it was
/// begun meanwhile.
pub async fn stop(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<()> {
    demand_kept(bot, &platform.store.jobs(&deployment.id).await?)?;
    if !matches!(bot.status, BotStatus::Active | BotStatus::Stopped | BotStatus::Failed) {
        return Err(Error::new(
            Kind::State,
            format!("the bot {:?} is {} and cannot be stopped now", bot.name, bot.status),
        )
        .hint(format!(
            "`clawdwako status {}` shows how it goes; `clawdwako destroy {}` gives it up",
            bot.name, bot.name
        )));
    }
    if deployment.facts.answered_at.is_none() {
        return Err(Error::new(
            Kind::State,
            format!("the bot {:?} was never deployed to its end", bot.name),
        )
        .hint(format!(
            "`clawdwako resume {}` goes on, `clawdwako destroy {}` gives it up",
            bot.name, bot.name
        )));
    }
    let mut session = session(platform, bot, deployment).await?;
    let script = scripts::stop(&layout::bot_user(&bot.name, &bot.id)).exclusive(&deployment.id);
    let unclear = format!(
        "a stop of its agent was begun, and its end is not known: `clawdwako stop {0}` ends it, `clawdwako start {0}` starts the agent",
        bot.name
    );
    let failed = (BotStatus::Failed, DeploymentStatus::Failed);
    note(platform, deployment, bot.status, failed, Some(&unclear)).await?;
    match session.run(&script, &mut |_| {}).await {
        Ok(_) => {
            let stopped = (BotStatus::Stopped, DeploymentStatus::Stopped);
            note(platform, deployment, failed.0, stopped, None).await
        }
        // The script was not begun: nothing was done.
        Err(e) if matches!(e.kind(), Kind::Busy | Kind::Auth | Kind::Upstream) => {
            let before = (bot.status, deployment.status);
            // Whoever is at work there may have written down more by now.
            let _ = note(platform, deployment, failed.0, before, bot.failure.as_deref()).await;
            Err(e)
        }
        Err(e) => {
            let why = format!("{unclear} ({})", e.message());
            let _ = note(platform, deployment, failed.0, failed, Some(&why)).await;
            Err(e)
        }
    }
}

/// Writes down what becomes of the bot, if it is still what it was.
async fn note(
    platform: &Platform,
    deployment: &Deployment,
    from: BotStatus,
    (bot, status): (BotStatus, DeploymentStatus),
    why: Option<&str>,
) -> Result<()> {
    let mut tx = platform.store.begin().await?;
    if tx.bot_status(&deployment.bot_id).await? != Some(from) {
        return Err(Error::new(Kind::Busy, "other work on this bot was begun meanwhile")
            .hint("`clawdwako status` shows how it goes; then run this again"));
    }
    tx.set_deployment_status(&deployment.id, status).await?;
    tx.set_bot_status(&deployment.bot_id, bot, why).await?;
    tx.commit().await
}

/// The token that the agent's dashboard asks for.
pub async fn dashboard_token(platform: &Platform, bot: &Bot) -> Result<Secret> {
    platform
        .store
        .secret(&Owner::Bot(bot.id.clone()), secret_names::GATEWAY)
        .await
}
