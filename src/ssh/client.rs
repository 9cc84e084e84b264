//! One SSH session to one server.

use super::pin::Pin;
use super::reach::{self, Patience};
use crate::error::{Error, Kind, Result};
use crate::model::SshTarget;
use crate::secrets::Secret;
use russh::client::{Handle, Msg};
use std::sync::Arc;
use std::time::Duration;

/// The longest that an open session may take to open a channel.
const CHANNEL_LIMIT: Duration = Duration::from_secs(25);
/// The first pause after a server refused a channel; it doubles up to the longest, which makes two
/// seconds in all.
const CHANNEL_PAUSE: Duration = Duration::from_millis(30);
const LONGEST_CHANNEL_PAUSE: Duration = Duration::from_secs(1);

/// An open session. Only ed25519 host keys that equal the pinned one; no certificates, no
/// agent, no forwarding of credentials. A server that stops answering is noticed within about
/// 20 s. Dropping it ends the connection, once its tunnels are gone too.
pub struct Session {
    pub(super) handle: Arc<Handle<Pin>>,
    /// Whom errors talk about: `root@198.51.100.7`.
    pub(super) name: String,
    /// Whether scripts need `sudo`.
    pub(super) sudo: bool,
    host_key: String,
}

impl Session {
    /// Connects, checks the host key against the pin, signs in with the key. Tries until
    /// `deadline` while the server refuses connections (it may be booting). `host_key` is one
    /// OpenSSH line, or several of which any may be shown (while a key is being replaced).
    ///
    /// # Errors
    /// `host_key` at once if the key differs; `refused` at once if the login is refused;
    /// `timeout` after the deadline.
    pub async fn connect(
        target: &SshTarget,
        private_key: &Secret,
        host_key: &str,
        deadline: Duration,
    ) -> Result<Session> {
        let patience = Patience { deadline, boot: false };
        reach::session(target, private_key, host_key, patience).await
    }

    /// The same for a server that is still booting: a refused login and a missing ed25519 host
    /// key are tried again too, because cloud-init writes both some time after sshd can answer.
    ///
    /// # Errors
    /// `host_key` at once if the key differs; `refused` if the login is still refused at the
    /// deadline; `timeout` after the deadline.
    pub async fn connect_booting(
        target: &SshTarget,
        private_key: &Secret,
        host_key: &str,
        deadline: Duration,
    ) -> Result<Session> {
        let patience = Patience { deadline, boot: true };
        reach::session(target, private_key, host_key, patience).await
    }

    pub(super) fn new(handle: Handle<Pin>, target: &SshTarget, host_key: String) -> Session {
        Session {
            handle: Arc::new(handle),
            name: format!("{}@{}", target.user, target.host),
            sudo: target.user != "root",
            host_key,
        }
    }

    /// The same session, for a task of its own.
    pub(super) fn again(&self) -> Session {
        Session {
            handle: Arc::clone(&self.handle),
            name: self.name.clone(),
            sudo: self.sudo,
            host_key: self.host_key.clone(),
        }
    }

    /// The host key that the server showed, as one OpenSSH line: the pin that matched.
    pub fn host_key(&self) -> &str {
        &self.host_key
    }

    /// Whether the connection is known to be broken.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Says goodbye. Dropping the session does the same, less politely.
    pub async fn close(self) {
        let _ = self.handle.disconnect(russh::Disconnect::ByApplication, "", "en").await;
    }

    /// Opens a channel for one command. A channel that was given up counts at the server until its
    /// command has ended there, so one that is refused is asked for again for a moment.
    pub(super) async fn channel(&self) -> Result<russh::Channel<Msg>> {
        let mut pause = CHANNEL_PAUSE;
        loop {
            match tokio::time::timeout(CHANNEL_LIMIT, self.handle.channel_open_session()).await {
                Ok(Ok(channel)) => return Ok(channel),
                Ok(Err(russh::Error::ChannelOpenFailure(_))) if pause <= LONGEST_CHANNEL_PAUSE => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Ok(Err(russh::Error::ChannelOpenFailure(_))) => {
                    return Err(Error::new(
                        Kind::Upstream,
                        format!("{} allows no further command in this SSH session", self.name),
                    )
                    .hint("try again; MaxSessions in the server's sshd_config limits them"));
                }
                Ok(Err(_)) => return Err(self.lost()),
                Err(_) => {
                    return Err(Error::new(
                        Kind::Timeout,
                        format!("{} did not open a channel within 25 s", self.name),
                    )
                    .hint("the server may be overloaded: try again"));
                }
            }
        }
    }

    /// The connection broke.
    pub(super) fn lost(&self) -> Error {
        Error::new(Kind::Network, format!("the SSH connection to {} broke", self.name)).hint(
            "look at your network and the server's console, then run the command again: it goes on where it stopped",
        )
    }
}
