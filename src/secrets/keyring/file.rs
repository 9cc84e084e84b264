//! The sealed file that stands in where there is no keyring.

use super::SecretName;
use crate::error::{Error, Kind, Result, usage};
use crate::private;
use crate::secrets::Secret;
use crate::secrets::seal::Sealer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another process may hold the file.
const LOCK_DEADLINE: Duration = Duration::from_secs(5);
/// The longest file that holds one secret.
const MAX_SECRET: u64 = 64 << 10;

/// A file of sealed values, mode 0600: JSON, from name to base64.
pub(super) struct FileVault {
    dir: PathBuf,
}

type Sealed = BTreeMap<String, String>;

impl FileVault {
    pub fn new(dir: &Path) -> FileVault {
        FileVault { dir: dir.to_owned() }
    }

    /// The folder that it is in, made if it is not there, for its owner alone.
    pub fn dir(&self) -> Result<&Path> {
        private::folder(&self.dir)?;
        Ok(&self.dir)
    }

    pub fn has(&self, name: SecretName) -> Result<bool> {
        Ok(self.read()?.contains_key(name.as_str()))
    }

    pub fn get(&self, name: SecretName, sealer: &Sealer) -> Result<Option<Secret>> {
        let all = self.read()?;
        let Some(text) = all.get(name.as_str()) else {
            return Ok(None);
        };
        let sealed = STANDARD.decode(text).map_err(|_| self.broken())?;
        sealer.open(&identity(name), &sealed).map(Some)
    }

    pub fn set(&self, name: SecretName, secret: &Secret, sealer: &Sealer) -> Result<()> {
        let sealed = STANDARD.encode(sealer.seal(&identity(name), secret)?);
        self.change(|all| all.insert(name.as_str().to_owned(), sealed))
            .map(drop)
    }

    /// Answers whether it was there.
    pub fn delete(&self, name: SecretName) -> Result<bool> {
        if !self.has(name)? {
            return Ok(false);
        }
        Ok(self.change(|all| all.remove(name.as_str()))?.is_some())
    }

    fn path(&self) -> PathBuf {
        self.dir.join("credentials.json")
    }

    fn broken(&self) -> Error {
        Error::new(Kind::Store, format!("{} is damaged", self.path().display()))
            .hint("move it away and set the secrets again with `clawdwako secrets set`")
    }

    fn read(&self) -> Result<Sealed> {
        let path = self.path();
        let mut text = String::new();
        match private::open(&path)? {
            None => return Ok(Sealed::new()),
            Some(mut file) => file.read_to_string(&mut text)?,
        };
        serde_json::from_str(&text).map_err(|_| self.broken())
    }

    /// Reads, changes and replaces the file, while no other process does.
    fn change<T>(&self, change: impl FnOnce(&mut Sealed) -> T) -> Result<T> {
        let _lock = self.lock()?;
        let mut all = self.read()?;
        let answer = change(&mut all);
        private::replace(&self.path(), serde_json::to_string_pretty(&all)?.as_bytes())?;
        Ok(answer)
    }

    fn lock(&self) -> Result<File> {
        let path = self.dir()?.join("credentials.lock");
        let file = private::open_or_create(&path)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_DEADLINE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(
                        Error::new(Kind::Busy, "another clawdwako command is changing the secrets")
                            .hint("wait for it to end, then try again"),
                    );
                }
                Err(TryLockError::Error(e)) => return Err(e.into()),
            }
        }
    }
}

/// What a value is sealed for: it cannot be moved to another name.
fn identity(name: SecretName) -> String {
    format!("user/{name}")
}

/// Reads a file that holds one secret, without the line end after it.
///
/// # Errors
/// `usage` if it is not there, empty or too long; `store` if others may read it.
pub fn read_private_file(path: &Path) -> Result<Secret> {
    let file = private::open(path)?.ok_or_else(|| {
        usage(format!(
            "there is no file {}, which is to hold a secret",
            path.display()
        ))
    })?;
    let mut text = zeroize::Zeroizing::new(String::new());
    file.take(MAX_SECRET).read_to_string(&mut text)?;
    let secret = Secret::new(text.trim());
    if secret.is_empty() {
        return Err(usage(format!("{} is empty", path.display())));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::seal::MasterKey;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn sealer() -> Sealer {
        Sealer::new(MasterKey::generate().unwrap(), Vec::new())
    }

    #[test]
    fn values_are_sealed_kept_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let vault = FileVault::new(&dir.path().join("a/b"));
        let sealer = sealer();
        assert!(!vault.has(SecretName::Hetzner).unwrap());
        vault.set(SecretName::Hetzner, &Secret::new("one"), &sealer).unwrap();
        vault.set(SecretName::Openai, &Secret::new("sk-two"), &sealer).unwrap();
        vault.set(SecretName::Hetzner, &Secret::new("three"), &sealer).unwrap();
        assert_eq!(
            vault.get(SecretName::Hetzner, &sealer).unwrap().unwrap().expose(),
            "three"
        );
        assert!(vault.delete(SecretName::Hetzner).unwrap() && !vault.delete(SecretName::Hetzner).unwrap());
        assert!(vault.get(SecretName::Hetzner, &sealer).unwrap().is_none());

        let text = std::fs::read_to_string(vault.path()).unwrap();
        assert!(text.contains("openai") && !text.contains("sk-two"));
        assert_eq!(std::fs::metadata(vault.path()).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(&vault.dir).unwrap().mode() & 0o777, 0o700);
        // Moved to another name it does not open.
        std::fs::write(vault.path(), text.replace("openai", "google")).unwrap();
        assert_eq!(vault.get(SecretName::Google, &sealer).unwrap_err().kind(), Kind::Store);
        std::fs::write(vault.path(), "{").unwrap();
        assert!(vault.has(SecretName::Google).unwrap_err().message().contains("damaged"));
    }

    #[test]
    fn writers_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = sealer();
        std::thread::scope(|s| {
            for &name in SecretName::ALL {
                let (dir, sealer) = (dir.path(), &sealer);
                s.spawn(move || {
                    FileVault::new(dir)
                        .set(name, &Secret::new(name.as_str()), sealer)
                        .unwrap()
                });
            }
        });
        let vault = FileVault::new(dir.path());
        for &name in SecretName::ALL {
            assert_eq!(vault.get(name, &sealer).unwrap().unwrap().expose(), name.as_str());
        }
    }

    #[test]
    fn links_and_files_that_others_can_read_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        std::fs::write(&real, " s3cret\n").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(
            read_private_file(&real)
                .unwrap_err()
                .message()
                .contains("read by others")
        );
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_private_file(&real).unwrap().expose(), "s3cret");
        symlink(&real, &link).unwrap();
        assert!(
            read_private_file(&link)
                .unwrap_err()
                .message()
                .contains("symbolic link")
        );
        assert_eq!(
            read_private_file(&dir.path().join("none")).unwrap_err().kind(),
            Kind::Usage
        );

        let vault = FileVault::new(dir.path());
        symlink(&real, vault.path()).unwrap();
        assert!(vault.set(SecretName::Openai, &Secret::new("v"), &sealer()).is_err());
        assert_eq!(
            std::fs::read_to_string(&real).unwrap(),
            " s3cret\n",
            "the link's target is untouched"
        );
    }
}
