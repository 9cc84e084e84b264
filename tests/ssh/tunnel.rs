//! A local port whose connections a script carries to one on the server.

use super::server::{PATIENCE, Plan, Server, possible};
use crate::support::port;
use clawdwako::error::{Error, Kind};
use clawdwako::ssh::{Opened, Output, Script, Session, Tunnel};
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

/// Carries bytes to a port, as the agent's relay does; without a listener it tells a fact.
fn to(port: u16) -> Script {
    const CARRY: &str = r#"
        if ! { exec 3<>"/dev/tcp/127.0.0.1/$PORT"; } 2>/dev/null; then
          echo "::fact refused=closed"
          return 0
        fi
        printf '%s\n' "$MARK"
        exec perl -e '
          use IO::Select; open(my $net, "+<&=3"); binmode $_ for $net, *STDIN, *STDOUT; $| = 1;
          my $both = IO::Select->new($net, *STDIN);
          while (1) { for my $from ($both->can_read) {
            my $n = sysread($from, my $data, 65536);
            if (!$n) { exit if $from == $net; $both->remove($from); shutdown($net, 1); next }
            my $to = $from == $net ? *STDOUT : $net;
            for (my $at = 0; $at < $n;) { $at += syswrite($to, $data, $n - $at, $at) // exit } } }'"#;
    Script::new("carry", CARRY).var("PORT", port.to_string())
}

async fn tunnel(session: &Session, port: u16) -> Tunnel {
    let judge = |_: &Output| None;
    session.tunnel(anywhere(), to(port), Box::new(judge)).await.unwrap()
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
    let tunnel = tunnel(&session, shouter().await).await;
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
    let tunnel = tunnel(&session, port::free()).await;
    let answer = tokio::time::timeout(PATIENCE, ask(tunnel.local(), b"x")).await.unwrap();
    assert!(answer.is_empty());
    let e = match session.tunnel(tunnel.local(), to(1), Box::new(|_| None)).await {
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
    let mut tunnel = tunnel(&session, shouter().await).await;
    assert_eq!(ask(tunnel.local(), b"x").await, b"X");
    // Ends the sshd process that serves this session, from inside it.
    let script = Script::new("cut", "kill -9 \"$(awk '{print $4}' /proc/$PPID/stat)\"");
    assert_eq!(
        session.run(&script, &mut |_| ()).await.unwrap_err().kind(),
        Kind::Network
    );
    let e = tokio::time::timeout(PATIENCE, tunnel.broken()).await.unwrap();
    assert_eq!(e.kind(), Kind::Network);
}

/// sshd's own limit is 10 commands a session: more connections than that wait for their turn, also
/// where it forwards nothing.
#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_sshd_allows_wait_for_their_turn() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan {
        extra: "AllowTcpForwarding no".into(),
        ..Plan::default()
    });
    server.set("MaxSessions 50", "MaxSessions 10");
    server.launch();
    let session = server.session().await;
    let tunnel = tunnel(&session, shouter().await).await;
    let local = tunnel.local();
    let asked: Vec<_> = (0..30)
        .map(|i| tokio::spawn(async move { ask(local, format!("hello {i}").as_bytes()).await }))
        .collect();
    for (i, task) in asked.into_iter().enumerate() {
        let answer = tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HELLO {i}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_mean_the_end_end_the_tunnel() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let session = server.session().await;
    let judge = |told: &Output| (told.facts.get("refused")? == "closed").then(|| Error::new(Kind::Agent, "gone"));
    let dead = to(port::free());
    let mut tunnel = session.tunnel(anywhere(), dead, Box::new(judge)).await.unwrap();
    assert!(ask(tunnel.local(), b"x").await.is_empty());
    let e = tokio::time::timeout(PATIENCE, tunnel.broken()).await.unwrap();
    assert_eq!((e.kind(), e.message().as_str()), (Kind::Agent, "gone"));
}

/// Bytes pass only after a line that nobody on the server knows beforehand.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_mark_opens_a_relay() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let session = server.session().await;
    let relay = async |body: &'static str| session.relay(&Script::new("carry", body)).await;
    let forged = "echo begun; echo '0123456789abcdef0123456789abcdef'; echo \"::fact a=$MARK.\"; echo \"x$MARK\"";
    match relay(forged).await.unwrap() {
        Opened::Told(told) => assert!(told.facts["a"].ends_with('.')),
        _ => panic!("it opened"),
    }
    assert!(matches!(relay("kill -KILL $BASHPID").await.unwrap(), Opened::Killed));
    let error = async |body| match relay(body).await {
        Err(e) => e,
        Ok(_) => panic!("it opened"),
    };
    let failed = error("echo why >&2; exit 3").await;
    assert_eq!(failed.kind(), Kind::Remote);
    assert!(failed.message().contains("why"), "{failed}");
    assert_eq!(error("yes").await.kind(), Kind::Upstream);
    let mut carried = match relay("printf '%s\\nhello' \"$MARK\"; cat").await.unwrap() {
        Opened::Through(carried) => carried,
        _ => panic!("it did not open"),
    };
    carried.write_all(b" world").await.unwrap();
    carried.shutdown().await.unwrap();
    let mut all = String::new();
    carried.read_to_string(&mut all).await.unwrap();
    assert_eq!(all, "hello world");
}
