//! Reaching a server: tries that repeat while it boots, and an end that is final when it must be.

use super::client::Session;
use super::host_key;
use super::pin::{self, Identity, Pin, Shown};
use crate::error::{Error, Kind, Result};
use crate::model::SshTarget;
use crate::secrets::Secret;
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKey};
use russh::{AlgorithmKind, client};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// Pauses between tries grow from here …
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// … to here.
const LAST_PAUSE: Duration = Duration::from_secs(1);
/// How long one address may take to accept a connection. Short, because the packets to a
/// server that is only now coming up are lost, and a new try is quicker than TCP's own.
const TCP_LIMIT: Duration = Duration::from_secs(2);
/// How long handshake and login may take.
const LOGIN_LIMIT: Duration = Duration::from_secs(15);
/// How often a name that cannot be resolved is tried.
const NAME_TRIES: u32 = 3;

/// How long to go on trying, and what counts as "not yet".
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From now.
    pub deadline: Duration,
    /// Whether the server is booting: a refused login may be accepted a little later.
    pub boot: bool,
}

/// Why a try failed.
enum Failed {
    /// No further try can help.
    Final(Error),
    /// The server may come up; the words go into the last error.
    NotYet(Error),
}

/// Connects and signs in; see [`Session::connect`].
pub(super) async fn session(
    target: &SshTarget,
    private_key: &Secret,
    pins: &str,
    patience: Patience,
) -> Result<Session> {
    let pinned = host_key::parse_all(pins)?;
    let key = Arc::new(host_key::parse_private(private_key, None)?);
    let mut tries = Tries::new(target, patience.deadline);
    loop {
        match one(target, &key, &pinned, patience.boot, tries.remaining()).await {
            Ok(session) => return Ok(session),
            Err(failed) => tries.pause_after(failed).await?,
        }
    }
}

/// Looks at the host key that a server shows, without signing in: one OpenSSH line. It proves
/// nothing about who answered; a user has to confirm its fingerprint.
///
/// # Errors
/// `host_key` if the server has no ed25519 key; `timeout` after the deadline.
pub async fn scan(target: &SshTarget, deadline: Duration) -> Result<String> {
    let mut tries = Tries::new(target, deadline);
    loop {
        match look(target, tries.remaining()).await {
            Ok(line) => return Ok(line),
            Err(failed) => tries.pause_after(failed).await?,
        }
    }
}

/// Tries that go on until the deadline, with growing pauses.
struct Tries<'a> {
    target: &'a SshTarget,
    deadline: Duration,
    end: Instant,
    pause: Duration,
    unknown_names: u32,
    /// What the try before the last one came to, if that was a refusal.
    refused: Option<Error>,
}

impl<'a> Tries<'a> {
    fn new(target: &'a SshTarget, deadline: Duration) -> Self {
        Tries {
            target,
            deadline,
            end: Instant::now() + deadline,
            pause: FIRST_PAUSE,
            unknown_names: 0,
            refused: None,
        }
    }

    /// How long the next try may take at most.
    fn remaining(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now()).max(FIRST_PAUSE)
    }

    /// Waits before the next try, or says that there is none.
    async fn pause_after(&mut self, failed: Failed) -> Result<()> {
        let last = match failed {
            Failed::Final(e) => return Err(e),
            Failed::NotYet(e) => e,
        };
        self.unknown_names += u32::from(last.kind() == Kind::NotFound);
        if self.unknown_names == NAME_TRIES {
            return Err(last);
        }
        if Instant::now() + self.pause >= self.end {
            // The deadline may have cut the last try short: what it would have said was said before.
            let reason = self.refused.take().unwrap_or(last);
            return Err(gave_up(self.target, self.deadline, reason));
        }
        self.refused = is_refusal(&last).then_some(last);
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(LAST_PAUSE);
        Ok(())
    }
}

fn is_refusal(e: &Error) -> bool {
    matches!(e.kind(), Kind::Auth | Kind::HostKey)
}

/// The deadline passed; the last try's reason stays visible. A login that is still refused
/// stays what it is, so that nobody waits for it again.
fn gave_up(target: &SshTarget, deadline: Duration, last: Error) -> Error {
    if is_refusal(&last) {
        return last;
    }
    let waited = if deadline < Duration::from_secs(2) {
        format!("{} ms", deadline.as_millis())
    } else {
        format!("{} s", deadline.as_secs())
    };
    let place = place(target);
    Error::new(
        Kind::Timeout,
        format!("no SSH session with {place} within {waited}: {}", last.message()),
    )
    .hint(format!(
        "look at the server's console at its provider: is it running, and is port {} open to you? A restart there may help",
        target.port
    ))
}

/// One look at the host key.
async fn look(target: &SshTarget, remaining: Duration) -> Result<String, Failed> {
    let stream = dial(target, remaining).await?;
    let (pin, shown) = Pin::new(Vec::new());
    let tried = timeout(
        LOGIN_LIMIT.min(remaining),
        client::connect_stream(pin::config(), stream, pin),
    )
    .await;
    match (shown.get(), tried) {
        (Some(Identity::Key(key)), _) => host_key::line(&key).map_err(Failed::Final),
        (_, Ok(Err(e))) => Err(handshake(target, e, &shown, &[], false)),
        (_, Ok(Ok(_)) | Err(_)) => Err(slow(target)),
    }
}

/// One try, each part within its own limit.
async fn one(
    target: &SshTarget,
    key: &Arc<PrivateKey>,
    pinned: &[PublicKey],
    boot: bool,
    remaining: Duration,
) -> Result<Session, Failed> {
    let stream = dial(target, remaining).await?;
    let (pin, shown) = Pin::new(pinned.to_vec());
    let login = async {
        let mut handle = client::connect_stream(pin::config(), stream, pin)
            .await
            .map_err(|e| handshake(target, e, &shown, pinned, boot))?;
        let key = PrivateKeyWithHashAlg::new(Arc::clone(key), None);
        match handle.authenticate_publickey(target.user.as_str(), key).await {
            Ok(done) if done.success() => Ok(handle),
            Ok(_) => {
                let refused = refused(target);
                Err(if boot {
                    Failed::NotYet(refused)
                } else {
                    Failed::Final(refused)
                })
            }
            Err(e) => Err(handshake(target, e, &shown, pinned, boot)),
        }
    };
    let handle = match timeout(LOGIN_LIMIT.min(remaining), login).await {
        Ok(done) => done?,
        Err(_) => return Err(slow(target)),
    };
    let line = match shown.get() {
        Some(Identity::Key(key)) => host_key::line(&key).map_err(Failed::Final)?,
        _ => return Err(Failed::Final(crate::error::internal("a session without a host key"))),
    };
    Ok(Session::new(handle, target, line))
}

/// Opens the TCP connection to the first address that accepts one.
async fn dial(target: &SshTarget, remaining: Duration) -> Result<TcpStream, Failed> {
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    let unknown = |why: &str| {
        Failed::NotYet(
            Error::new(Kind::NotFound, format!("the name {host} has no address{why}"))
                .hint("write the server's name or address again"),
        )
    };
    let limit = LOGIN_LIMIT.min(remaining);
    let addresses: Vec<SocketAddr> = match timeout(limit, tokio::net::lookup_host((host, target.port))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(e)) => return Err(unknown(&format!(": {e}"))),
        Err(_) => return Err(unknown(" (the name server does not answer)")),
    };
    let mut reason = None;
    for address in addresses {
        let why = match timeout(TCP_LIMIT.min(remaining), TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Keystrokes and small packets go out at once; a failure only costs speed.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(e)) => e.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        reason.get_or_insert(why);
    }
    let Some(why) = reason else { return Err(unknown("")) };
    Err(Failed::NotYet(Error::new(
        Kind::Network,
        format!("{} does not accept connections ({why})", place(target)),
    )))
}

/// What an error in handshake or login means.
fn handshake(target: &SshTarget, e: russh::Error, shown: &Shown, pinned: &[PublicKey], boot: bool) -> Failed {
    match (&e, shown.get()) {
        (russh::Error::UnknownKey, Some(identity)) => Failed::Final(wrong_key(target, &identity, pinned)),
        (russh::Error::NoCommonAlgo { kind, .. }, _) => {
            let error = no_common(target, kind);
            if boot && matches!(kind, AlgorithmKind::Key) {
                Failed::NotYet(error)
            } else {
                Failed::Final(error)
            }
        }
        _ => Failed::NotYet(
            Error::new(Kind::Network, format!("{} broke off the SSH handshake", place(target))).because(e),
        ),
    }
}

fn slow(target: &SshTarget) -> Failed {
    Failed::NotYet(Error::new(
        Kind::Network,
        format!("{} accepts connections but does not answer", place(target)),
    ))
}

fn refused(target: &SshTarget) -> Error {
    Error::new(
        Kind::Auth,
        format!("{} refused the login of {} with our key", place(target), target.user),
    )
    .hint("is the public key in that user's ~/.ssh/authorized_keys, and may that user log in by key?")
}

fn no_common(target: &SshTarget, kind: &AlgorithmKind) -> Error {
    if matches!(kind, AlgorithmKind::Key) {
        return Error::new(Kind::HostKey, format!("{} has no ed25519 host key", place(target)))
            .hint("make one on the server: ssh-keygen -A, then restart sshd");
    }
    Error::new(
        Kind::Unsupported,
        format!("{} offers no modern SSH algorithms ({kind:?})", place(target)),
    )
    .hint("update OpenSSH on the server: curve25519 and an AEAD cipher are needed")
}

fn wrong_key(target: &SshTarget, identity: &Identity, pinned: &[PublicKey]) -> Error {
    let expected = pinned.iter().map(host_key::sha256).collect::<Vec<_>>().join(" or ");
    let shown = match identity {
        Identity::Key(key) => host_key::sha256(key),
        Identity::Certificate => "a host certificate, which is not accepted".to_owned(),
    };
    Error::new(
        Kind::HostKey,
        format!(
            "{} is not the server that was pinned: expected {expected}, got {shown}",
            place(target)
        ),
    )
    .hint(
        "somebody may be listening in between, or the server was rebuilt; \
         compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on its console",
    )
}

/// `host:port`, with brackets around an IPv6 address.
fn place(target: &SshTarget) -> String {
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    if host.contains(':') {
        format!("[{host}]:{}", target.port)
    } else {
        format!("{host}:{}", target.port)
    }
}
