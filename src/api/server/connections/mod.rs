//! Connections: who is let in, for how long, and how they end.
//!
//! [`serve`] accepts in one loop. [`table`] counts connections in all and for each network, and
//! knows who waits longest without a request: where there is no room, that one goes, so that
//! whoever only holds connections open keeps nobody out. [`connection`] gives each its deadlines,
//! [`socket`] watches what is read and written, [`body`] whether a request was read to its end,
//! [`refuse`] answers those for whom there is no room, and [`files`] says how many there may be.

mod body;
mod connection;
pub mod files;
mod refuse;
mod socket;
mod table;

pub use connection::Reader;

use crate::error::{Error, Kind, Result};
use axum::Router;
use refuse::Refusals;
use std::fs::File;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use table::Table;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many connections more may be open than there may be, while those that were ended for
/// others are being closed.
const CLOSING: usize = 32;
/// The first pause after a connection could not be accepted; doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// How long somebody who goes for others may take to be gone.
const GOING: Duration = Duration::from_secs(1);
/// How often the log tells at most that there is no room, or no file left.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// What connections are held to.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many there are at once.
    pub connections: usize,
    /// How many of them from one address (IPv6: one /64 network).
    pub per_address: usize,
    /// Addresses that many people come from, such as a proxy's: only the whole is limited.
    pub shared: Vec<IpAddr>,
    /// How long the head of a request may take, from its first byte; the first one from when the
    /// connection was made.
    pub head: Duration,
    /// How long a connection may wait for its next request.
    pub idle: Duration,
    /// How long open requests may go on once it is told to end.
    pub drain: Duration,
}

/// Serves until `shutdown` ends. Then nobody is let in any more, whoever waits without a request
/// is let go at once, and open requests may finish within the drain time.
///
/// # Errors
/// `io` if the listener is gone.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let table = Arc::new(Table::new(&limits));
    let (end, ending) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut door = Door::new(&listener, &table)?;
    let mut refusals = Refusals::default();
    let limits = Arc::new(limits);
    tokio::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = door.next() => accepted?,
        };
        while tasks.try_join_next().is_some() {}
        match table.admit(peer.ip()) {
            Ok(place) => {
                let (routes, limits, ending) = (routes.clone(), limits.clone(), ending.clone());
                tasks.spawn(connection::run(stream, peer, place, routes, limits, ending));
            }
            Err(full) => {
                if let Some(answer) = refusals.answer(full, stream) {
                    tasks.spawn(answer);
                }
            }
        }
    }
    drop(listener);
    // Nobody listens: then nobody is connected.
    let _ = end.send(true);
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, all).await.is_err() {
        let open = tasks.len() as u64;
        tracing::warn!(open, "requests that did not end within the drain time are cut off");
        tasks.shutdown().await;
    }
    Ok(())
}

/// Where connections come in. An error is no reason to end, or to ask again at once.
struct Door<'a> {
    listener: &'a TcpListener,
    table: &'a Table,
    /// A file that is given up where no other is left: Linux wants one before it says whether
    /// anybody is there. Whoever came by it is let in if somebody else goes.
    spare: Option<File>,
    pause: Duration,
    told: Option<Instant>,
}

impl<'a> Door<'a> {
    fn new(listener: &'a TcpListener, table: &'a Table) -> Result<Self> {
        Ok(Door {
            listener,
            table,
            spare: Some(spare()?),
            pause: PAUSE,
            told: None,
        })
    }

    /// The next connection.
    async fn next(&mut self) -> Result<(TcpStream, SocketAddr)> {
        loop {
            // Those that went for others are closed before there are more of them.
            self.table.room_for(CLOSING).await;
            match self.listener.accept().await {
                // Else it is closed at once.
                Ok(accepted) if self.has_spare().await => {
                    self.pause = PAUSE;
                    return Ok(accepted);
                }
                Ok(_) => {}
                // It was gone before it was taken.
                Err(e) if matches!(e.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
                Err(e) if e.kind() == ErrorKind::InvalidInput => {
                    return Err(Error::new(Kind::Io, "connections can no longer be accepted").because(e));
                }
                Err(e) => self.recover(&e).await,
            }
        }
    }

    /// Whether there is a spare file, if need be because whoever waits longest without a request
    /// goes.
    async fn has_spare(&mut self) -> bool {
        if self.spare.is_none() {
            self.spare = spare().ok();
        }
        let open = self.table.open();
        if self.spare.is_none() && self.table.evict_one() {
            // If it takes longer, there is none.
            let _ = tokio::time::timeout(GOING, self.table.fewer_than(open)).await;
            self.spare = spare().ok();
        }
        self.spare.is_some()
    }

    /// No file is left, or no memory.
    async fn recover(&mut self, e: &std::io::Error) {
        if self.told.is_none_or(|t| t.elapsed() > TELL_EVERY) {
            self.told = Some(Instant::now());
            tracing::warn!(
                error = e.to_string(),
                "connections cannot be accepted: is the file limit (LimitNOFILE=) too low?"
            );
        }
        if self.spare.take().is_some() {
            return;
        }
        // The rest of this process took that one, too. It may close others, of which nobody hears.
        let open = self.table.open();
        let _ = tokio::time::timeout(self.pause, self.table.fewer_than(open)).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.has_spare().await;
    }
}

fn spare() -> Result<File> {
    Ok(File::open("/dev/null")?)
}
