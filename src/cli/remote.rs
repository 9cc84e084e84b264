//! Work that a control server does: begun by a request, watched through its events, and summed
//! up like work that was done here.

use super::keeper::Progress;
use super::{Context, progress};
use crate::api::client::Client;
use crate::api::types::StatusView;
use crate::deploy::Outcome;
use crate::error::{Error, Kind, Result};
use crate::model::{Bot, BotStatus, JobStatus, Millis};
use std::future::Future;

/// Has the control server do something with a bot, shows its story while it happens, and says
/// how it ended. `request` begins the work and answers how far the bot is then.
///
/// # Errors
/// The request's own; that of the job that failed, or of the change that was taken back.
pub(super) async fn run<F>(
    context: &Context,
    client: &Client,
    bot: &Bot,
    request: impl FnOnce() -> F,
) -> Result<Outcome>
where
    F: Future<Output = Result<()>>,
{
    // Before the request: its story begins after this event, and its steps after these.
    let before = client.status(&bot.id).await?;
    request().await?;
    follow(context, client, bot, &before).await
}

/// Shows the story of work that was begun after `before`, and says how it ended.
///
/// # Errors
/// That of the job that failed, or of the change that was taken back.
pub(super) async fn follow(context: &Context, client: &Client, bot: &Bot, before: &StatusView) -> Result<Outcome> {
    let reporter = progress::reporter(&context.printer, context.lines);
    let mut events = client.events(&bot.id, before.last_event);
    loop {
        match events.next().await {
            Ok(Some(event)) => reporter.event(&event.into()),
            Ok(None) => break,
            // The record went with the bot.
            Err(e) if e.kind() == Kind::NotFound => break,
            Err(e) => return Err(e),
        }
    }
    // What went wrong before this is told by `status`.
    let known = before.failure.clone();
    let since = before.steps.iter().map(|s| s.started_at.0 + 1).max().unwrap_or(0);
    let after = match client.status(&bot.id).await {
        Ok(mut status) => {
            status.failure = status.failure.filter(|f| known.as_ref() != Some(f));
            Progress::from(status)
        }
        Err(e) if e.kind() == Kind::NotFound => destroyed(before.clone()),
        Err(e) => return Err(e),
    };
    ended(after, since)
}

/// A bot of which the server tells nothing any more.
fn destroyed(before: StatusView) -> Progress {
    let mut last = Progress::from(before);
    last.bot.status = BotStatus::Destroyed;
    last.jobs.clear();
    last.failure = None;
    last
}

fn ended(last: Progress, since: Millis) -> Result<Outcome> {
    let resume = format!("`clawdwako resume {}` tries it again", last.bot.name);
    // Its code and its next step are those that the pipeline gave, as if it had run here.
    if let Some(failure) = last.failure {
        let e = Error::from(failure);
        return Err(match e.next_step() {
            Some(_) => e,
            None => e.hint(resume),
        });
    }
    if let Some(job) = last.jobs.iter().find(|j| j.status == JobStatus::Failed) {
        let why = job.failure.clone().unwrap_or_default();
        return Err(Error::new(Kind::State, format!("the job {} failed: {why}", job.kind)).hint(resume));
    }
    Ok(Outcome::of(last.bot, last.deployment, last.steps, since))
}

/// What a control server does for nobody.
pub(super) fn only_here(what: &str) -> Error {
    Error::new(
        Kind::Unsupported,
        format!("`clawdwako {what}` works on this machine's own bots only, not on a control server's"),
    )
    .hint("leave --remote out, or choose a profile that is not remote with --profile")
}
