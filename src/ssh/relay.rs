//! A stream of bytes to a port of the server's loopback, carried by a script and not by sshd's own
//! forwarding: the script decides, and says why, whether anything may pass.

use super::client::Session;
use super::lines::{Splitter, Story};
use super::script::{Output, Script};
use super::supervise;
use crate::error::{Error, Kind, Result, internal};
use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelStream, Sig};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long a script may take until bytes pass, or until it has said why they do not.
const LIMIT: Duration = Duration::from_secs(20);
/// The most that it may print before that, in bytes.
const MOST: usize = 64 * 1024;
/// The exit code of what was killed, as a shell or `sudo` tells it.
const KILLED: u32 = 128 + 9;

/// How a relay's script began.
pub enum Opened {
    /// Bytes pass.
    Through(Relay),
    /// It ended before that, and told these facts.
    Told(Output),
    /// It was killed, by itself: what it waited for did not come.
    Killed,
}

/// Bytes that pass. Dropping it ends the script on the server. It has to be read for as long as the
/// session is used: what comes meanwhile and is not read stops the session's other channels too.
pub struct Relay {
    /// What came together with the mark.
    head: Vec<u8>,
    stream: ChannelStream<Msg>,
}

impl Session {
    /// Begins a script that prints the line `$MARK`, and from there on carries bytes between its
    /// standard input and output and something else. Nothing is sent before that line.
    ///
    /// # Errors
    /// `remote_script` if it fails, `refused` if it cannot be begun as root, `timeout` after 20 s,
    /// `network` if the session broke.
    pub async fn relay(&self, script: &Script) -> Result<Opened> {
        let mark = nonce()?;
        let script = script.clone().var("MARK", mark.as_str());
        let opening = async {
            let mut channel = Closing(Some(self.channel().await?));
            let told = self.open(&mut channel, &script, &mark).await;
            told.map(|(began, output)| (channel, began, output))
        };
        let opened = tokio::time::timeout(LIMIT, Box::pin(opening)).await.map_err(|_| {
            Error::new(
                Kind::Timeout,
                format!("{} on {} did not begin within 20 s", script.name, self.name),
            )
            .hint("the server may be overloaded: try again")
        })?;
        let (mut channel, began, output) = opened?;
        Ok(match (began, channel.0.take()) {
            (Began::Through(head), Some(channel)) => Opened::Through(Relay {
                head,
                stream: channel.into_stream(),
            }),
            (Began::Killed, _) => Opened::Killed,
            _ => Opened::Told(output),
        })
    }

    async fn open(&self, channel: &mut Closing, script: &Script, mark: &str) -> Result<(Began, Output)> {
        let lost = || self.lost().context(script.name);
        let channel = channel.0.as_mut().ok_or_else(lost)?;
        channel
            .exec(true, supervise::command(self.sudo))
            .await
            .map_err(|_| lost())?;
        // No supervisor stands in front: the script ends with its standard input.
        let begun = format!("{mark} begun");
        let text = format!("{}echo '{begun}'\n{}", supervise::CLEAN, script.text());
        channel.data_bytes(text.into_bytes()).await.map_err(|_| lost())?;
        let (mut story, mut ran, mut said, mut line) = (Story::default(), false, 0, Vec::new());
        let (mut out, mut err) = (Splitter::default(), Splitter::default());
        let mut code = None;
        loop {
            match channel.wait().await {
                Some(ChannelMsg::Data { data }) => {
                    said += data.len();
                    let mut rest = &data[..];
                    while let Some(end) = rest.iter().position(|&b| b == b'\n') {
                        line.extend_from_slice(&rest[..end]);
                        rest = &rest[end + 1..];
                        match std::mem::take(&mut line) {
                            l if l == begun.as_bytes() => ran = true,
                            l if ran && l == mark.as_bytes() => {
                                return Ok((Began::Through(rest.to_vec()), Output::default()));
                            }
                            mut l => {
                                l.push(b'\n');
                                out.push(&l, &mut |l| drop(story.take(l)));
                            }
                        }
                    }
                    line.extend_from_slice(rest);
                }
                Some(ChannelMsg::ExtendedData { data, .. }) => {
                    said += data.len();
                    err.push(&data, &mut |l| drop(story.take(l)));
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => code = Some(exit_status),
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    code = Some(if matches!(signal_name, Sig::KILL) { KILLED } else { 128 });
                }
                Some(ChannelMsg::Failure) => {
                    return Err(
                        Error::new(Kind::Upstream, format!("{} does not let us run commands", self.name))
                            .hint("look for ForceCommand or a restricted shell of that user"),
                    );
                }
                Some(ChannelMsg::Close) => break,
                Some(_) => {}
                None => return Err(lost()),
            }
            if said > MOST {
                let what = format!("{} on {} prints without end", script.name, self.name);
                return Err(Error::new(Kind::Upstream, what)
                    .hint("look whether the login shell of that user prints something by itself"));
            }
        }
        out.push(&line, &mut |l| drop(story.take(l)));
        out.end(&mut |l| drop(story.take(l)));
        err.end(&mut |l| drop(story.take(l)));
        match code {
            Some(0) if ran => Ok((Began::Not, story.into_output())),
            Some(KILLED) if ran => Ok((Began::Killed, Output::default())),
            Some(code) => {
                story.started = ran;
                Err(self.failed(script, code, &story))
            }
            None => Err(lost()),
        }
    }
}

enum Began {
    Through(Vec<u8>),
    Not,
    Killed,
}

/// Closes a channel that is given up.
struct Closing(Option<Channel<Msg>>);

impl Drop for Closing {
    fn drop(&mut self) {
        if let (Some(channel), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            // What nobody reads any more must not be waited for.
            let (_, write) = channel.split();
            // If the session is gone already, so is the channel.
            runtime.spawn(async move { write.close().await });
        }
    }
}

/// A word that nobody on the server can know beforehand.
fn nonce() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| internal("the system gives no random numbers"))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

impl AsyncRead for Relay {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if !self.head.is_empty() {
            let n = self.head.len().min(buf.remaining());
            buf.put_slice(&self.head[..n]);
            self.head.drain(..n);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Relay {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
