//! From raw arguments to a command line, or to what is said instead.

use super::args::Cli;
use super::guard;
use super::output::{Color, Printer};
use crate::config::Terminal;
use crate::error::{Error, usage};
use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::sync::Arc;

/// What the arguments come to.
pub enum Start {
    /// A command to run.
    Run(Box<Cli>),
    /// Help or version, to print as it is.
    Print(String),
    /// They are wrong: in this way, with clap's own rendering for people.
    Wrong(Error, String),
}

/// Makes sense of the arguments (without the program's name), and makes the printer that they
/// ask for, also when they are wrong.
pub fn parse(args: &[OsString]) -> (Arc<Printer>, Start) {
    let texts: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    // The grammar may fail before it has seen these two, and an error has to obey them.
    let own = || texts.iter().take_while(|a| *a != "--").map(String::as_str);
    let json = own().any(|a| a == "--json");
    let color = color_in(own());
    let terminal = Terminal::load();
    let printer = |json, quiet, color| Arc::new(Printer::new(json, quiet, color, terminal));

    if let Err(e) = guard::refuse_secrets(texts.iter().map(String::as_str)) {
        let p = printer(json, false, color);
        return (p, Start::Wrong(e, String::new()));
    }
    let choice = match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    let program = std::iter::once(OsString::from("clawdwako"));
    let matches = Cli::command()
        .color(choice)
        .try_get_matches_from(program.chain(args.iter().cloned()));
    match matches.and_then(|m| Cli::from_arg_matches(&m)) {
        Ok(cli) => {
            let p = printer(cli.global.json, cli.global.quiet, cli.global.color);
            (p, Start::Run(Box::new(cli)))
        }
        Err(e) => {
            let p = printer(json, false, color);
            let colored = match e.use_stderr() {
                true => p.notes_colored(),
                false => p.colored(),
            };
            let text = if colored {
                e.render().ansi().to_string()
            } else {
                e.render().to_string()
            };
            let start = match e.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Start::Print(text),
                _ => Start::Wrong(as_error(&e), text),
            };
            (p, start)
        }
    }
}

fn color_in<'a>(args: impl Iterator<Item = &'a str>) -> Color {
    let mut color = Color::Auto;
    let mut args = args.peekable();
    while let Some(arg) = args.next() {
        let word = match arg.strip_prefix("--color") {
            Some("") => args.peek().copied(),
            Some(rest) => rest.strip_prefix('='),
            None => continue,
        };
        color = match word {
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            _ => color,
        };
    }
    color
}

/// clap's error in our words: its first paragraph, and its tips as the hint.
fn as_error(e: &clap::Error) -> Error {
    if e.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return usage("a command is missing").hint("`clawdwako --help` lists the commands");
    }
    let text = e.render().to_string();
    let mut message: Vec<&str> = Vec::new();
    let mut hint: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        }
        match line.strip_prefix("tip: ") {
            Some(tip) => hint.push(tip),
            None => message.push(line.strip_prefix("error: ").unwrap_or(line)),
        }
    }
    let hint = match hint.is_empty() {
        true => "add --help to the command to see what it takes".to_owned(),
        false => hint.join("; "),
    };
    usage(message.join(" ")).hint(hint)
}
