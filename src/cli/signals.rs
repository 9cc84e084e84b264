//! Runs a command so that Ctrl-C and SIGTERM end it in order.

use super::output::Printer;
use crate::error::{Error, Kind, Result};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long threads that still wait (for a line from the terminal, say) are waited for.
const GRACE: Duration = Duration::from_millis(200);

/// Runs the work on a new runtime until it ends or the user interrupts it; then what it holds
/// is dropped, and the terminal is put back as it was: a prompt may have hidden the cursor or
/// the typing. `left`: what becomes of work that is interrupted.
pub fn interruptible(
    work: impl Future<Output = Result<()>>,
    printer: &Arc<Printer>,
    left: Option<&'static str>,
) -> Result<()> {
    let runtime = runtime()?;
    let modes = rustix::termios::tcgetattr(std::io::stdin()).ok();
    let result = runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = work => result,
            _ = interrupt.recv() => Err(interrupted()),
            _ = terminate.recv() => Err(interrupted()),
        }
    });
    runtime.shutdown_timeout(GRACE);
    if result.as_ref().is_err_and(|e| e.kind() == Kind::Interrupted) {
        if let Some(modes) = modes {
            let now = rustix::termios::OptionalActions::Now;
            // Not a terminal any more: then there is nothing to put back.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), now, &modes);
        }
        printer.show_cursor();
    }
    match (result, left) {
        (Err(e), Some(left)) if e.kind() == Kind::Interrupted => Err(e.hint(left)),
        (result, _) => result,
    }
}

/// Runs work that minds signals itself.
pub fn to_its_end(work: impl Future<Output = Result<()>>) -> Result<()> {
    runtime()?.block_on(work)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Error::new(Kind::Io, "the runtime could not be started").because(e))
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted")
}
