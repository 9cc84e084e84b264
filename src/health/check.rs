//! One look at one bot, and what follows from it.

use super::look::{Ask, Look, Seen};
use crate::deploy::{self, Silent, Story};
use crate::error::{Error, Kind, Result};
use crate::model::{Bot, BotStatus, Deployment, EventKind, JobKind, Millis, Sample, now};
use crate::openclaw::health::{self, Verdict};
use crate::store::Store;

/// How many looks in a row must not reach a server before its bot counts as failed.
const UNREACHED: usize = 3;
/// How many restarts in an hour are help; one more is a bot that does not work.
const RESTARTS: usize = 3;
const HOUR: Millis = 60 * 60 * 1000;

/// What a look led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It works.
    Well,
    /// It works again after a restart.
    Restarted,
    /// Its server was not reached; that may pass.
    Unreached,
    /// It does not work, and now counts as failed.
    Failed,
    /// Somebody is at work on it: nothing was written.
    NotOurs,
}

/// Looks at an active bot. One that does not work is restarted once; one that does not work then,
/// or needed a restart too often, or whose server is not reached several times in a row although
/// the network is there, counts as failed. Every look leaves a sample, every finding an event.
pub async fn check(
    store: &Store,
    look: &Look,
    bot: &Bot,
    next: Millis,
    network: impl Future<Output = bool>,
) -> Result<Found> {
    let deployment = store.deployment_of(&bot.id).await?;
    let before = store.samples(&bot.id, now() - HOUR, 60).await?;
    let end = End {
        store,
        bot,
        deployment: &deployment,
        before: &before,
        next,
    };
    let seen = match look(bot.clone(), deployment.clone(), Ask::Look).await {
        Ok(seen) => seen,
        Err(why) => return unreached(&end, why, network).await,
    };
    let Some(trouble) = trouble(&seen) else {
        return end.well(&seen, false, &[]).await;
    };
    let restarts = before.iter().filter(|s| s.restarted).count();
    if restarts >= RESTARTS {
        let why = trouble.context(format!("it was restarted {restarts} times in the last hour"));
        return end.failed(Some(&seen), &why, &[]).await;
    }
    // Whoever stopped or changes it meanwhile must not find it restarted.
    if !end.is_ours().await? {
        return Ok(Found::NotOurs);
    }
    let begun = (
        EventKind::Warning,
        format!("the bot does not work and is restarted: {}", trouble.message()),
    );
    match look(bot.clone(), deployment.clone(), Ask::Restart).await {
        Ok(again) => match self::trouble(&again) {
            None => {
                let works = (EventKind::Result, "the bot works again after a restart".to_owned());
                end.well(&again, true, &[begun, works]).await
            }
            Some(still) => end.failed(Some(&again), &still, &[begun]).await,
        },
        // Cut off in the middle: the next look tells.
        Err(why) if matches!(why.kind(), Kind::Network | Kind::Timeout) => {
            let sample = Sample {
                restarted: true,
                ..end.sample(None)
            };
            end.write(sample, &[begun], None, Found::Unreached).await
        }
        Err(why) => end.failed(Some(&seen), &why, &[begun]).await,
    }
}

/// What is wrong, if something is.
fn trouble(seen: &Seen) -> Option<Error> {
    match health::judge(&seen.report) {
        Verdict::Well => None,
        Verdict::Starting(what) => Some(health::too_late(&seen.report, &what).into()),
        Verdict::Stopped => Some(
            Error::new(Kind::Agent, "the agent was stopped on its server")
                .hint("stop and start it here, so that it is known"),
        ),
        Verdict::Bad(trouble) => Some(trouble.into()),
    }
}

async fn unreached(end: &End<'_>, why: Error, network: impl Future<Output = bool>) -> Result<Found> {
    // A key that changed is no accident of the network.
    if why.kind() == Kind::HostKey {
        return end.failed(None, &why, &[]).await;
    }
    let in_a_row = 1 + end.before.iter().take_while(|s| !s.reached).count();
    if in_a_row < UNREACHED || !network.await {
        let sample = end.sample(None);
        let text = format!("the bot's server could not be looked at: {}", why.message());
        // Said once, not at every look.
        let events = if in_a_row == 1 {
            vec![(EventKind::Warning, text)]
        } else {
            Vec::new()
        };
        return end.write(sample, &events, None, Found::Unreached).await;
    }
    end.failed(None, &why, &[]).await
}

/// Writes down what a look led to.
struct End<'a> {
    store: &'a Store,
    bot: &'a Bot,
    deployment: &'a Deployment,
    /// The samples of the last hour, newest first.
    before: &'a [Sample],
    next: Millis,
}

type Told = (EventKind, String);

impl End<'_> {
    async fn is_ours(&self) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let status = tx.bot_status(&self.bot.id).await?;
        tx.commit().await?;
        Ok(status == Some(BotStatus::Active))
    }

    fn sample(&self, seen: Option<&Seen>) -> Sample {
        let reading = seen.and_then(|s| s.reading.clone()).unwrap_or_default();
        let at = now();
        let cpu_percent = self.before.first().and_then(|last| {
            let used = reading.cpu_us? - last.reading.cpu_us?;
            let passed = (at - last.at) * 1000;
            // Less than before means that it counts from a restart on.
            (used >= 0 && passed > 0).then(|| (used as f64 * 1000.0 / passed as f64).round() / 10.0)
        });
        Sample {
            at,
            reached: seen.is_some(),
            reading,
            cpu_percent,
            ..Sample::default()
        }
    }

    async fn well(&self, seen: &Seen, restarted: bool, events: &[Told]) -> Result<Found> {
        let sample = Sample {
            well: true,
            restarted,
            ..self.sample(Some(seen))
        };
        let found = if restarted { Found::Restarted } else { Found::Well };
        self.write(sample, events, None, found).await
    }

    async fn failed(&self, seen: Option<&Seen>, why: &Error, events: &[Told]) -> Result<Found> {
        let mut events = events.to_vec();
        events.push((EventKind::Result, format!("failed: {}", why.message())));
        self.write(self.sample(seen), &events, Some(why), Found::Failed).await
    }

    async fn write(&self, sample: Sample, events: &[Told], failed: Option<&Error>, found: Found) -> Result<Found> {
        let mut story = Story::new(self.store, &Silent, &self.deployment.id);
        for (kind, text) in events {
            story.tell(*kind, text, None);
        }
        let mut tx = self.store.begin().await?;
        if tx.bot_status(&self.bot.id).await? != Some(BotStatus::Active) {
            tx.commit().await?;
            return Ok(Found::NotOurs);
        }
        tx.put_sample(&self.bot.id, &sample).await?;
        if let Some(why) = failed {
            deploy::fail(&mut tx, self.deployment, JobKind::StartBot, why).await?;
        }
        tx.next_check(&self.bot.id, self.next).await?;
        story.write(&mut tx).await?;
        tx.commit().await?;
        Ok(found)
    }
}
