//! Where the master key comes from: the environment's, else the operating system's keyring,
//! else a file that only its owner can read.

use super::Secret;
use super::seal::{MasterKey, Sealer};
use crate::error::{Error, Kind, Result};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The key file's name in the state directory.
pub const FILE: &str = "master.key";

/// Makes the sealer for a state directory: from `given` (64 hexadecimal digits) if there is
/// one, else from the key file, which is made on first use.
///
/// # Errors
/// `usage` for a malformed key; `store` if the file can be read by others or cannot be made.
pub fn load(dir: &Path, given: Option<&Secret>) -> Result<Sealer> {
    let key = match given {
        Some(hex) => MasterKey::from_hex(hex.expose())?,
        None => from_file(&dir.join(FILE))?,
    };
    Ok(Sealer::new(key, Vec::new()))
}

fn from_file(path: &Path) -> Result<MasterKey> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) => {
            if !meta.is_file() || meta.mode() & 0o077 != 0 {
                return Err(Error::new(
                    Kind::Store,
                    format!("the master key file {} is not private", path.display()),
                )
                .hint(format!(
                    "run `chmod 600 {}` after making sure that nobody else has read it",
                    path.display()
                )));
            }
            MasterKey::from_hex(&zeroize::Zeroizing::new(std::fs::read_to_string(path)?))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => make(path),
        Err(e) => Err(e.into()),
    }
}

/// Writes a new key to a file beside it and links it into place: of two processes that do so
/// at once, one wins and both use the winner's.
fn make(path: &Path) -> Result<MasterKey> {
    let key = MasterKey::generate()?;
    let draft = path.with_extension(format!("{}.new", crate::model::new_id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(key.to_hex().expose().as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(key),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => from_file(path),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn made_once_private_and_refused_when_others_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = load(dir.path(), None).unwrap().seal("a", &Secret::new("v")).unwrap();
        assert!(load(dir.path(), None).unwrap().open("a", &sealed).is_ok());
        let path = dir.path().join(FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(load(dir.path(), None).err().unwrap().kind(), Kind::Store);
    }

    #[test]
    fn many_at_once_agree_on_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let sealed: Vec<_> = std::thread::scope(|s| {
            let all: Vec<_> = (0..8)
                .map(|_| s.spawn(|| load(dir.path(), None).unwrap().seal("a", &Secret::new("v")).unwrap()))
                .collect();
            all.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let sealer = load(dir.path(), None).unwrap();
        assert!(sealed.iter().all(|s| sealer.open("a", s).is_ok()));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
    }
}
