//! Keys: pairs that we make, pinned lines, fingerprints, and the user's own private key.

use crate::error::{Error, Kind, Result, internal, usage};
use crate::secrets::Secret;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, HashAlg, PrivateKey, PublicKey};
use std::path::Path;

/// The longest private key file that is read.
const MAX_KEY_FILE: u64 = 64 << 10;
/// What to do about a key that cannot be used.
const MAKE_A_KEY: &str = "make a key for clawdwako: ssh-keygen -t ed25519 -N '' -f ~/.ssh/clawdwako, \
                          then ssh-copy-id -i ~/.ssh/clawdwako.pub USER@HOST";

/// An ed25519 key pair.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The private half, in OpenSSH's format.
    pub private: Secret,
    /// The public half, one OpenSSH line with a comment.
    pub public: String,
}

/// Makes an ed25519 key pair.
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn generate(comment: &str) -> Result<KeyPair> {
    // The comment ends up in files that are read line by line.
    let comment: String = comment.chars().filter(|c| !c.is_control()).collect();
    let mut key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519)
        .map_err(|e| internal("no SSH key pair could be made").because(e))?;
    key.set_comment(comment);
    let private = key
        .to_openssh(LineEnding::LF)
        .map_err(|e| internal("an SSH key pair could not be written").because(e))?;
    Ok(KeyPair {
        private: Secret::new(private.as_str()),
        public: line(key.public_key())?,
    })
}

/// Reads a user's private key file.
///
/// # Errors
/// `needs_user` if the key is protected and no passphrase is given, `refused` if the passphrase
/// is wrong; `unsupported` for RSA, DSA and hardware keys; `io` if the file cannot be read.
pub fn read_private_key(path: &Path, passphrase: Option<&Secret>) -> Result<Secret> {
    let failed = |e: std::io::Error| {
        Error::new(Kind::Io, format!("cannot read the SSH key {}", path.display()))
            .hint("give the path of a private key that you may read")
            .because(e)
    };
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_KEY_FILE {
        return Err(usage(format!("{} is too large to be an SSH key", path.display())));
    }
    let bytes = zeroize::Zeroizing::new(std::fs::read(path).map_err(failed)?);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| usage(format!("{} is not an SSH private key", path.display())).hint(MAKE_A_KEY))?;
    let key = parse_private(&Secret::new(text), passphrase).map_err(|e| e.context(path.display()))?;
    let plain = key
        .to_openssh(LineEnding::LF)
        .map_err(|e| internal("an SSH key could not be written").because(e))?;
    Ok(Secret::new(plain.as_str()))
}

/// The public line that belongs to a private key.
///
/// # Errors
/// As [`read_private_key`].
pub fn public_of(private: &Secret) -> Result<String> {
    line(parse_private(private, None)?.public_key())
}

/// The SHA-256 fingerprint (`SHA256:…`) of a public key line, as `ssh-keygen -l` shows it.
///
/// # Errors
/// `usage` if the line is no OpenSSH public key.
pub fn fingerprint(public: &str) -> Result<String> {
    Ok(sha256(&parse_any(public)?))
}

/// The MD5 fingerprint (`aa:bb:…`) of a public key line: clouds look keys up by it.
///
/// # Errors
/// `usage` if the line is no OpenSSH public key.
pub fn fingerprint_md5(public: &str) -> Result<String> {
    let blob = parse_any(public)?
        .to_bytes()
        .map_err(|e| internal("a public key could not be written").because(e))?;
    let hex: Vec<String> = md5::compute(blob).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(hex.join(":"))
}

/// Checks that a text is one ed25519 public key line, and gives it back without its comment.
///
/// # Errors
/// `usage` if it is not.
pub fn pin(text: &str) -> Result<String> {
    line_of_data(&parse(text)?)
}

/// A public key as one line, comment included if it has one.
pub(super) fn line(key: &PublicKey) -> Result<String> {
    key.to_openssh()
        .map_err(|e| internal("a public key could not be written").because(e))
}

fn line_of_data(key: &PublicKey) -> Result<String> {
    line(&PublicKey::new(key.key_data().clone(), ""))
}

/// The SHA-256 fingerprint of a key.
pub(super) fn sha256(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// Reads one or more pinned lines.
pub(super) fn parse_all(text: &str) -> Result<Vec<PublicKey>> {
    let keys: Vec<PublicKey> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(parse)
        .collect::<Result<_>>()?;
    if keys.is_empty() {
        return Err(usage("no host key is pinned for this server"));
    }
    Ok(keys)
}

fn parse(line: &str) -> Result<PublicKey> {
    let key = parse_any(line)?;
    if key.algorithm() == Algorithm::Ed25519 {
        return Ok(key);
    }
    Err(usage(format!(
        "a host key of type {} cannot be pinned: only ed25519",
        key.algorithm()
    ))
    .hint("take the line of /etc/ssh/ssh_host_ed25519_key.pub"))
}

fn parse_any(line: &str) -> Result<PublicKey> {
    PublicKey::from_openssh(line.trim())
        .map_err(|_| usage("this is not an OpenSSH public key").hint("it looks like: ssh-ed25519 AAAA… comment"))
}

/// Reads a private key in OpenSSH's, PKCS#8's or PuTTY's format.
pub(super) fn parse_private(text: &Secret, passphrase: Option<&Secret>) -> Result<PrivateKey> {
    use russh::keys::Error as Bad;
    let given = passphrase.filter(|p| !p.is_empty());
    let key = match russh::keys::decode_secret_key(text.expose(), given.map(Secret::expose)) {
        Ok(key) => key,
        Err(Bad::KeyIsEncrypted) => return Err(protected()),
        Err(Bad::UnsupportedKeyType { key_type_string, .. }) => return Err(unsupported(&key_type_string)),
        Err(_) if given.is_some() => {
            return Err(Error::new(Kind::Auth, "the passphrase does not open this SSH key").hint("type it again"));
        }
        Err(_) if text.expose().contains("ENCRYPTED") => return Err(protected()),
        Err(_) => return Err(usage("this is not an SSH private key that can be read").hint(MAKE_A_KEY)),
    };
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } => Ok(key),
        other => Err(unsupported(other.as_str())),
    }
}

fn protected() -> Error {
    Error::new(Kind::NeedsUser, "this SSH key is protected by a passphrase").hint(MAKE_A_KEY)
}

fn unsupported(kind: &str) -> Error {
    Error::new(Kind::Unsupported, format!("SSH keys of type {kind} are not supported")).hint(MAKE_A_KEY)
}
