//! How a deployment's story is shown while it happens: bars on a terminal, else plain lines,
//! or JSON lines.

use super::format::{safe, span};
use super::output::{Printer, Tone, paint};
use crate::deploy::Reporter;
use crate::model::{Event, EventKind};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The reporter that fits: JSON lines with `--json`, bars on a terminal, else plain lines.
///
/// `lines`: whether the verb's JSON is lines; else it is one document, and events are for people.
pub fn reporter(printer: &Arc<Printer>, lines: bool) -> Arc<dyn Reporter> {
    if printer.json() && lines {
        Arc::new(JsonLines(printer.clone()))
    } else if std::io::stderr().is_terminal() && !printer.quiet() {
        Arc::new(Bars::new(printer.clone(), ProgressDrawTarget::stderr()))
    } else {
        Arc::new(Lines(printer.clone()))
    }
}

/// What a step is called: the event's own words, else its name.
fn title(event: &Event) -> String {
    match (&event.text, &event.step) {
        (text, _) if !text.is_empty() => safe(text).into_owned(),
        (_, Some(step)) => safe(step).replace('_', " "),
        _ => "working".to_owned(),
    }
}

/// One line for an event, or none if it is only worth seeing while it lasts.
fn line(event: &Event, color: bool) -> Option<String> {
    let took = event
        .duration_ms
        .map(|ms| paint(color, Tone::Dim, &format!("  {}", span(ms))))
        .unwrap_or_default();
    let title = title(event);
    Some(match event.kind {
        EventKind::StepDone => format!("{} {title}{took}", paint(color, Tone::Good, "✓")),
        EventKind::StepFailed => format!("{} {title}{took}", paint(color, Tone::Bad, "✗")),
        EventKind::Warning => format!("{} {title}", paint(color, Tone::Warn, "!")),
        EventKind::Result => title,
        EventKind::StepStarted | EventKind::Progress | EventKind::Log => return None,
    })
}

/// Events as JSON, one a line, on standard output.
struct JsonLines(Arc<Printer>);

impl Reporter for JsonLines {
    fn event(&self, event: &Event) {
        // A reader that went away does not stop the deployment.
        let _ = self.0.line(event, String::new);
    }
}

/// Plain lines on standard error, for logs and pipes; with `--quiet` only what went wrong.
struct Lines(Arc<Printer>);

impl Reporter for Lines {
    fn event(&self, event: &Event) {
        let color = self.0.notes_colored();
        match event.kind {
            EventKind::Warning => self.0.warn(&title(event)),
            EventKind::Log => self.0.note(&format!("    {}", title(event))),
            EventKind::StepStarted | EventKind::Progress => self.0.note(&format!("- {}", title(event))),
            _ => {
                if let Some(line) = line(event, color) {
                    self.0.note(&line);
                }
            }
        }
    }
}

/// One bar for each step that runs; when it ends it becomes a line with its own time.
struct Bars {
    printer: Arc<Printer>,
    bars: MultiProgress,
    running: Mutex<HashMap<String, (ProgressBar, String)>>,
}

impl Bars {
    fn new(printer: Arc<Printer>, target: ProgressDrawTarget) -> Bars {
        Bars {
            printer,
            bars: MultiProgress::with_draw_target(target),
            running: Mutex::default(),
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<String, (ProgressBar, String)>> {
        // A panic elsewhere leaves the map usable.
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn start(&self, event: &Event) {
        let template = if self.printer.notes_colored() {
            "{spinner:.cyan} {msg}  {elapsed:.dim}"
        } else {
            "{spinner} {msg}  {elapsed}"
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
        let title = title(event);
        bar.set_message(title.clone());
        bar.enable_steady_tick(Duration::from_millis(100));
        self.running()
            .insert(event.step.clone().unwrap_or_default(), (bar, title));
    }
}

impl Reporter for Bars {
    fn event(&self, event: &Event) {
        let step = event.step.clone().unwrap_or_default();
        match event.kind {
            EventKind::StepStarted => self.start(event),
            EventKind::Progress | EventKind::Log => {
                if let Some((bar, title)) = self.running().get(&step) {
                    // What is longer than the terminal is cut off by the bar itself.
                    bar.set_message(format!("{title}: {}", safe(&event.text)));
                }
            }
            _ => {
                if matches!(event.kind, EventKind::StepDone | EventKind::StepFailed)
                    && let Some((bar, _)) = self.running().remove(&step)
                {
                    bar.finish_and_clear();
                    self.bars.remove(&bar);
                }
                if let Some(line) = line(event, self.printer.notes_colored()) {
                    // `println` of a bar is silent without a terminal; `suspend` never is.
                    self.bars.suspend(|| self.printer.note(&line));
                }
            }
        }
    }
}

impl Drop for Bars {
    /// Leaves no half-drawn bar behind when the work was interrupted.
    fn drop(&mut self) {
        for (_, (bar, _)) in self.running().drain() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::Color;
    use crate::config::Terminal;

    fn event(kind: EventKind, text: &str, ms: Option<i64>) -> Event {
        Event {
            at: 0,
            kind,
            job: Some("provision_server".into()),
            step: Some("create_server".into()),
            text: text.into(),
            duration_ms: ms,
        }
    }

    #[test]
    fn each_step_ends_in_one_line_with_its_time() {
        let done = event(EventKind::StepDone, "", Some(1234));
        assert_eq!(line(&done, false).unwrap(), "✓ create server  1.2 s");
        assert_eq!(
            line(&done, true).unwrap(),
            "\x1b[32m✓\x1b[0m create server\x1b[2m  1.2 s\x1b[0m"
        );
        let failed = event(EventKind::StepFailed, "no\x1bgo", None);
        assert_eq!(line(&failed, false).unwrap(), "✗ no\\u{1b}go");
        assert!(line(&event(EventKind::Log, "x", None), false).is_none());
    }

    #[test]
    fn bars_come_and_go() {
        let printer = Arc::new(Printer::new(false, true, Color::Never, Terminal::default()));
        let bars = Bars::new(printer, ProgressDrawTarget::hidden());
        bars.event(&event(EventKind::StepStarted, "Rent a server", None));
        bars.event(&event(EventKind::Progress, "waiting", None));
        assert_eq!(bars.running()["create_server"].0.message(), "Rent a server: waiting");
        bars.event(&event(EventKind::Log, "line", None));
        bars.event(&event(EventKind::StepDone, "Rent a server", Some(5)));
        assert!(bars.running().is_empty());
    }
}
