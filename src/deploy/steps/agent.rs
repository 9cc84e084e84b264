//! Installs the agent, configures it, starts it.

use super::system;
use crate::deploy::context::fact;
use crate::deploy::create::secret_names;
use crate::deploy::{Cx, care};
use crate::error::{Error, Kind, Result, internal};
use crate::openclaw::config::{AgentConfig, BotFiles, BotSecrets, new_gateway_token};
use crate::openclaw::gateway::door::Shut;
use crate::openclaw::{catalog, engines, packages, registry, scripts, validation};

/// Asks the registry for the version: its integrity, and the Node that it needs.
pub async fn resolve(cx: &mut Cx<'_>) -> Result<()> {
    let version = cx
        .deployment
        .placement
        .agent_version
        .clone()
        .unwrap_or_else(|| catalog::AGENT_VERSION.into());
    let script = scripts::resolve_agent(
        &version,
        &known(&cx.deployment.facts.agent.node)?,
        cx.platform.endpoints.npm_registry.as_ref(),
    );
    let told = cx.script(&script).await?;
    let answer = told.facts.get("registry_answer").map_or("", String::as_str);
    let listed = registry::parse(&version, answer)?;
    let needs = &listed.engines;
    if !engines::allows(needs, &known(&cx.deployment.facts.agent.node)?)? {
        let major = engines::node_major_for(needs)?;
        cx.story.progress(format!("version {version} needs Node {needs}"));
        system::node(cx, major).await?;
        let node = known(&cx.deployment.facts.agent.node)?;
        if !engines::allows(needs, &node)? {
            return Err(Error::new(
                Kind::Unsupported,
                format!("version {version} of the agent needs Node {needs}, and the newest at the mirror is {node}"),
            )
            .hint("choose another --agent-version"));
        }
    }
    let agent = &mut cx.deployment.facts.agent;
    agent.version = Some(listed.version);
    agent.integrity = Some(listed.integrity);
    Ok(())
}

/// Installs that version beside the others, and notes all that came with it.
pub async fn install(cx: &mut Cx<'_>) -> Result<()> {
    let agent = &cx.deployment.facts.agent;
    let (version, integrity) = (known(&agent.version)?, known(&agent.integrity)?);
    let script = scripts::install_openclaw(
        &version,
        &integrity,
        &known(&agent.node)?,
        cx.platform.endpoints.npm_registry.as_ref(),
    );
    let told = cx.script(&script).await?;
    let packages = packages::parse(&fact(&told, &script, "packages")?)?;
    packages::demand_agent(&packages, &version, &integrity)?;
    cx.keep_packages(packages);
    Ok(())
}

/// Points the bot at it.
pub async fn select(cx: &mut Cx<'_>) -> Result<()> {
    let agent = &cx.deployment.facts.agent;
    let script = scripts::use_version(&known(&agent.user)?, &known(&agent.version)?, &known(&agent.node)?);
    cx.script(&script).await.map(drop)
}

/// Writes configuration and secrets, which the agent itself checks first.
pub async fn configure(cx: &mut Cx<'_>) -> Result<()> {
    let gateway = match cx
        .platform
        .store
        .find_secret(&cx.owner(), secret_names::GATEWAY)
        .await?
    {
        Some(token) => token,
        None => {
            let token = new_gateway_token()?;
            cx.keep_secret(secret_names::GATEWAY, token.clone());
            token
        }
    };
    let secrets = BotSecrets {
        telegram: cx.secret(secret_names::TELEGRAM).await?,
        model_key: cx.secret(secret_names::MODEL).await?,
        gateway,
    };
    let user = known(&cx.deployment.facts.agent.user)?;
    let files = BotFiles::new(
        &AgentConfig {
            model: &catalog::parse_model(&cx.bot.model)?,
            endpoints: &cx.platform.endpoints,
            audience: cx.bot.audience,
            port: cx
                .deployment
                .facts
                .agent
                .port
                .ok_or_else(|| internal("the agent's port is not known"))?,
            user: &user,
        },
        &secrets,
    )?;
    let told = cx.script(&scripts::configure(&user, &files)).await?;
    validation::judge(&told.facts, &files).map(drop)
}

/// Installs the unit, shuts the agent in as this version wants it, and starts it anew, so that it
/// runs with what was just written. An earlier version may have set the server up: every verb that
/// starts an agent comes through here.
pub async fn start(cx: &mut Cx<'_>) -> Result<()> {
    let user = known(&cx.deployment.facts.agent.user)?;
    let secure = care::secure(&cx.bot, &cx.deployment);
    cx.script(&secure).await?;
    let told = cx.script(&scripts::restart(&user)).await?;
    match Shut::read(&told).and_then(|shut| shut.trouble(&cx.bot.name)) {
        Some(held) => Err(held.into()),
        None => Ok(()),
    }
}

/// A fact of an earlier step, which must be there by now.
pub(super) fn known(fact: &Option<String>) -> Result<String> {
    fact.clone()
        .ok_or_else(|| internal("an earlier step's fact is missing"))
}
