//! Sealing at rest: XChaCha20-Poly1305 with a key id in front and the row's identity as
//! associated data, so that a sealed value cannot be moved to another row.
//!
//! Layout of a sealed value: version (1 byte) | key id (8) | nonce (24) | ciphertext and tag.

use super::Secret;
use crate::error::{Error, Kind, Result, internal};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const KEY_ID: usize = 8;
const NONCE: usize = 24;

/// The keys that seal. The first one seals, all of them open.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<RwLock<Vec<MasterKey>>>,
    /// The file that they came from, to be read again when it changes.
    file: Option<Arc<KeyFile>>,
}

/// Where keys come from that can change while a server runs.
pub(super) struct KeyFile {
    /// Reads them all.
    pub read: fn(&Path) -> Result<Vec<MasterKey>>,
    /// The file.
    pub path: PathBuf,
    /// What it looked like when it was last read.
    pub seen: Mutex<Option<Stamp>>,
}

/// What tells one state of a file from another: its number, size, and time of change.
pub(super) type Stamp = (u64, u64, i64, i64);

/// 32 random bytes.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    /// `internal` if the system has no randomness.
    pub fn generate() -> Result<Self> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| internal("the system gave no randomness"))?;
        Ok(MasterKey(bytes))
    }

    /// Reads the 64 hexadecimal digits that [`MasterKey::to_hex`] writes.
    ///
    /// # Errors
    /// `usage` if it is something else.
    pub fn from_hex(text: &str) -> Result<Self> {
        let bad = || {
            crate::error::usage("the master key is not 64 hexadecimal digits")
                .hint("put the key back that was there when the store was made")
        };
        let text = text.trim();
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let mut bytes = Zeroizing::new([0u8; 32]);
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| bad())?;
        }
        Ok(MasterKey(bytes))
    }

    /// The key as 64 hexadecimal digits.
    pub fn to_hex(&self) -> Secret {
        Secret::new(self.0.iter().map(|b| format!("{b:02x}")).collect::<String>())
    }

    fn id(&self) -> [u8; KEY_ID] {
        let digest = Sha256::new()
            .chain_update(b"clawdwako master key id")
            .chain_update(self.0.as_ref())
            .finalize();
        let mut id = [0u8; KEY_ID];
        id.copy_from_slice(&digest[..KEY_ID]);
        id
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0))
    }
}

impl Sealer {
    /// Seals with `key`; opens also what `older` keys sealed.
    pub fn new(key: MasterKey, older: Vec<MasterKey>) -> Self {
        let mut keys = vec![key];
        keys.extend(older);
        Sealer {
            keys: Arc::new(RwLock::new(keys)),
            file: None,
        }
    }

    /// Seals and opens with the keys of a file, as it is now and as it will be.
    pub(super) fn of_file(keys: Vec<MasterKey>, file: KeyFile) -> Self {
        Sealer {
            keys: Arc::new(RwLock::new(keys)),
            file: Some(Arc::new(file)),
        }
    }

    /// No key: for a store that is only looked at.
    pub fn none() -> Self {
        Sealer {
            keys: Arc::default(),
            file: None,
        }
    }

    /// The keys as they are now. A key that was rotated away is gone from the file, and with
    /// that from here, also in a server that runs.
    fn keys(&self) -> Result<Vec<MasterKey>> {
        if let Some(file) = &self.file {
            let mut seen = file.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let stamp = stamp(&file.path);
            if stamp.is_none() || *seen != stamp {
                let fresh = (file.read)(&file.path)?;
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                *seen = stamp;
            }
        }
        Ok(self.keys.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Whether the first key sealed it; nothing is opened.
    pub fn is_current(&self, sealed: &[u8]) -> Result<bool> {
        let keys = self.keys()?;
        let id = sealed.get(1..1 + KEY_ID);
        Ok(id.is_some() && keys.first().map(MasterKey::id).as_ref().map(<[u8; KEY_ID]>::as_slice) == id)
    }

    /// Seals a value for the row that `identity` names.
    ///
    /// # Errors
    /// `internal` if the system has no randomness.
    pub fn seal(&self, identity: &str, plain: &Secret) -> Result<Vec<u8>> {
        let keys = self.keys()?;
        let key = keys.first().ok_or_else(|| internal("there is no master key"))?;
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| internal("the system gave no randomness"))?;
        let payload = Payload {
            msg: plain.expose().as_bytes(),
            aad: identity.as_bytes(),
        };
        let sealed = key
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| internal("sealing failed"))?;
        let mut out = Vec::with_capacity(1 + KEY_ID + NONCE + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&key.id());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what was sealed for the row that `identity` names.
    ///
    /// # Errors
    /// `store` if it was sealed with another key or for another row, or was changed.
    pub fn open(&self, identity: &str, sealed: &[u8]) -> Result<Secret> {
        let broken = || {
            Error::new(Kind::Store, format!("the secret {identity} cannot be opened"))
                .hint("the master key is not the one it was sealed with, or the store was changed: put the old key back, or set the secret again")
        };
        if sealed.len() < 1 + KEY_ID + NONCE || sealed[0] != VERSION {
            return Err(broken());
        }
        let (id, rest) = sealed[1..].split_at(KEY_ID);
        let (nonce, body) = rest.split_at(NONCE);
        let keys = self.keys()?;
        let key = keys.iter().find(|k| k.id() == id).ok_or_else(broken)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| broken())?;
        let plain = key
            .cipher()
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: body,
                    aad: identity.as_bytes(),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| broken())?;
        std::str::from_utf8(&plain).map(Secret::new).map_err(|_| broken())
    }
}

/// What a file looks like now; none if it is not there.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.ino(), meta.len(), meta.mtime(), meta.mtime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(MasterKey::generate().unwrap(), Vec::new())
    }

    #[test]
    fn opens_only_with_the_same_key_for_the_same_row_unchanged() {
        let (a, plain) = (sealer(), Secret::new("123:token"));
        let sealed = a.seal("bot/1/telegram", &plain).unwrap();
        assert!(!sealed.windows(5).any(|w| w == b"token"));
        assert_eq!(a.open("bot/1/telegram", &sealed).unwrap(), plain);
        assert!(a.open("bot/2/telegram", &sealed).is_err());
        assert!(sealer().open("bot/1/telegram", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert!(a.open("bot/1/telegram", &changed).is_err(), "byte {i}");
        }
        assert!(a.open("bot/1/telegram", &[]).is_err());
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        let (a, plain) = (sealer(), Secret::new("123:token"));
        let sealed: Vec<_> = (0..3).map(|_| a.seal("x", &plain).unwrap()).collect();
        let nonces: std::collections::HashSet<_> = sealed.iter().map(|s| &s[1 + KEY_ID..][..NONCE]).collect();
        assert_eq!(nonces.len(), 3, "a nonce that comes twice gives the key stream away");
    }

    #[test]
    fn a_new_key_opens_what_the_older_one_sealed_until_that_is_dropped() {
        let (old, new) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let sealed = Sealer::new(old.clone(), vec![]).seal("x", &Secret::new("v")).unwrap();
        assert!(Sealer::new(new.clone(), vec![old]).open("x", &sealed).is_ok());
        assert!(Sealer::new(new, vec![]).open("x", &sealed).is_err());
    }

    #[test]
    fn hex_round_trip() {
        let key = MasterKey::generate().unwrap();
        assert_eq!(MasterKey::from_hex(key.to_hex().expose()).unwrap().id(), key.id());
        for (bad, times) in [("abc", 1), ("+f", 32), ("xy", 32), ("é", 32), ("a€", 16)] {
            assert!(MasterKey::from_hex(&bad.repeat(times)).is_err(), "{bad}");
        }
    }
}
