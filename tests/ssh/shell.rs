//! A command or a shell with the caller's own streams.

use super::server::{PATIENCE, Server, possible};
use clawdwako::ssh::{Pty, Session, Streams};
use std::io::Cursor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

async fn command(session: &mut Session, command: &str, input: &[u8]) -> (u32, String, String) {
    let (mut output, mut errors) = (Cursor::new(Vec::new()), Cursor::new(Vec::new()));
    let streams = Streams {
        input,
        output: &mut output,
        errors: &mut errors,
    };
    let code = tokio::time::timeout(PATIENCE, session.shell(Some(command), None, streams))
        .await
        .unwrap()
        .unwrap();
    let text = |c: Cursor<Vec<u8>>| String::from_utf8(c.into_inner()).unwrap();
    (code, text(output), text(errors))
}

#[tokio::test]
async fn a_command_has_its_own_streams_and_exit_code() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let done = command(&mut session, "tr a-z A-Z; echo oops >&2; exit 7", b"hello").await;
    assert_eq!(done, (7, "HELLO".into(), "oops\n".into()));
    assert_eq!(command(&mut session, "kill -TERM $$", b"").await.0, 143);
    let large = vec![b'x'; 3 << 20];
    let (code, output, _) = command(&mut session, "cat", &large).await;
    assert_eq!((code, output.len()), (0, large.len()));
}

#[tokio::test]
async fn a_shell_has_a_terminal_that_follows_our_size() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let (size, receiver) = watch::channel((91, 33));
    let pty = Pty {
        term: "vt100".into(),
        size: receiver,
    };
    let (mut keyboard, input) = tokio::io::duplex(1 << 16);
    let (output, mut screen) = tokio::io::duplex(1 << 16);
    let streams = Streams {
        input,
        output,
        errors: tokio::io::sink(),
    };
    let user = async {
        let mut seen = String::new();
        let mut wait = async |what: &str| {
            let mut buffer = [0; 4096];
            while !seen.contains(what) {
                let n = screen.read(&mut buffer).await.unwrap();
                assert!(n > 0, "the shell ended: {seen}");
                seen.push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        };
        keyboard.write_all(b"echo \"$TERM=$(stty size)\"\n").await.unwrap();
        wait("vt100=33 91").await;
        size.send((120, 40)).unwrap();
        // The change arrives on its own; the shell is asked until it has.
        keyboard
            .write_all(b"until [ \"$(stty size)\" = '40 120' ]; do sleep 0.1; done; echo now-$(stty size)\n")
            .await
            .unwrap();
        wait("now-40 120").await;
        keyboard.write_all(b"exit 5\n").await.unwrap();
    };
    let both = async { tokio::join!(session.shell(None, Some(pty), streams), user) };
    let (code, ()) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    assert_eq!(code.unwrap(), 5);
}
