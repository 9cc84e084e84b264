//! `clawdwako doctor`: looks for what is wrong, and says what to do.

mod accounts;
mod bots;
mod local;
mod network;
mod server;

use super::Context;
use super::format::safe;
use super::output::Tone;
use crate::error::{Error, Result};
use crate::model::words;
use serde::Serialize;
use serde_json::json;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako doctor
  clawdwako doctor --json

Exits with 1 if anything is bad. Shows where each setting came from, never a
secret.")]
pub struct DoctorArgs {}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but may surprise.
    Warn,
    /// Has to be put right.
    Bad,
}

words!(Level { Ok = "ok", Warn = "warn", Bad = "bad" });

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    /// What it is about, such as `network`.
    area: &'static str,
    level: Level,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<String>,
}

impl Finding {
    fn ok(area: &'static str, text: impl Into<String>) -> Finding {
        Finding {
            area,
            level: Level::Ok,
            text: text.into(),
            next_step: None,
        }
    }

    fn warn(area: &'static str, text: impl Into<String>, next_step: impl Into<String>) -> Finding {
        Finding {
            level: Level::Warn,
            next_step: Some(next_step.into()),
            ..Finding::ok(area, text)
        }
    }

    fn bad(area: &'static str, text: impl Into<String>, next_step: impl Into<String>) -> Finding {
        Finding {
            level: Level::Bad,
            ..Finding::warn(area, text, next_step)
        }
    }

    fn of_error(area: &'static str, what: &str, e: &Error) -> Finding {
        let next_step = e.next_step().unwrap_or("try again in a while").to_owned();
        Finding::bad(area, format!("{what}: {}", e.message()), next_step)
    }
}

pub(super) async fn run(_args: DoctorArgs, context: &Context) -> Result<()> {
    let mut findings = local::check(context).await;
    // All at once: a doctor that waits for one dead host after the other is not asked again.
    let (network, server, accounts, models, bots) = tokio::join!(
        network::check(context),
        server::check(context),
        accounts::check(context),
        bots::models(context),
        async {
            // A profile without a store has no bots; looking must not make one.
            if context.store_path().exists() {
                bots::check(context).await
            } else {
                Vec::new()
            }
        },
    );
    findings.extend([network, server, accounts, models, bots].into_iter().flatten());
    let bad = findings.iter().filter(|f| f.level == Level::Bad).count();
    let printer = &context.printer;
    printer.result(&json!({"healthy": bad == 0, "findings": findings}), || {
        let mut text = String::new();
        for f in &findings {
            let (mark, tone) = match f.level {
                Level::Ok => ("✓", Tone::Good),
                Level::Warn => ("!", Tone::Warn),
                Level::Bad => ("✗", Tone::Bad),
            };
            text.push_str(&format!(
                "{} {:<9} {}\n",
                printer.paint(tone, mark),
                f.area,
                safe(&f.text)
            ));
            if let Some(next) = &f.next_step {
                text.push_str(&format!(
                    "            {} {}\n",
                    printer.paint(Tone::Strong, "next:"),
                    safe(next)
                ));
            }
        }
        text
    })?;
    if bad > 0 {
        printer.exit_with(1);
    }
    Ok(())
}
