//! One SSH session to one server.

use super::{Output, Script};
use crate::error::{Error, Kind, Result};
use crate::model::SshTarget;
use crate::secrets::Secret;
use std::time::Duration;

/// An open session. Only ed25519 host keys that equal the pinned one; no certificates, no
/// agent, no forwarding of credentials.
pub struct Session {}

impl Session {
    /// Connects, checks the host key against the pin, signs in with the key. Tries until
    /// `deadline` while the server refuses connections (it may be booting).
    ///
    /// # Errors
    /// `host_key` at once if the key differs; `auth` at once if the login is refused;
    /// `timeout` after the deadline.
    pub async fn connect(
        _target: &SshTarget,
        _private_key: &Secret,
        _host_key: &str,
        _deadline: Duration,
    ) -> Result<Session> {
        Err(Error::new(Kind::Unsupported, "not built yet"))
    }

    pub async fn connect_booting(t: &SshTarget, k: &Secret, h: &str, d: Duration) -> Result<Session> {
        Self::connect(t, k, h, d).await
    }

    /// Runs a script with bash as root (through `sudo -n` if the user is another), and hands
    /// over each log line as it comes. The script's text, its parameters and its input travel
    /// through standard input: the command line on the server shows none of them.
    ///
    /// # Errors
    /// `remote_script` with the last lines if it exits other than 0; `timeout` after its
    /// deadline (the remote process group is ended); `network` if the session broke.
    pub async fn run(&mut self, _script: &Script, _on_line: &mut (dyn FnMut(&str) + Send)) -> Result<Output> {
        Err(Error::new(Kind::Unsupported, "not built yet"))
    }
}
