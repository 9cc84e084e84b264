//! `clawdwako logs`

use super::Context;
use super::format::{moment, safe, span};
use super::output::{Printer, Tone};
use super::status::busy;
use crate::error::{Result, usage};
use crate::model::{Event, EventKind, Millis, now};
use std::time::Duration;

/// How often `--follow` looks into the store.
const PAUSE: Duration = Duration::from_millis(500);

/// Arguments of `logs`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako logs demo -f
  clawdwako logs demo --since 2h --lines 500
  clawdwako logs demo --deploy       what happened while it was deployed")]
pub struct LogsArgs {
    /// The bot; may be left out if there is only one
    name: Option<String>,
    /// Go on as lines come, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Only what is younger: 90s, 10m, 2h, 3d
    #[arg(long, value_name = "AGE", value_parser = age)]
    since: Option<Millis>,
    /// How many of the last lines
    #[arg(long, short = 'n', value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(0..=100_000))]
    lines: i64,
    /// The deployment's own story instead of the agent's log
    #[arg(long)]
    deploy: bool,
}

pub(super) async fn run(args: LogsArgs, context: &Context) -> Result<()> {
    if args.deploy {
        story(args, context).await
    } else {
        Err(super::not_connected("logs"))
    }
}

/// The deployment's story, from the store.
async fn story(args: LogsArgs, context: &Context) -> Result<()> {
    let store = context.store().await?;
    let (_, deployment) = context.bot(&store, args.name.as_deref()).await?;
    let printer = &context.printer;
    let oldest = args.since.map_or(0, |age| now() - age);
    let mut events = store.events(&deployment.id, 0, Some(args.lines)).await?;
    if !args.follow {
        events.retain(|(_, e)| e.at >= oldest);
        let document: Vec<&Event> = events.iter().map(|(_, e)| e).collect();
        return printer.result(&serde_json::json!({"events": document}), || {
            document.iter().map(|e| format!("{}\n", line(printer, e))).collect()
        });
    }
    let mut last = 0;
    loop {
        // The status is read before the events: work that ends in between has its end shown.
        let over = !busy(store.deployment(&deployment.id).await?.status);
        for (number, event) in &events {
            last = last.max(*number);
            if event.at >= oldest {
                printer.line(event, || line(printer, event))?;
            }
        }
        events = store.events(&deployment.id, last, None).await?;
        if over && events.is_empty() {
            return Ok(());
        }
        if events.is_empty() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn line(printer: &Printer, event: &Event) -> String {
    let tone = match event.kind {
        EventKind::StepDone => Some(Tone::Good),
        EventKind::StepFailed => Some(Tone::Bad),
        EventKind::Warning => Some(Tone::Warn),
        EventKind::Log => Some(Tone::Dim),
        _ => None,
    };
    let what = match &event.step {
        Some(step) => format!("{}: ", safe(step)),
        None => String::new(),
    };
    let took = event
        .duration_ms
        .map(|ms| format!(" ({})", span(ms)))
        .unwrap_or_default();
    let text = format!("{what}{}{took}", safe(&event.text));
    let text = match tone {
        Some(tone) => printer.paint(tone, &text),
        None => text,
    };
    format!("{}  {text}", printer.paint(Tone::Dim, &moment(event.at)))
}

/// An age such as `10m`, in milliseconds.
fn age(text: &str) -> Result<Millis> {
    let bad = || usage(format!("{text:?} is no age")).hint("give a number with s, m, h or d behind it");
    let unit = text.chars().last().ok_or_else(bad)?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(bad()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| bad())?;
    Ok(i64::from(number) * seconds * 1000)
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages() {
        assert_eq!(
            [age("90s").unwrap(), age("2h").unwrap(), age("3d").unwrap()],
            [90_000, 7_200_000, 259_200_000]
        );
        for bad in ["", "h", "-1h", "1.5h", "10", "5w", "5é", "99999999999s"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }
}
