//! Looks a server up among those that the user's own SSH client trusts already.

use super::host_key;
use crate::error::{Error, Kind, Result};
use crate::model::SshTarget;
use russh::keys::{Algorithm, PublicKey, known_hosts};
use std::path::Path;

/// The ed25519 host keys that a `known_hosts` file has for a server, as OpenSSH lines; hashed
/// names are understood, patterns are not. Keys that the file marks `@revoked` are left out.
/// A file that does not exist has none.
///
/// # Errors
/// `io` if the file is there but cannot be read.
pub fn host_keys(target: &SshTarget, path: &Path) -> Result<Vec<String>> {
    let text = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::new(Kind::Io, format!("cannot read {}", path.display())).because(e)),
    };
    let revoked: Vec<PublicKey> = text.lines().filter_map(revoked).collect();
    let host = target.host.trim_start_matches('[').trim_end_matches(']');
    let found = known_hosts::known_host_keys_path(host, target.port, path).map_err(|e| {
        Error::new(
            Kind::Io,
            format!("{} has a line for {host} that cannot be read", path.display()),
        )
        .hint("remove it with ssh-keygen -R, or confirm the fingerprint instead")
        .because(e)
    })?;
    found
        .into_iter()
        .map(|(_, key)| key)
        .filter(|key| key.algorithm() == Algorithm::Ed25519)
        .filter(|key| !revoked.iter().any(|bad| bad.key_data() == key.key_data()))
        .map(|key| host_key::line(&key))
        .collect()
}

/// The key of a line `@revoked HOSTS TYPE KEY`.
fn revoked(line: &str) -> Option<PublicKey> {
    let mut words = line.split_ascii_whitespace();
    if words.next() != Some("@revoked") {
        return None;
    }
    let (kind, key) = (words.nth(1)?, words.next()?);
    PublicKey::from_openssh(&format!("{kind} {key}")).ok()
}
