//! Reaching a server: pins, patience, and what ends it at once.

use super::server::{PATIENCE, Plan, Server, possible, private};
use crate::support::{no_such_host, port};
use clawdwako::error::Kind;
use clawdwako::model::SshTarget;
use clawdwako::ssh::{Script, Session, Streams, generate, host_key, scan};
use std::process::Command;
use std::time::{Duration, Instant};

fn failed(result: clawdwako::error::Result<Session>) -> clawdwako::error::Error {
    match result {
        Ok(_) => panic!("connected, but should not have"),
        Err(e) => e,
    }
}

#[tokio::test]
async fn the_pinned_key_is_accepted_whatever_its_comment() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let bare: String = server.host.public.split(' ').take(2).collect::<Vec<_>>().join(" ");
    for pin in [bare.clone(), format!("{bare} another comment")] {
        let session = server.connect(&pin).await.unwrap();
        assert!(session.host_key().starts_with(&bare));
        session.close().await;
    }
}

#[tokio::test]
async fn another_key_stops_at_once_and_tells_both_fingerprints() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let other = generate("other").unwrap().public;
    let started = Instant::now();
    let e = failed(server.connect(&other).await);
    assert_eq!(e.kind(), Kind::HostKey);
    assert!(started.elapsed() < Duration::from_secs(10), "it tried again");
    for key in [&other, &server.host.public] {
        assert!(e.message().contains(&host_key::fingerprint(key).unwrap()), "{e}");
    }
    assert!(!server.log().contains("Accepted publickey"), "it signed in");
}

#[tokio::test]
async fn any_of_several_pins_will_do() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let pins = format!("{}\n{}\n", generate("old").unwrap().public, server.host.public);
    let session = server.connect(&pins).await.unwrap();
    assert_eq!(
        host_key::pin(session.host_key()).unwrap(),
        host_key::pin(&server.host.public).unwrap()
    );
}

#[tokio::test]
async fn a_certificate_is_never_accepted_nor_asked_for() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan::default());
    private(&server.path("ca"), generate("ca").unwrap().private.expose());
    let signed = Command::new("ssh-keygen")
        .args(["-q", "-s"])
        .arg(server.path("ca"))
        .args(["-I", "host", "-h", "-n", "127.0.0.1"])
        .arg(server.path("host_key.pub"))
        .status()
        .unwrap();
    assert!(signed.success());
    let config = server.path("config");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = format!("{text}HostCertificate {}\n", server.path("host_key-cert.pub").display());
    std::fs::write(&config, text).unwrap();
    server.launch();
    // The server would show its certificate to whoever offers to take one; we get the plain key.
    let session = server.session().await;
    assert!(session.host_key().starts_with("ssh-ed25519 "));
    let line = std::fs::read_to_string(server.path("host_key-cert.pub")).unwrap();
    assert_eq!(failed(server.connect(&line).await).kind(), Kind::Usage);
}

#[tokio::test]
async fn a_server_without_an_ed25519_key_is_refused() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan::default());
    let key = server.path("rsa");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f"])
        .arg(&key)
        .status()
        .unwrap();
    assert!(made.success());
    let config = server.path("config");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("host_key", "rsa")).unwrap();
    server.launch();
    let e = failed(server.connect(&server.host.public).await);
    assert_eq!(e.kind(), Kind::HostKey);
    assert!(e.message().contains("no ed25519 host key"), "{e}");
    assert_eq!(
        scan(&server.target(), PATIENCE).await.unwrap_err().kind(),
        Kind::HostKey
    );
}

#[tokio::test]
async fn it_waits_for_a_server_that_comes_up_late() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan::default());
    let (target, key, pin) = (server.target(), server.user.private.clone(), server.host.public.clone());
    let trying = tokio::spawn(async move { Session::connect(&target, &key, &pin, PATIENCE).await });
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(!trying.is_finished());
    server.spawn();
    trying.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_deadline_ends_it_and_says_why() {
    let target = SshTarget {
        host: "127.0.0.1".into(),
        port: port::free(),
        user: "root".into(),
    };
    let pair = generate("x").unwrap();
    let started = Instant::now();
    let e = failed(Session::connect(&target, &pair.private, &pair.public, Duration::from_secs(1)).await);
    assert_eq!(e.kind(), Kind::Timeout);
    assert!(e.message().contains("refused"), "{e}");
    assert!(
        (500..10_000).contains(&started.elapsed().as_millis()),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_port_that_accepts_and_keeps_silent_meets_the_deadline() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = SshTarget {
        host: "127.0.0.1".into(),
        port: silent.local_addr().unwrap().port(),
        user: "root".into(),
    };
    let pair = generate("x").unwrap();
    let started = Instant::now();
    let e = failed(Session::connect(&target, &pair.private, &pair.public, Duration::from_secs(1)).await);
    assert_eq!(e.kind(), Kind::Timeout);
    assert!(e.message().contains("does not answer"), "{e}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_refused_login_is_final_unless_the_server_is_booting() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan {
        accepts: false,
        ..Plan::default()
    });
    server.launch();
    let started = Instant::now();
    let e = failed(server.connect(&server.host.public).await);
    assert_eq!(e.kind(), Kind::Auth);
    assert!(started.elapsed() < Duration::from_secs(10), "it tried again");

    let (target, key, pin) = (server.target(), server.user.private.clone(), server.host.public.clone());
    let e = failed(Session::connect_booting(&target, &key, &pin, Duration::from_secs(2)).await);
    assert_eq!(e.kind(), Kind::Auth, "a login that stays refused says so");

    let trying = tokio::spawn(async move { Session::connect_booting(&target, &key, &pin, PATIENCE).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!trying.is_finished());
    std::fs::write(server.path("authorized_keys"), &server.user.public).unwrap();
    trying.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_name_without_an_address_does_not_wait_for_the_deadline() {
    let target = SshTarget {
        host: no_such_host(),
        port: 22,
        user: "root".into(),
    };
    let pair = generate("x").unwrap();
    let e = failed(Session::connect(&target, &pair.private, &pair.public, Duration::from_secs(120)).await);
    assert_eq!(e.kind(), Kind::NotFound);
}

#[tokio::test]
async fn ipv6_addresses_work_with_and_without_brackets() {
    if !possible() || std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let mut server = Server::plan(Plan {
        extra: "ListenAddress ::1".into(),
        ..Plan::default()
    });
    server.launch();
    for host in ["::1", "[::1]"] {
        let target = SshTarget {
            host: host.into(),
            ..server.target()
        };
        let mut session = Session::connect(&target, &server.user.private, &server.host.public, PATIENCE)
            .await
            .unwrap();
        session.run(&Script::new("true", "true"), &mut |_| ()).await.unwrap();
    }
}

#[tokio::test]
async fn scanning_sees_the_key_without_signing_in() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let line = scan(&server.target(), PATIENCE).await.unwrap();
    assert_eq!(
        host_key::pin(&line).unwrap(),
        host_key::pin(&server.host.public).unwrap()
    );
    assert!(!server.log().contains("Accepted"));
}

/// Not a limit, a figure: printed with `--no-capture`. The plain command is for comparison:
/// sshd starts the user's shell for both, and that reads the user's `.bashrc`.
#[tokio::test]
async fn overhead() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let started = Instant::now();
    let mut session = server.session().await;
    let connected = started.elapsed();
    let script = Script::new("true", "true");
    let (mut plain, mut run) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        let before = Instant::now();
        let streams = Streams {
            input: tokio::io::empty(),
            output: tokio::io::sink(),
            errors: tokio::io::sink(),
        };
        session.shell(Some("true"), None, streams).await.unwrap();
        plain = plain.min(before.elapsed());
        let before = Instant::now();
        session.run(&script, &mut |_| ()).await.unwrap();
        run = run.min(before.elapsed());
    }
    eprintln!("connect + login {connected:?}; best of 10: plain command {plain:?}, script {run:?}");
    assert!(run < plain + Duration::from_secs(1));
}
