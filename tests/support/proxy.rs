//! A TCP proxy in front of a server, for connections that are lost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// Passes connections on until they are cut.
pub struct Proxy {
    pub address: SocketAddr,
    cuts: watch::Sender<u64>,
    open: watch::Sender<bool>,
    passed: broadcast::Sender<Vec<u8>>,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(target: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cuts, _) = watch::channel(0);
        let (open, _) = watch::channel(true);
        let (passed, _) = broadcast::channel(1000);
        let connections = Arc::new(AtomicUsize::new(0));
        let (cut, is_open, tell, count) = (cuts.clone(), open.subscribe(), passed.clone(), connections.clone());
        let target = target.to_owned();
        let accepting = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                if !*is_open.borrow() {
                    continue;
                }
                let far = TcpStream::connect(&target).await.unwrap();
                let (mut cut, tell) = (cut.subscribe(), tell.clone());
                cut.mark_unchanged();
                tokio::spawn(async move {
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    tokio::select! {
                        () = pass(near_in, far_out, None) => {}
                        () = pass(far_in, near_out, Some(tell)) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Proxy {
            address,
            cuts,
            open,
            passed,
            connections,
            accepting,
        }
    }

    /// Loses all connections that there are.
    pub fn cut(&self) {
        self.cuts.send_modify(|n| *n += 1);
    }

    /// Loses them, and each new one.
    pub fn close(&self) {
        self.open.send_replace(false);
        self.cut();
    }

    /// Takes connections again.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// How many connections there were, with those that were lost at once.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Ends when the server has sent a text from now on, and it was passed on.
    pub fn heard(&self, text: &'static str) -> impl Future<Output = ()> + use<> {
        let mut passed = self.passed.subscribe();
        async move {
            let mut seen = Vec::new();
            while !String::from_utf8_lossy(&seen).contains(text) {
                seen.extend(passed.recv().await.unwrap());
            }
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    tell: Option<broadcast::Sender<Vec<u8>>>,
) {
    let mut buffer = vec![0; 8 << 10];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
        if let Some(tell) = &tell {
            let _ = tell.send(buffer[..n].to_vec());
        }
    }
}
