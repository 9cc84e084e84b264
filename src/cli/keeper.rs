//! Who keeps the bots: this machine's store, or a control server. What a verb shows is the same
//! for both; only where it gets its data from differs.

use super::Context;
use crate::api::client::Client;
use crate::api::types::{BotView, JobView, PackagesView, StatusView};
use crate::error::{Error, Kind, Result};
use crate::model::{Bot, BotStatus, Deployment, Failure, LOCAL_USER, StepRecord, Summary};
use crate::store::{BotFilter, Store};
use std::collections::HashSet;

/// Who keeps the bots.
#[derive(Clone)]
pub(super) enum Keeper {
    /// This machine.
    Here(Store),
    /// A control server (`--remote`).
    There(Client),
}

/// How far a bot's deployment is.
pub(super) struct Progress {
    pub bot: Bot,
    pub deployment: Deployment,
    pub jobs: Vec<JobView>,
    pub steps: Vec<StepRecord>,
    /// Why the last work on it came to nothing, if it did.
    pub failure: Option<Failure>,
}

impl Keeper {
    /// The one that the flags and settings name.
    ///
    /// # Errors
    /// `store` if the store cannot be opened; `needs_user` if nobody is signed in.
    pub async fn of(context: &Context) -> Result<Keeper> {
        Ok(match context.config.remote.wanted {
            true => Keeper::There(context.client().await?),
            false => Keeper::Here(context.store().await?),
        })
    }

    /// All bots with their deployments, by name; `destroyed`: also those that are gone.
    pub async fn bots(&self, destroyed: bool) -> Result<Vec<(Bot, Deployment)>> {
        let client = match self {
            Keeper::Here(store) => return store.bots(LOCAL_USER, BotFilter { destroyed }).await,
            Keeper::There(client) => client,
        };
        let mut views = client.bots(None).await?;
        if destroyed {
            views.extend(client.bots(Some(BotStatus::Destroyed)).await?);
        } else {
            views.retain(|b| b.status != BotStatus::Destroyed);
        }
        let mut seen = HashSet::new();
        views.retain(|b| seen.insert(b.id.clone()));
        views.sort_by(|a, b| (&a.name, a.created_at).cmp(&(&b.name, b.created_at)));
        Ok(views.into_iter().map(BotView::records).collect())
    }

    /// The same in short: what a list shows.
    pub async fn summaries(&self, destroyed: bool) -> Result<Vec<Summary>> {
        match self {
            Keeper::Here(store) => store.summaries(LOCAL_USER, BotFilter { destroyed }).await,
            Keeper::There(_) => {
                let bots = self.bots(destroyed).await?;
                Ok(bots.iter().map(|(b, d)| Summary::of(b, d)).collect())
            }
        }
    }

    /// The bot of that name that is not destroyed, if there is one.
    pub async fn find(&self, name: &str) -> Result<Option<(Bot, Deployment)>> {
        match self {
            Keeper::Here(store) => store.find_bot(LOCAL_USER, name).await,
            Keeper::There(client) => Ok(client.find_bot(name).await?.map(BotView::records)),
        }
    }

    /// How far a bot is now.
    pub async fn progress(&self, bot: &Bot, deployment: &Deployment) -> Result<Progress> {
        match self {
            Keeper::Here(store) => Ok(Progress {
                bot: store.bot_by_id(&bot.id).await?,
                deployment: store.deployment(&deployment.id).await?,
                jobs: store.jobs(&deployment.id).await?.iter().map(JobView::of).collect(),
                steps: store.steps(&deployment.id).await?,
                failure: store.last_failure(&bot.id).await?,
            }),
            Keeper::There(client) => Ok(client.status(&bot.id).await?.into()),
        }
    }

    /// Everything that npm put on a bot's server.
    ///
    /// # Errors
    /// `not_found` if it was not noted.
    pub async fn packages(&self, deployment: &Deployment) -> Result<PackagesView> {
        match self {
            Keeper::Here(store) => store.packages(deployment).await.map(PackagesView::of),
            Keeper::There(client) => client.packages(&deployment.bot_id).await,
        }
    }

    /// The bot that is meant: the named one, else the only one, else the one that is chosen.
    ///
    /// # Errors
    /// `not_found` if there is none; `usage` if several might be meant and nobody can choose.
    pub async fn bot(&self, context: &Context, name: Option<&str>) -> Result<(Bot, Deployment)> {
        if let Some(name) = name {
            return match self.find(name).await? {
                Some(found) => Ok(found),
                None => Err(self.no_such_bot(name).await?),
            };
        }
        let mut bots = self.bots(false).await?;
        match bots.len() {
            0 => Err(Error::new(Kind::NotFound, "there is no bot yet").hint("make one with `clawdwako deploy`")),
            1 => Ok(bots.remove(0)),
            _ => {
                let names: Vec<String> = bots.iter().map(|(b, _)| b.name.clone()).collect();
                let chosen = context.prompt.choose("Which bot", names, 0, "its NAME").await?;
                Ok(bots.swap_remove(chosen))
            }
        }
    }

    async fn no_such_bot(&self, name: &str) -> Result<Error> {
        let bots = self.bots(false).await?;
        let near = crate::config::nearest(name, bots.iter().map(|(b, _)| b.name.as_str()));
        let e = Error::new(Kind::NotFound, format!("there is no bot named {name:?}"));
        Ok(match near {
            Some(near) => e.hint(format!("did you mean {near:?}? `clawdwako list` shows all")),
            None => e.hint("`clawdwako list` shows the bots that there are"),
        })
    }
}

impl From<StatusView> for Progress {
    fn from(status: StatusView) -> Progress {
        let (bot, deployment) = status.bot.records();
        Progress {
            bot,
            deployment,
            jobs: status.jobs,
            steps: status.steps.into_iter().map(Into::into).collect(),
            failure: status.failure.map(Into::into),
        }
    }
}
