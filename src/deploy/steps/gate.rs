//! The gate: a bot is done when it has answered.

use super::agent::known;
use crate::deploy::Cx;
use crate::deploy::context::fact;
use crate::error::{Error, Kind, Result};
use crate::model::now;
use crate::openclaw::health::{self, HealthReport, Turn, Verdict};
use crate::openclaw::scripts;
use std::time::Duration;

/// How long the agent may take from its start to being connected; seen are 10 to 25 s, and
/// twice that on a loaded machine.
const READY: Duration = Duration::from_secs(180);
/// How long one turn of the model may take.
const ANSWER: Duration = Duration::from_secs(120);
/// What the model is asked.
const PROMPT: &str = "Answer with the one word: ready";

/// Asks the agent how it is, waiting up to `wait` for it to become well.
async fn health(cx: &mut Cx<'_>, wait: Duration) -> Result<HealthReport> {
    let script = scripts::health(&known(&cx.deployment.facts.agent.user)?, wait);
    let told = cx.script(&script).await?;
    HealthReport::parse(&fact(&told, &script, "health")?)
}

/// Waits until the gateway is ready and Telegram is connected.
pub async fn ready(cx: &mut Cx<'_>) -> Result<()> {
    let report = health(cx, READY).await?;
    let trouble = match health::judge(&report) {
        Verdict::Well => {
            cx.deployment.facts.agent.pid = report.unit.pid;
            return Ok(());
        }
        Verdict::Starting(what) => health::too_late(&report, &what),
        Verdict::Stopped => {
            return Err(Error::new(Kind::Agent, "the agent was stopped while it started")
                .hint("`clawdwako start` starts it again"));
        }
        Verdict::Bad(trouble) => trouble,
    };
    for line in &report.log {
        cx.story.line(line);
    }
    Err(trouble.into())
}

/// Has the model answer once, through the running agent.
pub async fn answer(cx: &mut Cx<'_>) -> Result<()> {
    let script = scripts::model_turn(&known(&cx.deployment.facts.agent.user)?, PROMPT, ANSWER);
    let told = cx.script(&script).await?;
    let turn = Turn::parse(&fact(&told, &script, "turn")?)?;
    if let Some(trouble) = turn.trouble() {
        return Err(trouble.into());
    }
    cx.deployment.facts.answered_at = Some(now());
    cx.story.progress(format!("{} answered", cx.bot.model));
    Ok(())
}
