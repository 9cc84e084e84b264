//! Judging the agent by what was seen of it.

use super::cage::Cage;
use super::trouble::{bad_words, held, last_words, named_or_last_words, out_of_memory, trouble};
use serde::{Deserialize, Serialize};

pub use super::trouble::{Cause, Trouble, explain};

/// What is known of a running (or not running) agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthReport {
    /// The bot's name.
    pub bot: String,
    /// The systemd unit.
    pub unit: UnitState,
    /// The gateway's `/readyz`; none if it did not answer.
    pub ready: Option<bool>,
    /// What `/readyz` waits for.
    pub failing: Vec<String>,
    /// Telegram, once the agent has something to tell.
    pub telegram: Option<TelegramState>,
    /// The agent's version.
    pub version: Option<String>,
    /// The loopback port of its gateway.
    pub port: Option<u16>,
    /// The uid of another user who listens on that port.
    pub listener: Option<u32>,
    /// Why the agent would not be asked, if that is known.
    pub refusal: Option<String>,
    /// Its last log lines, free of its secrets.
    pub log: Vec<String>,
    /// What shuts it in; none if the look did not tell.
    pub cage: Option<Cage>,
}

/// systemd's view.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitState {
    /// `active`, `activating`, `failed`, `inactive`; `absent` if there is no unit.
    pub active: String,
    /// Finer: `running`, `auto-restart`, `dead`, …
    pub sub: String,
    /// Why it ended last: `success`, `exit-code`, `signal`, `oom-kill`, …
    pub result: String,
    /// Its last exit code or signal.
    pub exit_status: Option<i64>,
    /// The main process.
    pub pid: Option<u32>,
    /// How often systemd restarted it by itself in the last ten minutes.
    pub restarts_lately: Option<i64>,
    /// Memory in use.
    pub memory_bytes: Option<i64>,
}

/// The agent's connection to Telegram.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TelegramState {
    /// Whether it polls, and is answered.
    pub connected: bool,
    /// The agent's word: `ready`, `recovering`, `blocked`, …
    pub lifecycle: Option<String>,
    /// The last failure.
    pub last_error: Option<String>,
    /// Whether it has given up.
    pub terminal: bool,
}

/// What a health report amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Runs, is ready, and Telegram is connected.
    Well,
    /// May still become well: waiting is right.
    Starting(String),
    /// Was stopped, or never was there.
    Stopped,
    /// Does not work, and will not by itself.
    Bad(Trouble),
}

/// So many ends of late, and not ready: no accident.
const CRASHES: i64 = 3;

/// Judges a report. Well is only what runs, is ready and has Telegram connected: `/readyz`
/// alone says 200 while another poller takes all messages away.
pub fn judge(report: &HealthReport) -> Verdict {
    let log = report.log.join("\n");
    match report.unit.active.as_str() {
        "absent" => return Verdict::Stopped,
        _ if report.listener.is_some() => {
            let (port, uid) = (report.port.unwrap_or_default(), report.listener.unwrap_or_default());
            return Verdict::Bad(held(&report.bot, port, uid));
        }
        "inactive" | "deactivating" if report.unit.result == "success" => return Verdict::Stopped,
        _ => {}
    }
    if report.unit.result == "oom-kill" || out_of_memory(&log) && report.ready.is_none() {
        return Verdict::Bad(trouble(Cause::Memory, bad_words(&report.log)));
    }
    if report.unit.active != "active" && report.unit.exit_status == Some(78) {
        return Verdict::Bad(match named_or_last_words(&report.log) {
            t if t.cause == Cause::DiskFull => t,
            _ => trouble(Cause::Configuration, last_words(&report.log)),
        });
    }
    if let Some(refusal) = &report.refusal {
        return Verdict::Bad(trouble(Cause::Gateway, Some(refusal.clone())));
    }
    if let Some(telegram) = &report.telegram {
        let words = telegram.last_error.clone();
        let known = words.as_deref().map(explain).filter(|t| t.cause != Cause::Unknown);
        if telegram.terminal || telegram.lifecycle.as_deref() == Some("blocked") {
            // What ends for good is a refused token, unless the agent says otherwise.
            return Verdict::Bad(known.unwrap_or_else(|| trouble(Cause::TelegramToken, words)));
        }
        if !telegram.connected {
            return match known {
                Some(t) if t.cause == Cause::SecondPoller => Verdict::Bad(t),
                _ => Verdict::Starting(match words {
                    Some(words) => format!("Telegram is not connected yet: {words}"),
                    None => "Telegram is not connected yet".into(),
                }),
            };
        }
        if report.ready == Some(true) && report.unit.active == "active" {
            return Verdict::Well;
        }
    }
    let crash_loop = report.ready != Some(true) && report.unit.restarts_lately.unwrap_or(0) >= CRASHES;
    match report.unit.active.as_str() {
        _ if crash_loop => Verdict::Bad(ended(report, "the agent ended again and again")),
        "failed" | "inactive" => Verdict::Bad(ended(report, "the agent ended")),
        _ if report.unit.sub == "auto-restart" => Verdict::Starting("the agent ended and is being restarted".into()),
        _ if report.failing.is_empty() => Verdict::Starting("the agent is starting".into()),
        _ => Verdict::Starting(format!("the agent waits for {}", report.failing.join(", "))),
    }
}

/// Why an agent ended: a known trouble, else what systemd saw and the agent said.
fn ended(report: &HealthReport, how: &str) -> Trouble {
    let trouble = named_or_last_words(&report.log);
    if trouble.cause != Cause::Unknown {
        return trouble;
    }
    let seen = match (report.unit.result.as_str(), report.unit.exit_status) {
        ("exit-code", Some(code)) => format!(" (exit code {code})"),
        ("signal" | "core-dump", Some(signal)) => format!(" (signal {signal})"),
        _ => String::new(),
    };
    Trouble {
        meaning: format!("{how}{seen}"),
        ..trouble
    }
}

/// What to say when a deadline has passed and the verdict is still [`Verdict::Starting`].
pub fn too_late(report: &HealthReport, waiting_for: &str) -> Trouble {
    let words = report.telegram.as_ref().and_then(|t| t.last_error.clone());
    match words.as_deref().map(explain) {
        Some(t) if t.cause != Cause::Unknown => t,
        _ if report.ready == Some(true) => trouble(Cause::TelegramUnreachable, words),
        _ => Trouble {
            meaning: format!("the agent did not become ready in time: {waiting_for}"),
            // It runs, so its last line is not the reason: only what sounds like one is.
            ..trouble(Cause::Unknown, bad_words(&report.log))
        },
    }
}

/// One turn of the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// Whether the model answered.
    pub ok: bool,
    /// Who answered.
    pub provider: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The beginning of its answer.
    pub text: Option<String>,
    /// Why it did not.
    pub error: Option<String>,
    /// Which start of the agent was asked: systemd's invocation id.
    pub start: Option<String>,
}

impl Turn {
    /// One that failed, with the agent's words or ours.
    pub fn failed(words: impl Into<String>) -> Turn {
        Turn {
            error: Some(words.into()),
            ..Turn::default()
        }
    }

    /// What is wrong, if something is: no text is no answer.
    pub fn trouble(&self) -> Option<Trouble> {
        let text = self.text.as_deref().unwrap_or_default().trim();
        match (&self.error, self.ok && !text.is_empty()) {
            (_, true) => None,
            (Some(words), false) => Some(explain(words)),
            (None, false) => Some(trouble(Cause::Unknown, Some("the model's answer was empty".into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};

    fn running() -> HealthReport {
        HealthReport {
            unit: UnitState {
                active: "active".into(),
                sub: "running".into(),
                result: "success".into(),
                pid: Some(61),
                ..UnitState::default()
            },
            ready: Some(true),
            telegram: Some(TelegramState {
                connected: true,
                lifecycle: Some("ready".into()),
                ..TelegramState::default()
            }),
            ..HealthReport::default()
        }
    }

    fn cause(report: &HealthReport) -> Option<Cause> {
        match judge(report) {
            Verdict::Bad(t) => Some(t.cause),
            _ => None,
        }
    }

    #[test]
    fn only_ready_and_connected_is_well() {
        assert_eq!(judge(&running()), Verdict::Well);
        let mut r = running();
        r.ready = None;
        assert!(matches!(judge(&r), Verdict::Starting(_)));
        // /readyz says yes while another poller takes the messages away.
        let mut r = running();
        r.telegram = Some(TelegramState {
            connected: false,
            lifecycle: Some("recovering".into()),
            last_error: Some("Conflict: terminated by other getUpdates request".into()),
            terminal: false,
        });
        assert_eq!(cause(&r), Some(Cause::SecondPoller));
        let mut r = running();
        r.telegram = Some(TelegramState {
            connected: false,
            last_error: Some("fetch failed".into()),
            ..TelegramState::default()
        });
        assert!(matches!(judge(&r), Verdict::Starting(_)));
        assert_eq!(too_late(&r, "Telegram").cause, Cause::TelegramUnreachable);
    }

    #[test]
    fn an_agent_that_hangs_is_told_by_what_sounds_like_a_reason_alone() {
        let hanging = |log: &[&str]| HealthReport {
            ready: None,
            log: log.iter().map(|l| (*l).to_owned()).collect(),
            ..running()
        };
        let told = |log: &[&str]| too_late(&hanging(log), "the agent is starting").words;
        assert_eq!(told(&["[gateway] starting", "Bind: loopback"]), None);
        let plugin = "[plugins] telegram cannot be loaded";
        assert_eq!(told(&[plugin, "Bind: loopback"]).as_deref(), Some(plugin));
    }

    #[test]
    fn ends_have_their_reasons() {
        let ended = |result: &str, status: i64, log: &[&str]| HealthReport {
            unit: UnitState {
                active: "failed".into(),
                result: result.into(),
                exit_status: Some(status),
                ..UnitState::default()
            },
            log: log.iter().map(|l| (*l).to_owned()).collect(),
            ..HealthReport::default()
        };
        let refused = ended(
            "exit-code",
            78,
            &[
                "Started clawdwako-x.service",
                "Gateway start blocked: existing config is missing gateway.mode.",
                "Config write audit: state (latest 50000 rows)",
            ],
        );
        let Verdict::Bad(t) = judge(&refused) else { panic!() };
        assert_eq!(t.cause, Cause::Configuration);
        assert!(t.words.unwrap().contains("missing gateway.mode"));

        assert_eq!(cause(&ended("oom-kill", 9, &[])), Some(Cause::Memory));
        let killed = "clawdwako-x.service: A process of this unit has been killed by the OOM killer.";
        assert_eq!(cause(&ended("signal", 9, &[killed])), Some(Cause::Memory));
        // What systemd says of its unit is not the agent's reason.
        let begins = "Starting clawdwako-x.service - OpenClaw agent of the bot demo...";
        let Verdict::Bad(t) = judge(&ended("signal", 9, &[killed, begins])) else {
            panic!("not bad")
        };
        assert_eq!((t.cause, t.words), (Cause::Memory, None));
        let full = "ENOSPC: no space left on device";
        let failed = "clawdwako-x.service: Failed with result 'exit-code'.";
        let Verdict::Bad(t) = judge(&ended("exit-code", 78, &[begins, full, failed])) else {
            panic!("not bad")
        };
        assert_eq!((t.cause, t.words.as_deref()), (Cause::DiskFull, Some(full)));
        assert_eq!(cause(&ended("exit-code", 1, &["what is this"])), Some(Cause::Unknown));
        // A memory limit on a kernel that does not tell: seen as nothing but kills.
        let mut looping = ended(
            "success",
            0,
            &["clawdwako-x.service: Main process exited, code=killed, status=9/KILL"],
        );
        looping.unit.active = "active".into();
        looping.unit.restarts_lately = Some(4);
        assert_eq!(cause(&looping), Some(Cause::Memory));
        looping.log = vec!["TypeError: no".into()];
        assert_eq!(cause(&looping), Some(Cause::Unknown));
        // What happened four times in a long life is no loop.
        looping.unit.restarts_lately = Some(1);
        assert!(matches!(judge(&looping), Verdict::Starting(_)));
        // It says nothing itself: what systemd saw is told then, not that systemd began to start it.
        let mut silent = ended("exit-code", 1, &[begins, failed]);
        let told = |report: &HealthReport| match judge(report) {
            Verdict::Bad(t) => (t.meaning, t.words),
            other => panic!("{other:?}"),
        };
        assert_eq!(told(&silent), ("the agent ended (exit code 1)".into(), None));
        silent.unit.active = "activating".into();
        silent.unit.restarts_lately = Some(3);
        assert_eq!(told(&silent).0, "the agent ended again and again (exit code 1)");
        let mut stopped = ended("success", 0, &[]);
        stopped.unit.active = "inactive".into();
        assert_eq!(judge(&stopped), Verdict::Stopped);
        assert_eq!(
            judge(&HealthReport {
                unit: UnitState {
                    active: "absent".into(),
                    ..UnitState::default()
                },
                ..HealthReport::default()
            }),
            Verdict::Stopped
        );
    }

    #[test]
    fn a_turn_needs_words() {
        let ok = Turn {
            ok: true,
            text: Some("ping".into()),
            ..Turn::default()
        };
        assert_eq!(ok.trouble(), None);
        let empty = Turn {
            text: Some("  ".into()),
            ..ok
        };
        assert_eq!(empty.trouble().unwrap().cause, Cause::Unknown);
        let refused = Turn::failed("HTTP 401 invalid x-api-key");
        let e = Error::from(refused.trouble().unwrap());
        assert_eq!(e.kind(), Kind::Auth);
        assert!(e.next_step().is_some() && e.message().contains("the agent says"));
    }
}
