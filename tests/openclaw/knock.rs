//! Who answers at a port of the loopback, as the real shell functions find out: users of this machine
//! listen and accept.

use super::COMMON;
use crate::support::port;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const KNOCK: &str = include_str!("../../assets/host/knock.sh");

/// Listens as one user and accepts as another, which sends a word and waits for the other side's end;
/// as none: it never accepts. One that leaves ends every connection at once.
const LISTENER: &str = r#"
use IO::Socket::INET;
my ($address, $port, $listens, $accepts, $leaves) = @ARGV;
$> = $listens;
my $socket = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 1, ReuseAddr => 1) or die $!;
$| = 1;
print "listening\n";
if ($accepts eq "none") { sleep 60; exit }
$> = 0;
$> = $accepts;
while (my $client = $socket->accept) { if ($leaves) { close $client; next } syswrite $client, "hello\n"; <$client> }
"#;

/// `nobody` and `daemon` have these numbers on every system that is supported.
const NOBODY: u32 = 65534;
const DAEMON: u32 = 1;

struct Listener(Child, u16);

impl Listener {
    fn at(address: &str, listens: u32, accepts: &str) -> Listener {
        Listener::who(address, listens, accepts, "")
    }

    fn who(address: &str, listens: u32, accepts: &str, leaves: &str) -> Listener {
        use std::io::{BufRead, BufReader};
        let port = port::free();
        let mut child = Command::new("perl")
            .args([
                "-e",
                LISTENER,
                address,
                &port.to_string(),
                &listens.to_string(),
                accepts,
                leaves,
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "listening\n");
        Listener(child, port)
    }

    fn of(listens: u32, accepts: u32) -> Listener {
        Listener::at("127.0.0.1", listens, &accepts.to_string())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a knock for the user `nobody` comes to: the word that was sent, who else it was, or that
/// the shell was killed.
fn knock(port: u16) -> String {
    let script = format!(
        "set -euo pipefail\n{COMMON}{KNOCK}\nGATEWAY_WAIT=1\n\
         if knock {port} nobody; then read -r word <&3 || true; echo \"through: $word\"; else echo \"shut: $holder\"; fi"
    );
    let out = Command::new("bash").args(["-c", &script]).output().unwrap();
    match out.status.code() {
        Some(0) => String::from_utf8_lossy(&out.stdout).trim().to_owned(),
        None => "killed".to_owned(),
        Some(_) => panic!("{out:?}"),
    }
}

fn possible() -> bool {
    let ok = rustix::process::geteuid().is_root();
    if !ok {
        crate::support::skip("who answers at a port", "needs root, to listen as other users");
    }
    ok
}

#[test]
fn only_the_right_user_is_let_through() {
    if !possible() {
        return;
    }
    assert_eq!(knock(Listener::of(NOBODY, NOBODY).1), "through: hello");
    // On any address of this machine.
    let anywhere = Listener::at("0.0.0.0", NOBODY, &NOBODY.to_string());
    assert_eq!(knock(anywhere.1), "through: hello");
    assert_eq!(knock(Listener::of(DAEMON, DAEMON).1), "shut: 1");
    let anywhere = Listener::at("0.0.0.0", DAEMON, &DAEMON.to_string());
    assert_eq!(knock(anywhere.1), "shut: 1");
    // Root is nobody's agent either.
    assert_eq!(knock(Listener::of(0, 0).1), "shut: 0");
    // Nobody listens, or nobody stays.
    assert_eq!(knock(port::free()), "shut:");
    let leaving = Listener::who("127.0.0.1", NOBODY, &NOBODY.to_string(), "yes");
    for _ in 0..5 {
        let told = knock(leaving.1);
        assert!(["shut:", "through:"].contains(&told.as_str()), "{told}");
    }
}

/// Who listens is not who accepts: what counts is who has the other end of this very connection.
#[test]
fn the_one_who_accepted_counts() {
    if !possible() {
        return;
    }
    assert_eq!(knock(Listener::of(NOBODY, DAEMON).1), "shut: 1");
    assert_eq!(knock(Listener::of(NOBODY, 0).1), "shut: 0");
}

/// The kernel shows uid 0 for what nobody has accepted. Neither that is believed, nor is it waited
/// for without end, also where the kernel itself lets a connection hang.
#[test]
fn what_is_not_accepted_ends_the_shell() {
    if !possible() {
        return;
    }
    let silent = Listener::at("127.0.0.1", NOBODY, "none");
    let mut held = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        assert_eq!(knock(silent.1), "killed");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        // Fills what the kernel keeps for it.
        let address = ([127, 0, 0, 1], silent.1).into();
        held.extend(std::net::TcpStream::connect_timeout(
            &address,
            Duration::from_millis(100),
        ));
    }
    assert!(!held.is_empty());
}

/// A user who is not there, or is root, is nobody to let through.
#[test]
fn no_user_and_root_are_never_the_right_ones() {
    for user in ["cw-not-there", "root"] {
        let script = format!(
            "set -euo pipefail\n{COMMON}{KNOCK}\nif knock 1 {user} 2>/dev/null; then echo through; else echo shut; fi"
        );
        let out = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout), "shut\n", "{out:?}");
    }
}
