//! Who the owner is: learnt from the one message that carries a one-time code.

use super::Telegram;
use super::failure::Failure;
use crate::error::{Error, Kind, Result, internal};
use std::time::Duration;
use teloxide_core::payloads::{GetUpdates, GetUpdatesSetters};
use teloxide_core::types::{Update, UpdateKind};
use tokio::time::Instant;

/// How long one poll waits at Telegram.
const POLL: Duration = Duration::from_secs(10);
/// The pause between polls that came back at once, with messages that are not ours to take.
const PAUSE: Duration = Duration::from_secs(1);
/// The most updates that one poll gives.
const MOST: usize = 100;
/// The letters of a code: none that are mistaken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A new one-time code of 16 letters (80 bits).
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn new_code() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| internal("the system has no randomness"))?;
    Ok(bytes.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect())
}

/// The link that opens a chat with the bot and sends the code when the user taps "Start".
pub fn link(username: &str, code: &str) -> String {
    format!("https://t.me/{username}?start={code}")
}

impl Telegram {
    /// Waits for the private message `/start CODE` and gives its sender's number.
    ///
    /// Only to be called when nothing else uses the token. Messages of others that wait stay
    /// where they are: Telegram can only forget everything up to a message, so the message
    /// with the code is taken away only if it is the first, and others only when there are so
    /// many that the code could not be seen behind them.
    ///
    /// # Errors
    /// `wrong_state` at once if another program polls or a webhook is set; `refused` if the
    /// token is; `timeout` after the deadline. Failing networks are tried again until then.
    pub async fn discover_owner(&self, code: &str, deadline: Duration) -> Result<i64> {
        let end = Instant::now() + deadline;
        let text = format!("/start {code}");
        let mut offset = None;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::new(Kind::Timeout, "no message with the code came")
                    .hint("open the link again, or give your Telegram number with --owner (@userinfobot tells it)"));
            }
            let pause = match self.poll(offset, POLL.min(left)).await {
                Ok(updates) => {
                    if let Some((place, owner)) = find(&updates, &text) {
                        if place == 0 {
                            self.forget(&updates[0]).await;
                        }
                        return Ok(owner);
                    }
                    if updates.len() >= MOST {
                        offset = updates.last().map(next);
                    }
                    if updates.is_empty() { Duration::ZERO } else { PAUSE }
                }
                Err(f) if f.again => f.wait.unwrap_or(PAUSE),
                Err(f) => return Err(f.error),
            };
            tokio::time::sleep(pause.min(left)).await;
        }
    }

    async fn poll(&self, offset: Option<i32>, wait: Duration) -> Result<Vec<Update>, Failure> {
        // Which sorts of updates come is left as it is: Telegram would remember a change.
        let mut request = GetUpdates::new()
            .limit(100)
            .timeout(u32::try_from(wait.as_secs()).unwrap_or(0));
        request.offset = offset;
        self.once(&request, wait + PAUSE * 5).await
    }

    /// Takes the first waiting message away, so that the agent does not answer the code.
    async fn forget(&self, update: &Update) {
        // If it fails, the agent greets the code: no reason to fail a deployment.
        let request = GetUpdates::new().limit(1).timeout(0).offset(next(update));
        let _ = self.once(&request, PAUSE * 5).await;
    }
}

/// The offset behind an update.
fn next(update: &Update) -> i32 {
    i32::try_from(update.id.0.saturating_add(1)).unwrap_or(i32::MAX)
}

/// The message with the code, its place, and who sent it.
fn find(updates: &[Update], text: &str) -> Option<(usize, i64)> {
    updates.iter().enumerate().find_map(|(place, update)| {
        let UpdateKind::Message(message) = &update.kind else {
            return None;
        };
        let sender = message.from.as_ref()?;
        let ours = message.chat.is_private() && !sender.is_bot && message.text()?.trim() == text;
        ours.then_some(())?;
        Some((place, i64::try_from(sender.id.0).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::{link, new_code};

    #[test]
    fn codes_fit_into_a_deep_link_and_differ() {
        let (a, b) = (new_code().unwrap(), new_code().unwrap());
        assert_ne!(a, b);
        // Telegram takes 1–64 of A-Z, a-z, 0-9, _ and -.
        assert!(a.len() == 16 && a.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        assert_eq!(link("demo_bot", "abc"), "https://t.me/demo_bot?start=abc");
    }
}
