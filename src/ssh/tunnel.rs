//! A local port that leads to a port on the server's loopback.

use super::client::Session;
use super::pin::Pin;
use crate::error::{Error, Kind, Result};
use russh::client::Handle;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

/// The most connections at a time; more wait.
const MAX_CONNECTIONS: usize = 64;
/// How often it is looked whether the session still lives.
const LOOK: Duration = Duration::from_secs(1);

/// An open tunnel. Dropping it closes the local port and all its connections.
pub struct Tunnel {
    local: SocketAddr,
    task: JoinHandle<()>,
    name: String,
}

impl Session {
    /// Listens on `local` (port 0 picks one) and leads each connection to `127.0.0.1:port` on
    /// the server.
    ///
    /// # Errors
    /// `io` if the local port is taken.
    pub async fn tunnel(&self, local: SocketAddr, port: u16) -> Result<Tunnel> {
        let listener = TcpListener::bind(local).await.map_err(|e| {
            Error::new(Kind::Io, format!("cannot listen on {local}"))
                .hint("choose another local port")
                .because(e)
        })?;
        Ok(Tunnel {
            local: listener.local_addr()?,
            task: tokio::spawn(serve(Arc::clone(&self.handle), listener, port)),
            name: self.name.clone(),
        })
    }
}

impl Tunnel {
    /// Where it listens.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Waits until the SSH session behind it breaks, and says so.
    pub async fn broken(&mut self) -> Error {
        let _ = (&mut self.task).await;
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

/// Accepts until the session is gone. The connections live in this task's set: they end with it.
async fn serve(handle: Arc<Handle<Pin>>, listener: TcpListener, port: u16) {
    let mut connections = JoinSet::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, from)) = accepted else { continue };
                let (handle, places) = (Arc::clone(&handle), Arc::clone(&places));
                connections.spawn(async move {
                    if let Ok(_place) = places.acquire_owned().await {
                        carry(&handle, stream, from, port).await;
                    }
                });
            }
            Some(_) = connections.join_next() => {}
            _ = look.tick() => if handle.is_closed() { return },
        }
    }
}

/// One connection; if nothing listens on the server, the local one is just closed.
async fn carry(handle: &Handle<Pin>, mut stream: TcpStream, from: SocketAddr, port: u16) {
    let opened = handle
        .channel_open_direct_tcpip("127.0.0.1", port.into(), from.ip().to_string(), from.port().into())
        .await;
    if let Ok(channel) = opened {
        let _ = stream.set_nodelay(true);
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut channel.into_stream()).await;
    }
}
