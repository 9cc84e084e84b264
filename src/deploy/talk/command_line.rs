//! Asking the agent by its command line, where its gateway speaks a protocol that is not known here.
//! It starts a second Node on the server, so it takes seconds and much memory.

use super::{Talk, Unasked};
use crate::error::Result;
use crate::openclaw::gateway::channels::Account;
use crate::openclaw::gateway::door::Shut;
use crate::openclaw::gateway::usage::Usage;
use crate::openclaw::health::{TelegramState, Turn};
use crate::openclaw::scripts::{self, Question};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long the command may take for anything but a turn.
const LIMIT: Duration = Duration::from_secs(40);
/// The code with which `timeout` tells that it ended a command.
const OVERDUE: &str = "124";

/// What the command printed.
struct Answer {
    bytes: Vec<u8>,
    overdue: bool,
}

impl Talk<'_> {
    async fn command_line(&mut self, question: Question<'_>, limit: Duration) -> Result<Result<Answer, Shut>> {
        let told = self
            .script(scripts::ask_agent(&self.agent.user, question, limit))
            .await?;
        if let Some(shut) = Shut::read(&told) {
            return Ok(Err(shut));
        }
        let fact = |name: &str| told.facts.get(name).map(String::as_str).unwrap_or_default();
        Ok(Ok(Answer {
            bytes: STANDARD.decode(fact("answer")).unwrap_or_default(),
            overdue: fact("exit") == OVERDUE,
        }))
    }

    pub(super) async fn telegram_by_command_line(&mut self) -> Result<Result<Option<TelegramState>, Unasked>> {
        #[derive(Deserialize)]
        struct Health {
            channels: Channels,
        }
        #[derive(Deserialize)]
        struct Channels {
            telegram: Option<Account>,
        }
        Ok(match self.command_line(Question::Health, LIMIT).await? {
            Ok(answer) => {
                let health = read::<Health>(&answer.bytes);
                let telegram = health.and_then(|h| h.channels.telegram);
                Ok(telegram.map(|account| self.without_secrets(account.into())))
            }
            Err(shut) => Err(Unasked::Shut(shut)),
        })
    }

    pub(super) async fn usage_by_command_line(&mut self) -> Option<Usage> {
        let answer = self.command_line(Question::Usage, LIMIT).await.ok()?.ok()?;
        read::<Usage>(&answer.bytes).filter(Usage::is_whole)
    }

    pub(super) async fn turn_by_command_line(&mut self, prompt: &str, limit: Duration) -> Result<Turn> {
        let asked = self.command_line(Question::Turn(prompt), limit).await?;
        Ok(match asked {
            Ok(answer) if answer.overdue => Turn::failed("the model did not answer in time"),
            Ok(answer) => turn(&answer.bytes),
            Err(shut) => match self.held(shut) {
                Some(e) => return Err(e),
                None => Turn::failed(shut.words()),
            },
        })
    }
}

/// What `openclaw infer model run --json` printed.
fn turn(bytes: &[u8]) -> Turn {
    #[derive(Deserialize)]
    struct Inferred {
        ok: bool,
        provider: Option<String>,
        model: Option<String>,
        #[serde(default)]
        outputs: Vec<Said>,
        error: Option<Failure>,
    }
    #[derive(Deserialize)]
    struct Said {
        text: Option<String>,
    }
    #[derive(Deserialize)]
    struct Failure {
        message: Option<String>,
    }
    match read::<Inferred>(bytes) {
        Some(answer) => Turn {
            ok: answer.ok,
            provider: answer.provider,
            model: answer.model,
            text: answer.outputs.into_iter().next().and_then(|o| o.text),
            error: answer.error.and_then(|e| e.message),
            start: None,
        },
        None => match String::from_utf8_lossy(bytes).trim() {
            "" => Turn::failed("the agent gave no answer"),
            text => Turn::failed(text),
        },
    }
}

/// The document that a command printed, after whatever stands in front of it.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let at = bytes.iter().position(|&b| b == b'{')?;
    serde_json::Deserializer::from_slice(&bytes[at..])
        .into_iter::<T>()
        .next()?
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_found_behind_warnings() {
        let answered = turn(
            b"(node) warning\n{\"ok\":true,\"provider\":\"p\",\"model\":\"m\",\"outputs\":[{\"text\":\"ready\"}]}\nbye",
        );
        assert_eq!((answered.ok, answered.text.as_deref()), (true, Some("ready")));
        let refused = turn(b"{\"ok\":false,\"error\":{\"message\":\"HTTP 401\"}}");
        assert_eq!((refused.ok, refused.error.as_deref()), (false, Some("HTTP 401")));
    }

    #[test]
    fn what_is_no_document_is_told_as_it_is() {
        assert_eq!(turn(b"").error.as_deref(), Some("the agent gave no answer"));
        assert_eq!(turn(b" no document\n").error.as_deref(), Some("no document"));
        assert_eq!(turn(b"{\"ok\":\"yes\"}").error.as_deref(), Some("{\"ok\":\"yes\"}"));
    }
}
