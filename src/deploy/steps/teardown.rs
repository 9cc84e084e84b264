//! The way back: everything that carries the deployment's label goes, and is checked gone.

use crate::deploy::context::Errand;
use crate::deploy::create::secret_names;
use crate::deploy::{Cx, Step};
use crate::error::{Error, Kind, Result};
use crate::model::now;
use crate::openclaw::{layout, scripts};
use crate::provider::{Instance, Resource, ResourceKind};
use crate::telegram::Telegram;

/// Stops the agent. On a rented server that is only courtesy, since the server goes next; on
/// the user's own server it removes everything of this bot, and failing to is an error.
pub async fn stop_agent(cx: &mut Cx<'_>) -> Result<()> {
    let facts = &cx.deployment.facts;
    let reachable = facts.ssh.is_some() && facts.host_key.is_some();
    // A destroy that was cut off after the server went begins anew, and would knock in vain.
    if !reachable || facts.server_deleted_at.is_some() {
        return Ok(());
    }
    // Not from the facts: the user may have been made by a step that was cut off.
    let user = layout::bot_user(&cx.bot.name, &cx.bot.id);
    let script = if cx.rented() {
        scripts::stop(&user)
    } else {
        scripts::remove_bot(&user)
    };
    cx.errand = Errand::Farewell;
    match cx.script(&script).await {
        Ok(_) => Ok(()),
        Err(e) if cx.rented() => {
            cx.story.warn(format!("the agent could not be stopped first: {}", e.message()));
            Ok(())
        }
        Err(e) => Err(e.hint("make the server reachable and run `clawdwako destroy` again; `--forget` gives the record up and leaves the server as it is")),
    }
}

/// Removes the token's webhook, so that the next user of the token can poll.
pub async fn remove_webhook(cx: &mut Cx<'_>) -> Result<()> {
    // Before the agent ran, a webhook on the token is somebody else's.
    let steps = cx.platform.store.steps(&cx.deployment.id).await?;
    if !steps.iter().any(|s| s.name == Step::StartAgent.name()) {
        return Ok(());
    }
    match delete_webhook(cx).await {
        Ok(()) => Ok(()),
        // A token that was revoked has no webhook that matters.
        Err(e) if e.kind() == Kind::Auth => Ok(()),
        Err(e) => {
            cx.story
                .warn(format!("the webhook could not be removed: {}", e.message()));
            Ok(())
        }
    }
}

async fn delete_webhook(cx: &Cx<'_>) -> Result<()> {
    let Some(token) = cx
        .platform
        .store
        .find_secret(&cx.owner(), secret_names::TELEGRAM)
        .await?
    else {
        return Ok(());
    };
    Telegram::new(cx.platform.endpoints.telegram.clone(), &token)?
        .delete_webhook()
        .await
}

/// Deletes the server. What was made must be visible: with the token of another project
/// nothing is, and nothing would be deleted.
pub async fn delete_server(cx: &mut Cx<'_>) -> Result<()> {
    // A create that was cut off may show its server late: that is waited for before anything goes,
    // since the last thing that is seen takes the mark of all of them along.
    let found = match cx.deployment.facts.server_deleted_at {
        None => cx.find_server().await?,
        Some(_) => None,
    };
    let facts = &cx.deployment.facts;
    let made = facts.instance_id.is_some() || facts.firewall_id.is_some() || facts.ssh_key_id.is_some();
    if made && facts.server_deleted_at.is_none() && cx.provider()?.resources(Some(&cx.deployment.id)).await?.is_empty()
    {
        return Err(Error::new(Kind::Stuck, "nothing of this deployment is visible with this token")
            .hint("use the token of the project or account that it was made in; if all of it is gone, `clawdwako destroy --forget` gives the record up"));
    }
    delete(cx, ResourceKind::Server).await?;
    delete_known_servers(cx, found).await?;
    cx.deployment.facts.server_deleted_at = Some(now());
    Ok(())
}

/// Deletes the server that was noted when it was ordered, and one that was found, by their ids: a
/// list can be behind, and what it leaves out goes on costing money.
async fn delete_known_servers(cx: &mut Cx<'_>, found: Option<Instance>) -> Result<()> {
    let facts = &cx.deployment.facts;
    let noted = facts.instance_id.clone().filter(|_| facts.server_deleted_at.is_none());
    let found = found
        .map(|instance| instance.id)
        .filter(|id| noted.as_ref() != Some(id));
    let (tag, provider) = (cx.tag(), cx.provider()?);
    for id in noted.into_iter().chain(found) {
        let server = Resource {
            kind: ResourceKind::Server,
            id,
            name: tag.resource_name(),
            deployment_id: tag.deployment_id.clone(),
            price_month: None,
            currency: None,
            created_at: None,
        };
        provider.delete(&server).await?;
    }
    Ok(())
}

/// Deletes addresses that outlived the server.
pub async fn delete_addresses(cx: &mut Cx<'_>) -> Result<()> {
    delete(cx, ResourceKind::Address).await
}

/// Deletes the provider's firewall.
pub async fn delete_firewall(cx: &mut Cx<'_>) -> Result<()> {
    delete(cx, ResourceKind::Firewall).await
}

/// Deletes our public key at the provider.
pub async fn delete_ssh_key(cx: &mut Cx<'_>) -> Result<()> {
    delete(cx, ResourceKind::SshKey).await
}

async fn delete(cx: &mut Cx<'_>, kind: ResourceKind) -> Result<()> {
    let provider = cx.provider()?;
    for resource in provider
        .resources(Some(&cx.deployment.id))
        .await?
        .iter()
        .filter(|r| r.kind == kind)
    {
        cx.story.progress(format!("{} ({})", resource.name, resource.id));
        provider.delete(resource).await?;
    }
    Ok(())
}

/// Asks the provider once more whether anything carries the label.
pub async fn check_gone(cx: &mut Cx<'_>) -> Result<()> {
    let left = cx.provider()?.resources(Some(&cx.deployment.id)).await?;
    if left.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = left.iter().map(|r| format!("{} {}", r.name, r.id)).collect();
    Err(Error::new(Kind::Stuck, format!("still at the provider: {}", names.join(", ")))
        .hint("run `clawdwako destroy` again; if it stays, delete it in the provider's console, where it goes on costing money"))
}
