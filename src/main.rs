//! Parses, runs, has the error rendered, and answers with the exit code.

use clawdwako::cli::{self, Start};
use clawdwako::error::{Error, Kind, internal};
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (printer, start) = cli::parse(&args);
    let result: anyhow::Result<()> = match start {
        Start::Run(cli) => cli::run(*cli, &printer).map_err(Into::into),
        Start::Print(text) => printer.raw(&text).map_err(Into::into),
        Start::Wrong(error, text) => {
            printer.usage(&error, &text);
            return ExitCode::from(error.kind().exit_code());
        }
    };
    let error = match result {
        Ok(()) => return ExitCode::from(printer.exit_code()),
        Err(e) => e
            .downcast::<Error>()
            .unwrap_or_else(|other| internal(format!("{other:#}"))),
    };
    // Whoever read the output has seen enough: `clawdwako list | head -1` is no failure. But a
    // deployment that failed did so also if nobody reads on.
    if printer.closed() && error.kind() == Kind::Io {
        return ExitCode::SUCCESS;
    }
    printer.error(&error);
    ExitCode::from(error.kind().exit_code())
}
