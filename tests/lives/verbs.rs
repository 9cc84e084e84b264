//! What a user does with a bot, each as one command line does it.

use super::world::{HAIKU, OPUS, Process};
use clawdwako::deploy::{self, Change, care};
use clawdwako::error::Result;
use clawdwako::model::{Bot, BotStatus, Deployment, ProviderKind};
use clawdwako::secrets::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Deploy,
    Resume,
    Stop,
    Start,
    Opus,
    Haiku,
    Destroy,
}

impl Verb {
    pub const ALL: [Verb; 7] = [
        Verb::Deploy,
        Verb::Resume,
        Verb::Stop,
        Verb::Start,
        Verb::Opus,
        Verb::Haiku,
        Verb::Destroy,
    ];

    /// Does it to the bot of that name.
    pub async fn run(self, process: &Process<'_>, name: &str, provider: ProviderKind) -> Result<()> {
        let found = process.world.bot(name).await;
        match (self, found) {
            (Verb::Deploy, None) => {
                let new = process.world.wanted(name, provider).await;
                process.deploy(new).await.map(drop)
            }
            (Verb::Deploy, Some((bot, deployment))) => deploy_again(process, bot, deployment).await,
            // There is no such bot, and the command says no more.
            (_, None) => Ok(()),
            (verb, Some((bot, deployment))) => verb.on(process, &bot, &deployment).await,
        }
    }

    async fn on(self, process: &Process<'_>, bot: &Bot, deployment: &Deployment) -> Result<()> {
        let platform = &process.world.platform;
        match self {
            Verb::Stop => return care::stop(platform, bot, deployment).await,
            Verb::Destroy if deploy::nothing_made(platform, deployment).await? => {
                return deploy::give_up(platform, bot, deployment).await;
            }
            Verb::Destroy => deploy::begin_destroy(platform, bot, deployment).await?,
            Verb::Deploy | Verb::Resume => deploy::begin_resume(platform, bot, deployment).await?,
            Verb::Start => deploy::begin_start(platform, bot, deployment).await?,
            Verb::Opus | Verb::Haiku => {
                let model = if self == Verb::Opus { OPUS } else { HAIKU };
                let key = &process.world.stand_ins.world.credentials.anthropic;
                let change = Change {
                    model: Some(model.into()),
                    model_key: Some(Secret::new(key)),
                    audience: None,
                };
                deploy::begin_change(platform, bot, deployment, &change).await?;
            }
        }
        process.work(&deployment.id).await.map(drop)
    }
}

async fn deploy_again(process: &Process<'_>, bot: Bot, deployment: Deployment) -> Result<()> {
    let platform = &process.world.platform;
    if matches!(bot.status, BotStatus::Active | BotStatus::Stopped) {
        // It says what is there.
        return Ok(());
    }
    deploy::demand_kept(&bot, &platform.store.jobs(&deployment.id).await?)?;
    if deploy::nothing_made(platform, &deployment).await? {
        deploy::forget(platform, &bot, &deployment).await?;
        let new = process.world.wanted(&bot.name, deployment.provider).await;
        return process.deploy(new).await.map(drop);
    }
    Verb::Deploy.on(process, &bot, &deployment).await
}
