//! The user's own terminal: raw mode, its size, its standard input.

use super::client::Session;
use super::shell::{Pty, Streams};
use crate::error::Result;
use rustix::termios::{self, OptionalActions, Termios};
use std::io::{IsTerminal, Read};
use tokio::io::DuplexStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

impl Session {
    /// Runs a command or, without one, a login shell on this process's standard streams. With
    /// a terminal on both ends of it and no command, the other side gets one too (`term` is
    /// its type), and ours is raw until this returns. Gives the exit code.
    ///
    /// # Errors
    /// As [`Session::shell`].
    pub async fn interactive(&mut self, command: Option<&str>, term: &str) -> Result<u32> {
        let streams = Streams {
            input: standard_input(),
            output: tokio::io::stdout(),
            errors: tokio::io::stderr(),
        };
        let wanted = command.is_none() && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        if !wanted {
            return self.shell(command, None, streams).await;
        }
        let pty = Pty {
            term: term.to_owned(),
            size: sizes()?,
        };
        let _raw = Raw::enter()?;
        self.shell(command, Some(pty), streams).await
    }
}

/// Raw mode of the terminal on standard input; the old mode comes back when it is dropped.
struct Raw(Termios);

impl Raw {
    fn enter() -> Result<Raw> {
        let failed = |e: rustix::io::Errno| crate::error::Error::from(std::io::Error::from(e));
        let old = termios::tcgetattr(std::io::stdin()).map_err(failed)?;
        let mut raw = old.clone();
        raw.make_raw();
        termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &raw).map_err(failed)?;
        Ok(Raw(old))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// The terminal's columns and rows, now and after each change. Ends with its last receiver.
fn sizes() -> Result<watch::Receiver<(u16, u16)>> {
    let mut changes = signal(SignalKind::window_change())?;
    let (sender, receiver) = watch::channel(size());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                change = changes.recv() => if change.is_none() { break },
                () = sender.closed() => break,
            }
            sender.send_if_modified(|old| std::mem::replace(old, size()) != size());
        }
    });
    Ok(receiver)
}

fn size() -> (u16, u16) {
    match termios::tcgetwinsize(std::io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

/// Standard input, read on a thread of its own: unlike tokio's, one that still waits for a key
/// does not keep the process from ending.
fn standard_input() -> DuplexStream {
    let (ours, mut theirs) = tokio::io::duplex(64 << 10);
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        use tokio::io::AsyncWriteExt;
        let mut buffer = vec![0u8; 16 << 10];
        loop {
            match std::io::stdin().lock().read(&mut buffer) {
                Ok(0) => break,
                Ok(n) if runtime.block_on(theirs.write_all(&buffer[..n])).is_err() => break,
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    });
    ours
}
