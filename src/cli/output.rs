//! The one printer.
//!
//! A command's result goes to standard output: a table or text for people, or with `--json` one
//! document (JSON lines for `deploy` and `logs -f`). Everything else goes to standard error. An
//! error is rendered here too: with `--json` it is the document.
//!
//! Whatever a command puts into its text, only visible characters, line ends and our colours
//! leave this place: see [`guard`].

use super::format::{guard, safe, visible_json};
use crate::config::Terminal;
use crate::error::{Error, Kind, Result};
use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How wide text is on a terminal that does not tell.
const WIDTH: u16 = 80;

/// The one printer; see the module's text.
#[derive(Debug)]
pub struct Printer {
    json: bool,
    quiet: bool,
    /// Colour on standard output and on standard error.
    color: (bool, bool),
    /// Set when the reader of standard output went away.
    closed: AtomicBool,
    /// The exit code when the result itself tells of a failure.
    code: AtomicU8,
}

/// A colour with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
    /// Beside the point.
    Dim,
    /// The point.
    Strong,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31",
            Tone::Dim => "2",
            Tone::Strong => "1",
        }
    }
}

impl Printer {
    /// Makes the printer for the streams of this process.
    pub fn new(json: bool, quiet: bool, color: Color, terminal: Terminal) -> Printer {
        let colored = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !terminal.no_color && !terminal.dumb,
        };
        Printer {
            json,
            quiet,
            color: (
                colored(std::io::stdout().is_terminal()),
                colored(std::io::stderr().is_terminal()),
            ),
            closed: AtomicBool::new(false),
            code: AtomicU8::new(0),
        }
    }

    /// Whether `--json` was given.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Whether `--quiet` was given.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// Whether results are coloured.
    pub fn colored(&self) -> bool {
        self.color.0
    }

    /// Whether notes and progress, on standard error, are coloured.
    pub fn notes_colored(&self) -> bool {
        self.color.1
    }

    /// Whether the reader of standard output went away: then there is nothing more to say.
    pub fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Has the command exit with this code although it did its work: its result tells of a
    /// failure, or the code is another program's.
    pub fn exit_with(&self, code: u8) {
        self.code.store(code, Ordering::Relaxed);
    }

    /// The exit code of a command that did its work.
    pub fn exit_code(&self) -> u8 {
        self.code.load(Ordering::Relaxed)
    }

    /// How many columns a result may use; any number where it does not go to a terminal.
    pub fn width(&self) -> Option<u16> {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        Some(size.ws_col).filter(|&columns| columns > 0).or(Some(WIDTH))
    }

    /// Gives a text on standard output its colour.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        paint(self.color.0, tone, text)
    }

    /// A command's result: the document with `--json`, else the text that `human` makes.
    ///
    /// # Errors
    /// `io` if standard output cannot be written.
    pub fn result(&self, document: &impl Serialize, human: impl FnOnce() -> String) -> Result<()> {
        let mut text = if self.json {
            visible_json(&serde_json::to_string_pretty(document)?).into_owned()
        } else {
            guard(&human(), self.color.0).into_owned()
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        self.out(&text)
    }

    /// One line of a result that comes bit by bit: JSON on one line, or the text.
    ///
    /// # Errors
    /// `io` if standard output cannot be written.
    pub fn line(&self, document: &impl Serialize, human: impl FnOnce() -> String) -> Result<()> {
        let mut text = if self.json {
            visible_json(&serde_json::to_string(document)?).into_owned()
        } else {
            guard(&human(), self.color.0).into_owned()
        };
        text.push('\n');
        self.out(&text)
    }

    /// Writes text of our own to standard output as it is, in JSON mode too: completions, help.
    ///
    /// # Errors
    /// `io` if standard output cannot be written.
    pub fn raw(&self, text: &str) -> Result<()> {
        self.out(text)
    }

    /// Tells the user something on standard error; `--quiet` leaves it out.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.tell(&format!("{text}\n"));
        }
    }

    /// Tells the user what only they can do, on standard error, also with `--quiet`.
    pub fn ask(&self, text: &str) {
        self.tell(&format!("{text}\n"));
    }

    /// Warns on standard error, also with `--quiet`.
    pub fn warn(&self, text: &str) {
        self.tell(&format!(
            "{} {}\n",
            paint(self.color.1, Tone::Warn, "warning:"),
            safe(text)
        ));
    }

    /// Renders an error: the document with `--json`, else text on standard error.
    pub fn error(&self, error: &Error) {
        if self.json {
            let document = json!({"error": {
                "code": error.kind().code(),
                "message": error.message(),
                "hint": error.next_step(),
            }});
            // `line`, so that it is also the last line of JSON lines; when standard output is
            // gone, the exit code is all that is left to say it with.
            let _ = self.line(&document, String::new);
            return;
        }
        let mut text = format!(
            "{} {}\n",
            paint(self.color.1, Tone::Bad, "error:"),
            safe(&error.message())
        );
        if let Some(hint) = error.next_step() {
            text.push_str(&format!(
                " {} {}\n",
                paint(self.color.1, Tone::Strong, "next:"),
                safe(hint)
            ));
        }
        self.tell(&text);
    }

    /// Renders an error in the arguments: the document with `--json`, else clap's own text if
    /// there is one.
    pub fn usage(&self, error: &Error, text: &str) {
        if self.json || text.is_empty() {
            self.error(error);
        } else {
            // Its own styling is colours too, and it quotes what was typed.
            self.err(&guard(text, true));
        }
    }

    /// Shows the cursor again, after a prompt or bar that hid it was interrupted.
    pub fn show_cursor(&self) {
        if std::io::stderr().is_terminal() {
            self.err("\x1b[?25h");
        }
    }

    fn out(&self, text: &str) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(e) => {
                self.closed.store(e.kind() == ErrorKind::BrokenPipe, Ordering::Relaxed);
                Err(Error::new(Kind::Io, "standard output cannot be written").because(e))
            }
        }
    }

    fn tell(&self, text: &str) {
        self.err(&guard(text, self.color.1));
    }

    /// Standard error is for people; when nobody reads it, there is nobody to tell.
    fn err(&self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Gives a text a colour, if there is colour.
pub(super) fn paint(color: bool, tone: Tone, text: &str) -> String {
    if color {
        format!("\x1b[{}m{text}\x1b[0m", tone.code())
    } else {
        text.to_owned()
    }
}
