//! A local port that leads to one on the server.

use super::server::{PATIENCE, Server, possible};
use crate::support::port;
use clawdwako::error::Kind;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Answers every connection with what it got, in capitals.
async fn shouter() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut text = Vec::new();
                stream.read_to_end(&mut text).await.unwrap();
                text.make_ascii_uppercase();
                stream.write_all(&text).await.unwrap();
            });
        }
    });
    port
}

async fn ask(at: SocketAddr, text: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(text).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

#[tokio::test(flavor = "multi_thread")]
async fn many_connections_pass_and_end_with_the_tunnel() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let session = server.session().await;
    let tunnel = session.tunnel(anywhere(), shouter().await).await.unwrap();
    drop(session);
    let local = tunnel.local();
    let large = vec![b'a'; 300_000];
    let asked = (0..20).map(|i| {
        let large = large.clone();
        tokio::spawn(async move {
            let text = [format!("hello {i} ").into_bytes(), large].concat();
            (ask(local, &text).await, text.to_ascii_uppercase())
        })
    });
    for task in asked.collect::<Vec<_>>() {
        let (answer, expected) = tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
        assert!(
            answer == expected,
            "got {} bytes instead of {}",
            answer.len(),
            expected.len()
        );
    }
    drop(tunnel);
    super::server::until("the local port closes", || std::net::TcpStream::connect(local).is_err()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_end_closes_the_connection_and_a_taken_port_is_told() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let session = server.session().await;
    let tunnel = session.tunnel(anywhere(), port::free()).await.unwrap();
    let answer = tokio::time::timeout(PATIENCE, ask(tunnel.local(), b"x")).await.unwrap();
    assert!(answer.is_empty());
    let e = match session.tunnel(tunnel.local(), 1).await {
        Ok(_) => panic!("listens twice"),
        Err(e) => e,
    };
    assert_eq!(e.kind(), Kind::Io);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_session_is_told() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let mut tunnel = session.tunnel(anywhere(), shouter().await).await.unwrap();
    assert_eq!(ask(tunnel.local(), b"x").await, b"X");
    // Ends the sshd process that serves this session, from inside it.
    let script = clawdwako::ssh::Script::new("cut", "kill -9 \"$(awk '{print $4}' /proc/$PPID/stat)\"");
    assert_eq!(
        session.run(&script, &mut |_| ()).await.unwrap_err().kind(),
        Kind::Network
    );
    let e = tokio::time::timeout(PATIENCE, tunnel.broken()).await.unwrap();
    assert_eq!(e.kind(), Kind::Network);
}
