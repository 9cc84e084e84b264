//! A local port whose connections are carried to the server, each by a relay of its own.

use super::client::Session;
use super::relay::Opened;
use super::script::{Output, Script};
use crate::error::{Error, Kind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};

/// The most connections at a time; more wait. sshd's MaxSessions is 10, and some are left to others.
const MAX_CONNECTIONS: usize = 8;
/// How often it is looked whether the session still lives.
const LOOK: Duration = Duration::from_secs(1);

/// What the facts of a relay that did not begin mean: an error if it never will.
pub type Judge = Box<dyn Fn(&Output) -> Option<Error> + Send + Sync>;

/// An open tunnel. Dropping it closes the local port and all its connections.
pub struct Tunnel {
    local: SocketAddr,
    task: JoinHandle<Option<Error>>,
    name: String,
}

impl Session {
    /// Listens on `local` (port 0 picks one) and leads each connection through a relay of its own;
    /// one that does not begin closes its connection, and the tunnel if `judge` says so.
    ///
    /// # Errors
    /// `io` if the local port is taken.
    pub async fn tunnel(&self, local: SocketAddr, relay: Script, judge: Judge) -> Result<Tunnel> {
        let listener = TcpListener::bind(local).await.map_err(|e| {
            Error::new(Kind::Io, format!("cannot listen on {local}"))
                .hint("choose another local port")
                .because(e)
        })?;
        let way = Way {
            session: self.again(),
            relay,
            judge,
        };
        Ok(Tunnel {
            local: listener.local_addr()?,
            task: tokio::spawn(serve(Arc::new(way), listener)),
            name: self.name.clone(),
        })
    }
}

impl Tunnel {
    /// Where it listens.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Waits until the SSH session behind it breaks, or what it leads to is not what it was, and
    /// says so.
    pub async fn broken(&mut self) -> Error {
        if let Ok(Some(e)) = (&mut self.task).await {
            return e;
        }
        Error::new(
            Kind::Network,
            format!("the SSH connection to {} broke, and the tunnel with it", self.name),
        )
        .hint("open it again")
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where the connections go.
struct Way {
    session: Session,
    relay: Script,
    judge: Judge,
}

/// Accepts until the session is gone. The connections live in this task's set: they end with it.
async fn serve(way: Arc<Way>, listener: TcpListener) -> Option<Error> {
    let mut connections = JoinSet::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut look = tokio::time::interval(LOOK);
    let (tell, mut told) = mpsc::channel(1);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (way, places, tell) = (Arc::clone(&way), Arc::clone(&places), tell.clone());
                connections.spawn(async move {
                    if let Ok(_place) = places.acquire_owned().await
                        && let Some(end) = carry(&way, stream).await
                    {
                        // If another one has told it already, that is enough.
                        let _ = tell.try_send(end);
                    }
                });
            }
            Some(_) = connections.join_next() => {}
            end = told.recv() => return end,
            _ = look.tick() => if way.session.is_closed() { return None },
        }
    }
}

/// One connection; if nothing answers on the server, the local one is just closed.
async fn carry(way: &Way, mut stream: TcpStream) -> Option<Error> {
    match way.session.relay(&way.relay).await {
        Ok(Opened::Through(mut relay)) => {
            // Small packets go out at once; a failure only costs speed.
            let _ = stream.set_nodelay(true);
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut relay).await;
            None
        }
        Ok(Opened::Told(output)) => (way.judge)(&output),
        Ok(Opened::Killed) | Err(_) => None,
    }
}
