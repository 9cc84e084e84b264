//! How the agent is, and waiting until it is well.

use super::{Talk, Unasked};
use crate::error::Result;
use crate::openclaw::gateway::door::Shut;
use crate::openclaw::gateway::{Refusal, channels};
use crate::openclaw::health::{Cause, HealthReport, TelegramState, explain};
use std::time::Duration;
use tokio::time::Instant;

/// How soon an agent whose Telegram is not connected yet is asked again.
const PAUSE: Duration = Duration::from_millis(300);
/// How long it is asked over one connection before its unit is looked at anew.
const ONE_LOOK: Duration = Duration::from_secs(5);
/// Another poller may be one that is just ending: it is waited for so long, not more.
const SECOND_POLLER: Duration = Duration::from_secs(30);

impl Talk<'_> {
    /// Looks at the agent, waiting up to `wait` while it may still become well. `start` is the one
    /// that was looked at before (systemd's invocation id), or empty.
    ///
    /// # Errors
    /// As [`crate::ssh::Session::run`]. What the agent does not tell is no error.
    pub async fn health(&mut self, wait: Duration, start: &str) -> Result<HealthReport> {
        let mut waiting = Waiting {
            end: Instant::now() + wait,
            said: false,
            second_poller: None,
        };
        let mut start = start.to_owned();
        loop {
            let left = waiting.end.saturating_duration_since(Instant::now());
            let look = self.look(left, &start).await?;
            if start.is_empty() {
                start.clone_from(&look.start);
            }
            let mut report = look.report(&self.agent.name, &self.agent.redactor);
            if !look.can_be_asked() || self.ask_until_settled(&mut report, &mut waiting).await? || waiting.is_over() {
                return Ok(report);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks how Telegram is, again and again for a while; whether more looks cannot tell more.
    async fn ask_until_settled(&mut self, report: &mut HealthReport, waiting: &mut Waiting) -> Result<bool> {
        let end = Instant::now() + ONE_LOOK;
        loop {
            match self.telegram().await? {
                Ok(Some(telegram)) => {
                    let ready = report.ready == Some(true);
                    let settled = waiting.has_settled(&telegram, ready);
                    let connected = telegram.connected;
                    report.telegram = Some(telegram);
                    if settled {
                        return Ok(true);
                    }
                    // Connected, and not ready at the last look: that has changed, or does soon.
                    if connected {
                        return Ok(false);
                    }
                }
                Ok(None) => {}
                Err(Unasked::Shut(Shut::Held { uid, .. })) => {
                    report.listener = Some(uid);
                    return Ok(true);
                }
                Err(Unasked::Refused(refusal @ Refusal::Token)) => {
                    report.refusal = Some(refusal.words());
                    return Ok(true);
                }
                // It may have ended meanwhile: the next look tells.
                Err(_) => return Ok(false),
            }
            if waiting.is_over() || Instant::now() >= end {
                return Ok(false);
            }
            if !waiting.said && report.ready == Some(true) {
                (self.on_line)("::progress waiting for Telegram");
                waiting.said = true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn telegram(&mut self) -> Result<Result<Option<TelegramState>, Unasked>> {
        let asked = match self.gateway().await? {
            Ok(gateway) => channels::telegram(gateway).await,
            Err(Unasked::Stranger) => return self.telegram_by_command_line().await,
            Err(unasked) => return Ok(Err(unasked)),
        };
        Ok(match asked {
            Ok(telegram) => Ok(telegram.map(|t| self.without_secrets(t))),
            Err(refusal) => {
                self.gateway = None;
                Err(Unasked::Refused(refusal))
            }
        })
    }

    pub(super) fn without_secrets(&self, telegram: TelegramState) -> TelegramState {
        let shown = |text: String| {
            let text = self.agent.redactor.text(&text);
            crate::ssh::lines::clean(text.as_bytes())
        };
        TelegramState {
            lifecycle: telegram.lifecycle.map(shown),
            last_error: telegram.last_error.map(shown),
            ..telegram
        }
    }
}

/// A wait for an agent to become well.
struct Waiting {
    end: Instant,
    /// Whether it was told what is waited for.
    said: bool,
    /// Since when another poller has been seen.
    second_poller: Option<Instant>,
}

impl Waiting {
    fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Whether what Telegram is like now does not change by waiting.
    fn has_settled(&mut self, telegram: &TelegramState, ready: bool) -> bool {
        if telegram.terminal || telegram.connected && ready {
            return true;
        }
        let words = telegram.last_error.as_deref().unwrap_or_default();
        if explain(words).cause != Cause::SecondPoller {
            return false;
        }
        let since = self.second_poller.get_or_insert_with(Instant::now);
        since.elapsed() > SECOND_POLLER
    }
}
