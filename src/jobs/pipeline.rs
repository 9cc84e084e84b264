//! The work of a control server's crew: the same pipeline that the terminal runs.

use super::crew::Run;
use crate::deploy::{self, Platform, Silent};
use crate::error::Result;
use crate::model::{Bot, ProviderKind};
use crate::store::Store;
use std::future::Future;
use std::sync::Arc;

/// Runs jobs by [`deploy::run`]. `platform_of` tells what a bot is deployed with at a provider:
/// whose cloud token it is depends on the bot's user.
pub fn pipeline<F, P>(store: &Store, platform_of: F) -> Run
where
    F: Fn(Bot, ProviderKind) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Platform>> + Send + 'static,
{
    let (store, platform_of) = (store.clone(), Arc::new(platform_of));
    Arc::new(move |job, lease| {
        let (store, platform_of) = (store.clone(), platform_of.clone());
        Box::pin(async move {
            let deployment = store.deployment(&job.deployment_id).await?;
            let bot = store.bot_by_id(&deployment.bot_id).await?;
            let platform = platform_of(bot, deployment.provider).await?;
            // The story is kept in the store; nobody looks on here.
            deploy::run(&platform, &job, &lease, &Silent).await
        })
    })
}
