//! The gate: a bot is done when it has answered.

use super::agent;
use crate::deploy::Cx;
use crate::deploy::create::secret_names;
use crate::error::{Error, Kind, Result};
use crate::model::now;
use crate::models;
use crate::openclaw::cage::Cage;
use crate::openclaw::catalog;
use crate::openclaw::health::{self, Cause, Trouble, Verdict};
use std::time::{Duration, Instant};

/// How long the agent may take from its start to being connected; seen are 10 to 25 s, and
/// twice that on a loaded machine.
const READY: Duration = Duration::from_secs(180);
/// How long one turn of the model may take.
const ANSWER: Duration = Duration::from_secs(120);
/// How often the model is asked, if what went wrong may pass by itself.
const TRIES: u32 = 3;
/// How long the agent may pause a key that is good; it says about a minute.
const PAUSED: Duration = Duration::from_secs(120);
/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(5);
/// What the model is asked.
const PROMPT: &str = "Answer with the one word: ready";

/// Waits until the gateway is ready and Telegram is connected.
pub async fn ready(cx: &mut Cx<'_>) -> Result<()> {
    let mut report = cx.agent_health(READY, "").await?;
    // An earlier version of us started it, and was cut off before this step.
    if report.cage.as_ref().is_some_and(Cage::mends) {
        agent::start(cx).await?;
        report = cx.agent_health(READY, "").await?;
    }
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

/// Has the model answer once, through the running agent. A busy model is asked again, and so is
/// an agent that stumbles over itself: on a loaded server its own helpers get in each other's way.
/// A key that the agent pauses, because it was refused a moment ago, is waited for if it is good.
pub async fn answer(cx: &mut Cx<'_>) -> Result<()> {
    let begun = Instant::now();
    let (mut rest, mut key_is_good, mut start) = (TRIES, false, None);
    loop {
        let turn = cx.agent_turn(PROMPT, ANSWER).await?;
        start = start.or_else(|| turn.start.clone());
        let Some(trouble) = turn.trouble() else {
            cx.deployment.facts.answered_at = Some(now());
            cx.story.progress(format!("{} answered", cx.bot.model));
            return Ok(());
        };
        match trouble.cause {
            Cause::ModelPaused if begun.elapsed() < PAUSED => {
                if !key_is_good {
                    prove_key(cx).await?;
                    key_is_good = true;
                }
            }
            Cause::ModelBusy | Cause::Unknown if rest > 1 => rest -= 1,
            Cause::Unknown => return Err(reason(cx, trouble, &start.unwrap_or_default()).await.into()),
            _ => return Err(trouble.into()),
        }
        cx.story
            .warn(format!("the model is asked again: {}", Error::from(trouble).message()));
        tokio::time::sleep(PAUSE).await;
    }
}

/// What the agent's own state says of a turn that failed for no known reason: it may have ended
/// meanwhile, for want of memory for one. `start` is the one that was asked first.
async fn reason(cx: &mut Cx<'_>, trouble: Trouble, start: &str) -> Trouble {
    let looked = cx.agent_health(Duration::ZERO, start).await;
    match looked.map(|report| health::judge(&report)) {
        Ok(Verdict::Bad(found)) => found,
        _ => trouble,
    }
}

/// Whether the provider takes the key now, whatever it said to the agent before.
async fn prove_key(cx: &Cx<'_>) -> Result<()> {
    let key = cx.secret(secret_names::MODEL).await?;
    let (model, platform) = (catalog::parse_model(&cx.bot.model)?, cx.platform);
    models::prove(&platform.http, &platform.endpoints, &model, &key).await
}
