//! What can be known before anything is bought.

use super::offer_filter;
use crate::deploy::Cx;
use crate::deploy::create::secret_names;
use crate::error::{Error, Kind, Result};
use crate::openclaw::catalog;
use crate::telegram::Telegram;

/// The token is good, it belongs to the bot that it says, and nothing else receives its messages.
pub async fn telegram(cx: &mut Cx<'_>) -> Result<()> {
    let token = cx.secret(secret_names::TELEGRAM).await?;
    let telegram = Telegram::new(cx.platform.endpoints.telegram.clone(), &token)?;
    let me = telegram.get_me().await?;
    if me.id != cx.bot.telegram_id {
        return Err(crate::telegram::other_bot());
    }
    crate::deploy::demand_free(&cx.platform.store, &cx.bot.user_id, &cx.bot.name, me.id).await?;
    let webhook = telegram.webhook().await?;
    if let Some(url) = webhook.url {
        // The agent polls, and removes the webhook when it starts; whoever set it should know.
        let host = url::Url::parse(&url)
            .ok()
            .and_then(|u| u.host_str().map(Into::into))
            .unwrap_or_else(|| "another host".to_owned());
        cx.story.warn(format!(
            "the token has a webhook at {host}; it will be removed when the agent starts"
        ));
    }
    cx.story.progress(format!("the bot is @{}", me.username));
    cx.bot.username = Some(me.username);
    Ok(())
}

/// The model's key is good for this model: one tiny inference, some thousandths of a cent.
pub async fn model(cx: &mut Cx<'_>) -> Result<()> {
    let key = cx.secret(secret_names::MODEL).await?;
    let model = catalog::parse_model(&cx.bot.model)?;
    crate::models::prove(&cx.platform.http, &cx.platform.endpoints, &model, &key).await?;
    cx.story.progress(format!("{model} answers"));
    Ok(())
}

/// The cloud's token is good, and the account may have one more server.
pub async fn account(cx: &mut Cx<'_>) -> Result<()> {
    // A server that this deployment has already does not need room for another.
    let provider = cx.provider()?;
    if cx.find_server().await?.is_some() {
        return Ok(());
    }
    // Before anything is made: there must be something to rent.
    provider.offers(&offer_filter(&cx.deployment.placement)).await?;
    let account = provider.account().await?;
    if let Some(warning) = account.warning {
        cx.story.warn(warning);
    }
    if let Some(limit) = account.server_limit.filter(|&l| account.servers_used >= l) {
        return Err(Error::new(Kind::Quota, format!("the account has {} of its {limit} servers already", account.servers_used))
            .hint("delete a server that you no longer need, or ask the provider for a higher limit; `clawdwako servers` lists ours"));
    }
    Ok(())
}
