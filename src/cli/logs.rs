//! `clawdwako logs`

use super::format::{moment, safe, span};
use super::keeper::Keeper;
use super::output::{Printer, Tone};
use super::status::busy;
use super::{Context, work};
use crate::api::types::MOST_LOG_LINES;
use crate::deploy::care;
use crate::error::{Result, usage};
use crate::model::{Event, EventKind, Millis, now};
use crate::openclaw::journal::Entry;
use crate::openclaw::scripts::LogQuery;
use crate::store::Store;
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
    since: Option<Age>,
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
        agent(args, context).await
    }
}

/// The agent's own log, from the server.
async fn agent(args: LogsArgs, context: &Context) -> Result<()> {
    let printer = &context.printer;
    if !args.follow {
        let mut lines = Vec::new();
        read(&args, context, &mut |line| lines.push(line.to_owned())).await?;
        return printer.result(&serde_json::json!({"lines": lines}), || {
            lines.iter().map(|l| format!("{}\n", shown(l))).collect()
        });
    }
    // Each line is printed before the next one is read: a slow reader slows the server down, and
    // nothing piles up here. A closed output ends the following on the server too, since the
    // session is dropped.
    let (tell, mut told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let mut show = |line: &str| {
        let printed = printer.line(&serde_json::json!({"line": line}), || shown(line));
        if let Err(e) = printed
            && let Some(tell) = tell.take()
        {
            let _ = tell.send(e);
        }
    };
    let done = tokio::select! {
        done = read(&args, context, &mut show) => done,
        Ok(e) = &mut told => return Err(e),
    };
    match told.try_recv() {
        Ok(e) => Err(e),
        Err(_) => done,
    }
}

/// Reads the agent's log, from the server or from the control server that keeps the bot.
async fn read(args: &LogsArgs, context: &Context, on_line: &mut (dyn FnMut(&str) + Send)) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    if matches!(keeper, Keeper::There(_)) && args.lines > MOST_LOG_LINES {
        return Err(usage(format!(
            "a control server tells {MOST_LOG_LINES} lines of a log at most"
        ))
        .hint(format!("say --lines {MOST_LOG_LINES}, or fewer")));
    }
    let (bot, deployment) = keeper.bot(context, args.name.as_deref()).await?;
    let since = args.since.as_ref().map(|age| age.text.clone());
    match keeper {
        Keeper::Here(store) => {
            let query = LogQuery {
                lines: u32::try_from(args.lines).unwrap_or(u32::MAX),
                since,
                after: None,
                follow: args.follow.then_some(Duration::ZERO),
            };
            let platform = work::standing(context, store).await?;
            let mut entry = |entry: Entry| entry.text.iter().for_each(|text| on_line(text));
            care::log(&platform, &bot, &deployment, &query, &mut entry).await
        }
        Keeper::There(client) if args.follow => {
            let mut events = client.agent_events(&bot.id, args.lines, since.as_deref());
            while let Some(event) = events.next().await? {
                on_line(&event.text);
            }
            Ok(())
        }
        Keeper::There(client) => {
            let lines = client.agent_log(&bot.id, args.lines, since.as_deref()).await?;
            lines.iter().for_each(|event| on_line(&event.text));
            Ok(())
        }
    }
}

/// An entry of the agent's log may have several lines.
fn shown(entry: &str) -> String {
    entry.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

/// The deployment's story.
async fn story(args: LogsArgs, context: &Context) -> Result<()> {
    let keeper = Keeper::of(context).await?;
    let (bot, deployment) = keeper.bot(context, args.name.as_deref()).await?;
    let printer = &context.printer;
    let oldest = args.since.as_ref().map_or(0, |age| now() - age.ms);
    // The newest is looked up first: with no line asked for, following begins after it.
    let (newest, events): (i64, Vec<(i64, Event)>) = match &keeper {
        Keeper::Here(store) => {
            let newest = store.last_event(&deployment.id).await?;
            (newest, store.events(&deployment.id, 0, Some(args.lines)).await?)
        }
        Keeper::There(client) => {
            let newest = client.status(&bot.id).await?.last_event;
            let views = client.story(&bot.id, newest, args.lines).await?;
            (newest, views.into_iter().map(|e| (e.number, e.into())).collect())
        }
    };
    let last = events.last().map_or(newest, |(number, _)| *number);
    let document: Vec<&Event> = events.iter().map(|(_, e)| e).filter(|e| e.at >= oldest).collect();
    if !args.follow {
        return printer.result(&serde_json::json!({"events": document}), || {
            document.iter().map(|e| format!("{}\n", line(printer, e))).collect()
        });
    }
    let show = |event: &Event| printer.line(event, || line(printer, event));
    document.into_iter().try_for_each(show)?;
    match keeper {
        Keeper::Here(store) => follow(&store, &deployment.id, last, show).await,
        Keeper::There(client) => {
            let mut events = client.events(&bot.id, last);
            while let Some(event) = events.next().await? {
                show(&event.into())?;
            }
            Ok(())
        }
    }
}

/// Shows what the store has after an event, until no work is left.
async fn follow(store: &Store, deployment_id: &str, mut last: i64, show: impl Fn(&Event) -> Result<()>) -> Result<()> {
    loop {
        // The status is read before the events: work that ends in between has its end shown.
        let over = !busy(store.deployment(deployment_id).await?.status);
        let events = store.events(deployment_id, last, None).await?;
        for (number, event) in &events {
            last = *number;
            show(event)?;
        }
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

/// An age such as `10m`.
#[derive(Debug, Clone)]
struct Age {
    text: String,
    ms: Millis,
}

fn age(text: &str) -> Result<Age> {
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
    Ok(Age {
        text: text.to_owned(),
        ms: i64::from(number) * seconds * 1000,
    })
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages() {
        assert_eq!(
            ["90s", "2h", "3d"].map(|t| age(t).unwrap().ms),
            [90_000, 7_200_000, 259_200_000]
        );
        for bad in ["", "h", "-1h", "1.5h", "10", "5w", "5é", "99999999999s"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }
}
