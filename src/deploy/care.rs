//! Looking after a bot that stands: how it is, its log, stopping it, a way in.

use super::Platform;
use super::change::demand_kept;
use super::create::secret_names;
use super::talk::{self, Agent, Talk};
use crate::error::{Error, Kind, Result};
use crate::model::{Bot, BotStatus, Deployment, DeploymentStatus, ProviderKind};
use crate::openclaw::gateway::door::Shut;
use crate::openclaw::health::HealthReport;
use crate::openclaw::journal::Entry;
use crate::openclaw::layout;
use crate::openclaw::scripts::{self, Ground, LogQuery};
use crate::openclaw::unit::UnitSpec;
use crate::secrets::Secret;
use crate::ssh::{Output, Script, Session, Tunnel};
use crate::store::Owner;
use std::net::SocketAddr;
use std::time::Duration;

/// The memory that is reckoned with where it is not known, in MiB.
const UNKNOWN_MEMORY_MB: i64 = 2_048;
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

/// Writes the bot's unit, and brings everything that shuts its agent in to what this version wants.
/// Whatever starts an agent runs this first: an earlier version may have set the server up.
pub fn secure(bot: &Bot, deployment: &Deployment) -> Script {
    let user = layout::bot_user(&bot.name, &bot.id);
    let unit = UnitSpec {
        user: &user,
        bot_name: &bot.name,
        memory_mb: deployment.facts.memory_mb.unwrap_or(UNKNOWN_MEMORY_MB),
    };
    let ground = match deployment.provider {
        ProviderKind::Existing => Ground::Existing,
        _ => Ground::Rented,
    };
    scripts::secure(&unit, ground)
}

/// Asks the agent on the server how it is.
///
/// # Errors
/// As [`session`], and if the server cannot be looked at; how the agent is is no error.
pub async fn health(platform: &Platform, bot: &Bot, deployment: &Deployment) -> Result<HealthReport> {
    let mut session = session(platform, bot, deployment).await?;
    let agent = Agent::of(&platform.store, bot).await?;
    // Not exclusive: looking must not end a script that is at work there.
    let mut silent = |_: &str| {};
    let mut talk = Talk::new(&mut session, &agent, &mut silent);
    Box::pin(talk.health(Duration::ZERO, "")).await
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

/// The agent's log, each entry as it comes; follows if the query says so.
pub async fn log(
    platform: &Platform,
    bot: &Bot,
    deployment: &Deployment,
    query: &LogQuery,
    on_entry: &mut (dyn FnMut(Entry) + Send),
) -> Result<()> {
    let script = scripts::logs(&layout::bot_user(&bot.name, &bot.id), query)?;
    let mut session = session(platform, bot, deployment).await?;
    // An agent may write its secrets down; whoever reads its log need not learn them.
    let redactor = talk::redactor(&platform.store, bot).await?;
    let mut on_line = |line: &str| on_entry(Entry::parse(line, &|text| redactor.text(text)));
    if query.follow.is_some() {
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
        "stop was interrupted; the agent's state is unknown: `clawdwako stop {0}` stops it, `clawdwako start {0}` starts it",
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

/// A way to an agent's own dashboard.
pub struct Dashboard {
    /// Leads to it, from a local port.
    pub tunnel: Tunnel,
    /// What it asks for.
    pub token: Secret,
}

/// Opens a way to the agent's dashboard, once it is known that the agent itself listens there. Each
/// connection is checked anew, since a browser sends the token with each.
///
/// # Errors
/// `agent` if the agent does not answer, or another user holds its port; `io` if the local port is
/// taken; as [`session`].
pub async fn dashboard(
    platform: &Platform,
    bot: &Bot,
    deployment: &Deployment,
    local: SocketAddr,
) -> Result<Dashboard> {
    let session = session(platform, bot, deployment).await?;
    let user = layout::bot_user(&bot.name, &bot.id);
    if let Some(shut) = talk::relay(&session, &user).await?.err() {
        return Err(match shut.trouble(&bot.name) {
            Some(trouble) => trouble.into(),
            None => Error::new(Kind::Agent, format!("{}: {}", bot.name, shut.words())).hint(format!(
                "`clawdwako status {0}` tells why; `clawdwako restart {0}` may help",
                bot.name
            )),
        });
    }
    let name = bot.name.clone();
    let judge = move |told: &Output| Shut::read(told)?.trouble(&name).map(Error::from);
    let tunnel = session.tunnel(local, scripts::relay(&user), Box::new(judge)).await?;
    let owner = Owner::Bot(bot.id.clone());
    let token = platform.store.secret(&owner, secret_names::GATEWAY).await?;
    Ok(Dashboard { tunnel, token })
}
