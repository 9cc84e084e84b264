//! One command or a login shell with the caller's own streams: `clawdwako ssh`.

use super::client::Session;
use crate::error::{Error, Kind, Result};
use russh::{ChannelMsg, Sig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;

/// A terminal for the other side.
#[derive(Debug, Clone)]
pub struct Pty {
    /// Its type, as in the variable `TERM`.
    pub term: String,
    /// Columns and rows, now and whenever they change.
    pub size: watch::Receiver<(u16, u16)>,
}

/// Where input comes from and output goes.
pub struct Streams<I, O, E> {
    /// Standard input; its end is passed on.
    pub input: I,
    /// Standard output (with a terminal: everything).
    pub output: O,
    /// Standard error.
    pub errors: E,
}

impl Session {
    /// Runs a command (or the user's login shell) as the session's user, with the given
    /// streams and, if wanted, a terminal. Gives the exit code; 128 + n after a signal.
    ///
    /// # Errors
    /// `network` if the session broke; `io` if a local stream failed.
    pub async fn shell<I, O, E>(
        &mut self,
        command: Option<&str>,
        pty: Option<Pty>,
        mut streams: Streams<I, O, E>,
    ) -> Result<u32>
    where
        I: AsyncRead + Unpin,
        O: AsyncWrite + Unpin,
        E: AsyncWrite + Unpin,
    {
        let (mut read, write) = self.channel().await?.split();
        let lost = |_| self.lost();
        if let Some(pty) = &pty {
            let (columns, rows) = *pty.size.borrow();
            write
                .request_pty(false, &pty.term, columns.into(), rows.into(), 0, 0, &[])
                .await
                .map_err(lost)?;
        }
        match command {
            Some(command) => write.exec(true, command).await.map_err(lost)?,
            None => write.request_shell(true).await.map_err(lost)?,
        }
        let write = &write;
        let mut sizes = pty.map(|pty| pty.size);
        let feed = async {
            let mut buffer = vec![0u8; 16 << 10];
            loop {
                match streams.input.read(&mut buffer).await {
                    // A local input that fails has ended.
                    Ok(0) | Err(_) => break,
                    Ok(n) => write.data(&buffer[..n]).await?,
                }
            }
            write.eof().await
        };
        tokio::pin!(feed);
        let (mut fed, mut code) = (false, None);
        loop {
            let message = tokio::select! {
                _ = &mut feed, if !fed => { fed = true; continue }
                size = changed(&mut sizes) => {
                    let (columns, rows) = size;
                    write.window_change(columns.into(), rows.into(), 0, 0).await.map_err(lost)?;
                    continue;
                }
                message = read.wait() => message,
            };
            match message {
                Some(ChannelMsg::Data { data }) => put(&mut streams.output, &data).await?,
                Some(ChannelMsg::ExtendedData { data, .. }) => put(&mut streams.errors, &data).await?,
                Some(ChannelMsg::ExitStatus { exit_status }) => code = Some(exit_status),
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => code = Some(128 + number(&signal_name)),
                Some(ChannelMsg::Failure) => {
                    return Err(Error::new(
                        Kind::Upstream,
                        format!("{} does not let us run commands", self.name),
                    ));
                }
                Some(ChannelMsg::Close) => break,
                Some(_) => {}
                None => break,
            }
        }
        code.ok_or_else(|| self.lost())
    }
}

/// The next size of the terminal; never, if there is none or it cannot change any more.
async fn changed(sizes: &mut Option<watch::Receiver<(u16, u16)>>) -> (u16, u16) {
    if let Some(receiver) = sizes {
        if receiver.changed().await.is_ok() {
            return *receiver.borrow_and_update();
        }
        *sizes = None;
    }
    std::future::pending().await
}

async fn put(to: &mut (impl AsyncWrite + Unpin), data: &[u8]) -> Result<()> {
    to.write_all(data).await?;
    Ok(to.flush().await?)
}

fn number(signal: &Sig) -> u32 {
    match signal {
        Sig::HUP => 1,
        Sig::INT => 2,
        Sig::QUIT => 3,
        Sig::ILL => 4,
        Sig::ABRT => 6,
        Sig::FPE => 8,
        Sig::KILL => 9,
        Sig::USR1 => 10,
        Sig::SEGV => 11,
        Sig::PIPE => 13,
        Sig::ALRM => 14,
        Sig::TERM => 15,
        Sig::Custom(_) => 0,
    }
}
