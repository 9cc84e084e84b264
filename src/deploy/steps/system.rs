//! Makes the server ready.

use crate::deploy::Cx;
use crate::deploy::context::fact;
use crate::error::Result;
use crate::openclaw::{engines, layout, scripts};
use std::time::Duration;

/// How long the first boot's own set-up may take once SSH answers.
const FIRST_BOOT: Duration = Duration::from_secs(300);

/// Waits for the first boot to end, and shows its error if it failed.
pub async fn wait_cloud_init(cx: &mut Cx<'_>) -> Result<()> {
    cx.script(&scripts::wait_cloud_init(cx.ground(), FIRST_BOOT))
        .await
        .map(drop)
}

/// Looks whether the agent can live here, then updates and secures the system.
pub async fn prepare(cx: &mut Cx<'_>) -> Result<()> {
    let inspect = scripts::inspect();
    let seen = cx.script(&inspect).await?;
    cx.deployment.facts.memory_mb = fact(&seen, &inspect, "memory_mb")?.parse().ok();
    let user = layout::bot_user(&cx.bot.name, &cx.bot.id);
    let done = cx.script(&scripts::prepare_system(&user, cx.ground())).await?;
    cx.deployment.facts.swap = done.facts.get("swap").cloned();
    Ok(())
}

/// The agent's own user, folders and port.
pub async fn create_user(cx: &mut Cx<'_>) -> Result<()> {
    let script = scripts::bot_user(&layout::bot_user(&cx.bot.name, &cx.bot.id));
    // Noted before it is made, so that a destroy knows what to remove.
    let made = cx.script(&script).await?;
    let agent = &mut cx.deployment.facts.agent;
    agent.user = Some(fact(&made, &script, "user")?);
    agent.port = fact(&made, &script, "port")?.parse().ok();
    Ok(())
}

/// Node in the newest major version that agents were seen to run on; `resolve_agent` makes
/// sure that the chosen version of the agent allows it.
pub async fn install_node(cx: &mut Cx<'_>) -> Result<()> {
    node(cx, engines::NODE_MAJORS[0]).await
}

/// The newest Node of a major version.
pub(super) async fn node(cx: &mut Cx<'_>, major: u64) -> Result<()> {
    let script = scripts::install_node(&cx.platform.endpoints.node_mirror, major);
    let made = cx.script(&script).await?;
    let agent = &mut cx.deployment.facts.agent;
    agent.node = Some(fact(&made, &script, "node")?);
    agent.node_sha256 = Some(fact(&made, &script, "node_sha256")?);
    Ok(())
}
