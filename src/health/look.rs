//! Asks a bot's server how it is.

use crate::deploy::talk::{Agent, Talk};
use crate::deploy::{Platform, care};
use crate::error::Result;
use crate::model::{Bot, Deployment, Reading};
use crate::openclaw::health::HealthReport;
use crate::openclaw::{layout, scripts};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How long an agent that may still become well is waited for: it may just have started.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same after a restart.
const AFTER_RESTART: Duration = Duration::from_secs(180);

/// What to do at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Only look.
    Look,
    /// Restart the agent, then look.
    Restart,
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How the agent is.
    pub report: HealthReport,
    /// What else the server told; none if it could not.
    pub reading: Option<Reading>,
}

/// How a bot is looked at: over SSH, or whatever a test gives.
pub type Look = Arc<dyn Fn(Bot, Deployment, Ask) -> Pin<Box<dyn Future<Output = Result<Seen>> + Send>> + Send + Sync>;

/// Looks over SSH, with what the platform's store knows of each bot.
pub fn by_ssh(platform: Platform) -> Look {
    let platform = Arc::new(platform);
    Arc::new(move |bot, deployment, ask| {
        let platform = platform.clone();
        Box::pin(async move { look(&platform, &bot, &deployment, ask).await })
    })
}

async fn look(platform: &Platform, bot: &Bot, deployment: &Deployment, ask: Ask) -> Result<Seen> {
    let mut session = care::session(platform, bot, deployment).await?;
    let agent = Agent::of(&platform.store, bot).await?;
    let mut wait = PATIENCE;
    if ask == Ask::Restart {
        wait = AFTER_RESTART;
        let user = layout::bot_user(&bot.name, &bot.id);
        for script in [care::secure(bot, deployment), scripts::restart(&user)] {
            session.run(&script.exclusive(&deployment.id), &mut |_| {}).await?;
        }
    }
    // Not exclusive: looking must not end a script that is at work there.
    let mut silent = |_: &str| {};
    let mut talk = Talk::new(&mut session, &agent, &mut silent);
    let report = Box::pin(talk.health(wait, "")).await?;
    let reading = Some(Box::pin(talk.reading()).await);
    Ok(Seen { report, reading })
}
