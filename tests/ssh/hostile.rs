//! A server that means us harm: old algorithms, and channels that it opens towards us.

use super::server::{PATIENCE, Plan, Server, possible, until};
use clawdwako::error::Kind;
use clawdwako::model::SshTarget;
use clawdwako::ssh::{Script, Session, Streams, generate};
use russh::ChannelOpenFailure;
use russh::server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Session as Serving, VerifiedPublicKey};
use std::sync::Arc;
use tokio::sync::mpsc;

#[tokio::test]
async fn only_modern_algorithms_are_spoken() {
    if !possible() {
        return;
    }
    for (old, kind) in [
        ("KexAlgorithms diffie-hellman-group14-sha256,ecdh-sha2-nistp256", "Kex"),
        ("Ciphers aes128-ctr,aes256-ctr", "Cipher"),
    ] {
        let mut server = Server::plan(Plan {
            extra: old.into(),
            ..Plan::default()
        });
        server.launch();
        let e = server.connect(&server.host.public).await.err().unwrap();
        assert_eq!(e.kind(), Kind::Unsupported, "{old}: {e}");
        assert!(e.message().contains("modern") && e.message().contains(kind), "{e}");
        assert!(!server.log().contains("Accepted"), "it signed in");
    }
    let modern = "KexAlgorithms curve25519-sha256\nCiphers chacha20-poly1305@openssh.com";
    let mut server = Server::plan(Plan {
        extra: modern.into(),
        ..Plan::default()
    });
    server.launch();
    server.session().await;
}

/// Neither our agent nor our display, environment or ports are offered, even to a server that
/// would take them.
#[tokio::test]
async fn nothing_of_ours_is_forwarded() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan {
        extra: "AllowAgentForwarding yes\nAcceptEnv *\nX11Forwarding yes".into(),
        ..Plan::default()
    });
    let config = server.path("config");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("LogLevel VERBOSE", "LogLevel DEBUG1")).unwrap();
    server.launch();
    let mut session = server.session().await;
    let look = "echo \"::fact agent=${SSH_AUTH_SOCK-none}\"";
    let told = session.run(&Script::new("look", look), &mut |_| ()).await.unwrap();
    assert_eq!(told.facts["agent"], "none");
    let streams = Streams {
        input: tokio::io::empty(),
        output: tokio::io::sink(),
        errors: tokio::io::sink(),
    };
    session.shell(Some("true"), None, streams).await.unwrap();
    until("sshd has written its log", || {
        server.log().matches("request exec").count() >= 2
    })
    .await;
    for asked in ["auth-agent-req", "x11-req", "request env", "tcpip-forward"] {
        assert!(!server.log().contains(asked), "{asked}");
    }
}

/// What became of each channel that the server opened towards us.
type Answer = (&'static str, Result<(), russh::Error>);

struct Hostile(mpsc::UnboundedSender<Answer>);

impl Handler for Hostile {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _: russh::Channel<Msg>,
        reply: ChannelOpenHandle,
        serving: &mut Serving,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        tokio::spawn(reach_back(serving.handle(), self.0.clone()));
        Ok(())
    }
}

async fn reach_back(handle: Handle, told: mpsc::UnboundedSender<Answer>) {
    let answers: [Answer; 7] = [
        ("agent", handle.channel_open_agent().await.map(drop)),
        ("x11", handle.channel_open_x11("10.0.0.1", 6000).await.map(drop)),
        ("session", handle.channel_open_session().await.map(drop)),
        (
            "direct-tcpip",
            handle
                .channel_open_direct_tcpip("127.0.0.1", 22, "10.0.0.1", 1)
                .await
                .map(drop),
        ),
        (
            "forwarded-tcpip",
            handle
                .channel_open_forwarded_tcpip("127.0.0.1", 22, "10.0.0.1", 1)
                .await
                .map(drop),
        ),
        (
            "direct-streamlocal",
            handle.channel_open_direct_streamlocal("/run/agent").await.map(drop),
        ),
        (
            "forwarded-streamlocal",
            handle.channel_open_forwarded_streamlocal("/run/agent").await.map(drop),
        ),
    ];
    for answer in answers {
        told.send(answer).unwrap();
    }
}

#[tokio::test]
async fn a_server_opens_no_channel_towards_us() {
    let (host, user) = (generate("host").unwrap(), generate("user").unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(Config {
        keys: vec![russh::keys::decode_secret_key(host.private.expose(), None).unwrap()],
        ..Config::default()
    });
    let (told, mut answers) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let running = russh::server::run_stream(config, stream, Hostile(told)).await.unwrap();
        let _ = running.await;
    });
    let target = SshTarget {
        host: "127.0.0.1".into(),
        port,
        user: "root".into(),
    };
    let mut session = Session::connect(&target, &user.private, &host.public, PATIENCE)
        .await
        .unwrap();
    // Opens a channel, which is when the server begins.
    let script = Script::new("look", "true");
    let mut on_line = |_: &str| ();
    let run = session.run(&script, &mut on_line);
    let all = async {
        let mut refused = Vec::new();
        while refused.len() < 7 {
            let (name, answer) = answers.recv().await.unwrap();
            assert!(
                matches!(
                    answer,
                    Err(russh::Error::ChannelOpenFailure(
                        ChannelOpenFailure::AdministrativelyProhibited | ChannelOpenFailure::UnknownChannelType
                    ))
                ),
                "{name}: {answer:?}"
            );
            refused.push(name);
        }
    };
    tokio::select! {
        done = tokio::time::timeout(PATIENCE, all) => done.unwrap(),
        done = run => panic!("{:?}", done.err()),
    }
}
