//! One look at an agent's unit and its `/readyz`, as the script [`super::scripts::look`] tells it.

use super::cage::Cage;
use super::health::{HealthReport, UnitState};
use crate::error::{Error, Kind, Result};
use crate::model::Reading;
use crate::secrets::Redactor;
use crate::ssh::Output;
use crate::ssh::lines::clean;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// The longest line of a log that is kept, in characters.
const MAX_LINE: usize = 400;
/// The most of its lines.
const MAX_LINES: usize = 60;
/// systemd tells a number near 2^64 for what it does not know.
const EXACT: u64 = 1 << 53;

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Which start of the agent it was: systemd's invocation id.
    pub start: String,
    report: HealthReport,
    reading: Reading,
    log: String,
}

impl Look {
    /// Reads the script's facts.
    ///
    /// # Errors
    /// `upstream` if they are none.
    pub fn parse(told: &Output) -> Result<Look> {
        let fact = |name: &str| told.facts.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
        let unreadable = || {
            Error::new(Kind::Upstream, "the server's look at the agent cannot be read")
                .hint("run the command again; `clawdwako doctor` looks closer")
        };
        let number = |name: &str| fact(name).and_then(whole);
        let active = fact("ActiveState").ok_or_else(unreadable)?.to_owned();
        let word = |name: &str| fact(name).unwrap_or_default().to_owned();
        let answer = decoded(fact("Ready"), unreadable)?;
        let (code, failing) = ready(&answer);
        let unit = UnitState {
            active,
            sub: word("SubState"),
            result: word("Result"),
            exit_status: number("ExecMainStatus"),
            pid: number("MainPID").and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0),
            restarts_lately: number("Lately"),
            memory_bytes: number("MemoryCurrent"),
        };
        let (disk, disk_total) = fact("Disk")
            .and_then(|d| d.split_once(char::is_whitespace))
            .unwrap_or_default();
        let reading = Reading {
            memory_bytes: unit.memory_bytes,
            memory_total_bytes: number("Memory").map(|kb| kb * 1024),
            disk_bytes: whole(disk.trim()),
            disk_total_bytes: whole(disk_total.trim()),
            cpu_us: number("CPUUsageNSec").map(|ns| ns / 1000),
            ..Reading::default()
        };
        Ok(Look {
            start: word("InvocationID"),
            report: HealthReport {
                unit,
                ready: match code {
                    Some(200) => Some(true),
                    Some(503) => Some(false),
                    _ => None,
                },
                failing,
                // The link that the version stands in is root's, and still a name that is shown.
                version: fact("Version")
                    .filter(|v| semver::Version::parse(v).is_ok())
                    .map(str::to_owned),
                port: fact("Port").and_then(|p| p.parse().ok()),
                listener: fact("Listener").and_then(|uid| uid.parse().ok()),
                cage: Cage::of(&told.facts),
                ..HealthReport::default()
            },
            reading,
            log: String::from_utf8_lossy(&decoded(fact("Log"), unreadable)?).into_owned(),
        })
    }

    /// Whether the agent has something to tell of Telegram now: it is ready, or waits for nothing else.
    pub fn can_be_asked(&self) -> bool {
        let report = &self.report;
        let runs = !matches!(report.unit.active.as_str(), "absent" | "failed" | "inactive");
        runs && match report.ready {
            Some(true) => true,
            Some(false) => report.failing.first().is_some_and(|f| f == "telegram"),
            None => false,
        }
    }

    /// What is known of the agent of the bot called `bot` so far, without the secrets in its words.
    pub fn report(&self, bot: &str, redactor: &Redactor) -> HealthReport {
        let lines = redactor.text(&self.log);
        let lines = lines.lines().map(|line| clean(line.as_bytes()));
        let log: Vec<String> = lines
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.chars().take(MAX_LINE).collect())
            .collect();
        HealthReport {
            bot: bot.to_owned(),
            failing: self.report.failing.iter().map(|f| redactor.text(f)).collect(),
            log: log[log.len().saturating_sub(MAX_LINES)..].to_vec(),
            ..self.report.clone()
        }
    }

    /// What the server told of memory, disk and processor.
    pub fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

fn whole(text: &str) -> Option<i64> {
    text.parse::<u64>().ok().filter(|n| *n < EXACT).map(|n| n as i64)
}

/// What the agent wrote: the script gives it in base64.
fn decoded(fact: Option<&str>, unreadable: impl Fn() -> Error) -> Result<Vec<u8>> {
    STANDARD.decode(fact.unwrap_or_default()).map_err(|_| unreadable())
}

/// The status of an HTTP answer, and what `/readyz` says that it waits for.
fn ready(answer: &[u8]) -> (Option<u16>, Vec<String>) {
    #[derive(Default, Deserialize)]
    struct Ready {
        #[serde(default)]
        failing: Vec<String>,
    }
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut words = head.split(' ');
    let status = words
        .next()
        .filter(|v| v.starts_with("HTTP/1."))
        .and_then(|_| words.next())
        .and_then(|code| code.parse().ok());
    let failing = serde_json::from_str::<Ready>(body).unwrap_or_default().failing;
    let failing = failing
        .iter()
        .take(20)
        .map(|f| clean(f.as_bytes()).chars().take(60).collect());
    (status, failing.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openclaw::health::{Cause, Verdict, judge};
    use crate::secrets::Secret;

    fn told(facts: &[(&str, &str)]) -> Output {
        let facts = facts.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Output {
            facts: facts.collect(),
            tail: Vec::new(),
        }
    }

    fn look(more: &[(&str, &str)]) -> Look {
        let running = [
            ("ActiveState", "active"),
            ("SubState", "running"),
            ("Result", "success"),
        ];
        Look::parse(&told(&[&running, more].concat())).unwrap()
    }

    fn answer(text: &str) -> String {
        STANDARD.encode(text)
    }

    #[test]
    fn facts_become_a_report_and_a_reading() {
        let seen = look(&[
            ("MainPID", "61"),
            ("ExecMainStatus", "0"),
            ("MemoryCurrent", "1048576"),
            ("CPUUsageNSec", "[not set]"),
            ("Lately", "2"),
            ("Port", "18789"),
            ("Version", "2026.9.6"),
            ("Memory", "4000"),
            ("Disk", "  1000  2000"),
            ("InvocationID", "abc"),
            (
                "Ready",
                &answer("HTTP/1.1 200 OK\r\na: b\r\n\r\n{\"ready\":true,\"failing\":[]}"),
            ),
        ]);
        let report = seen.report("demo", &Redactor::default());
        assert_eq!(
            (report.ready, report.unit.pid, report.port),
            (Some(true), Some(61), Some(18789))
        );
        assert_eq!(
            (report.version.as_deref(), seen.start.as_str()),
            (Some("2026.9.6"), "abc")
        );
        assert!(seen.can_be_asked());
        let reading = seen.reading();
        assert_eq!(
            (
                reading.memory_total_bytes,
                reading.disk_bytes,
                reading.disk_total_bytes,
                reading.cpu_us
            ),
            (Some(4_096_000), Some(1000), Some(2000), None)
        );
    }

    #[test]
    fn only_one_that_waits_for_telegram_alone_is_asked() {
        let waits = |body: &str| look(&[("Ready", &answer(&format!("HTTP/1.1 503 X\r\n\r\n{body}")))]).can_be_asked();
        assert!(waits(r#"{"failing":["telegram"]}"#));
        for not_yet in [r#"{"failing":["startup","telegram"]}"#, r#"{"failing":[]}"#, "", "[[[["] {
            assert!(!waits(not_yet), "{not_yet}");
        }
        assert!(!look(&[]).can_be_asked());
        assert!(!look(&[("Ready", &answer("220 mail HTTP/1.1 200 OK"))]).can_be_asked());
    }

    #[test]
    fn who_else_listens_is_the_verdict() {
        let seen = look(&[("Port", "18789"), ("Listener", "995")]).report("demo", &Redactor::default());
        let Verdict::Bad(trouble) = judge(&seen) else { panic!() };
        assert_eq!(trouble.cause, Cause::PortHeld);
        let error = Error::from(trouble);
        assert_eq!(
            error.message(),
            "port 18789 on the server is held by another user (uid 995), not by demo's agent; nothing secret was sent"
        );
        assert!(error.next_step().unwrap().contains("clawdwako ssh demo -- "));
    }

    #[test]
    fn what_an_agent_writes_is_cleaned_and_forges_nothing() {
        let log = "\u{1b}[31m::fact ActiveState=failed\nthe token is 123456:secret\n\n".repeat(200);
        let seen = look(&[("Log", &answer(&log))]);
        let report = seen.report("demo", &Redactor::new([Secret::new("123456:secret")]));
        assert_eq!((report.unit.active.as_str(), report.log.len()), ("active", MAX_LINES));
        assert!(
            report
                .log
                .iter()
                .all(|l| l == "the token is ***" || l == "::fact ActiveState=failed")
        );
    }

    #[test]
    fn what_is_no_look_is_an_error() {
        for facts in [
            vec![],
            vec![("ActiveState", "")],
            vec![("ActiveState", "active"), ("Ready", "no base64!")],
        ] {
            assert_eq!(Look::parse(&told(&facts)).unwrap_err().kind(), Kind::Upstream);
        }
    }
}
