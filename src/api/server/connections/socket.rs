//! A socket that tells when bytes come, and that nobody can hold by not reading.

use super::connection::State;
use rustix::net::sockopt;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};

/// How long the other side may take nothing of what is written.
const STALLED: Duration = Duration::from_secs(30);
/// How long what was sent may stay unconfirmed before the other side counts as gone, in milliseconds.
const UNCONFIRMED_MS: u32 = 60_000;
/// How long, and how much, is still read after the last answer. If nothing were, what the other
/// side is still sending would be answered with a reset, and that can cost it the answer.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1 << 20;

/// A socket of a connection.
pub struct Socket {
    stream: TcpStream,
    state: Option<Arc<State>>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    /// Watches a socket; `state` is told when bytes come.
    pub fn new(stream: TcpStream, state: Option<Arc<State>>) -> Socket {
        // Both only make it better: a socket that does not know them works too.
        let _ = stream.set_nodelay(true);
        let _ = sockopt::set_tcp_user_timeout(&stream, UNCONFIRMED_MS);
        Socket {
            stream,
            state,
            stalled: None,
        }
    }

    /// Says that nothing more comes, and reads on for a moment, until the other side is done too.
    pub async fn linger(mut self) {
        let read = async {
            if self.stream.shutdown().await.is_err() {
                return;
            }
            let mut scratch = vec![0; 4096];
            let mut left = LINGER_BYTES;
            while let Ok(n @ 1..) = self.stream.read(&mut scratch).await {
                left = left.saturating_sub(n);
                if left == 0 {
                    return;
                }
            }
        };
        // Past that, whoever is still sending has to see for itself.
        let _ = timeout(LINGER, read).await;
    }

    /// Begins to count while nothing is taken, and ends it when that lasts.
    fn written(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before
            && let Some(state) = &self.state
        {
            state.heard();
        }
        result
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
