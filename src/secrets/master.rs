//! Where the master key comes from: the environment's, else a file that only its owner can read.
//! Either may hold several, while a key is being replaced: the first seals, all of them open.

use super::Secret;
use super::seal::{KeyFile, MasterKey, Sealer, stamp};
use crate::error::{Error, Kind, Result};
use crate::private;
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;
use zeroize::Zeroizing;

/// The key file's name in the state directory.
pub const FILE: &str = "master.key";

/// Makes the sealer for a state directory: from `given` (64 hexadecimal digits, or several of
/// those with commas between) if there is one, else from the key file, which is made on first use.
///
/// # Errors
/// `usage` for a malformed key; `store` if the file can be read by others or cannot be made.
pub fn load(dir: &Path, given: Option<&Secret>) -> Result<Sealer> {
    if let Some(given) = given {
        let mut keys = parse(given.expose())?;
        let first = keys.remove(0);
        return Ok(Sealer::new(first, keys));
    }
    let path = dir.join(FILE);
    let seen = stamp(&path);
    let keys = match seen {
        Some(_) => read(&path)?,
        None => make(&path)?,
    };
    Ok(Sealer::of_file(
        keys,
        KeyFile {
            read,
            // Of a file that was just made, nothing was seen: it is read once more, which does no harm.
            seen: Mutex::new(seen),
            path,
        },
    ))
}

/// Puts a new key in front of those in the key file: from now on it seals, and they still open.
///
/// # Errors
/// As [`load`].
pub fn begin_rotation(dir: &Path) -> Result<()> {
    let path = dir.join(FILE);
    let mut keys = read(&path)?;
    keys.insert(0, MasterKey::generate()?);
    replace(&path, &keys)
}

/// Drops all keys but the first from the key file: what the others sealed can't be opened any more.
///
/// # Errors
/// As [`load`].
pub fn end_rotation(dir: &Path) -> Result<()> {
    let path = dir.join(FILE);
    let mut keys = read(&path)?;
    keys.truncate(1);
    replace(&path, &keys)
}

/// One or several keys; never none.
fn parse(text: &str) -> Result<Vec<MasterKey>> {
    let parts = text.split([',', '\n']).map(str::trim).filter(|p| !p.is_empty());
    let keys = parts.map(MasterKey::from_hex).collect::<Result<Vec<_>>>()?;
    if keys.is_empty() {
        return Err(crate::error::usage("the master key is empty").hint("it is 64 hexadecimal digits"));
    }
    Ok(keys)
}

fn read(path: &Path) -> Result<Vec<MasterKey>> {
    let mut file = private::open(path)?
        .ok_or_else(|| Error::new(Kind::Store, format!("the master key file {} is gone", path.display())))?;
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text)?;
    parse(&text)
}

/// Makes a new key: of two processes that do so at once, one wins and both use the winner's.
fn make(path: &Path) -> Result<Vec<MasterKey>> {
    let key = MasterKey::generate()?;
    match private::place(path, &text(std::slice::from_ref(&key)))? {
        true => Ok(vec![key]),
        false => read(path),
    }
}

fn replace(path: &Path, keys: &[MasterKey]) -> Result<()> {
    private::replace(path, &text(keys))
}

/// One key a line.
fn text(keys: &[MasterKey]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(keys.len() * 65));
    for key in keys {
        text.extend_from_slice(key.to_hex().expose().as_bytes());
        text.push(b'\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

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

    #[test]
    fn a_rotation_reaches_whoever_runs_already_and_ends_the_old_key() {
        let dir = tempfile::tempdir().unwrap();
        let running = load(dir.path(), None).unwrap();
        let old = running.seal("a", &Secret::new("v")).unwrap();
        begin_rotation(dir.path()).unwrap();
        assert!(running.open("a", &old).is_ok() && !running.is_current(&old).unwrap());
        let new = running.seal("a", &Secret::new("v")).unwrap();
        assert!(running.is_current(&new).unwrap());
        end_rotation(dir.path()).unwrap();
        assert!(running.open("a", &new).is_ok());
        assert!(running.open("a", &old).is_err(), "the old key is refused");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn several_given_keys_open_and_the_first_seals() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let both = format!("{},{}", b.to_hex().expose(), a.to_hex().expose());
        let sealed = Sealer::new(a, vec![]).seal("x", &Secret::new("v")).unwrap();
        let sealer = load(dir.path(), Some(&Secret::new(both))).unwrap();
        assert!(sealer.open("x", &sealed).is_ok() && !sealer.is_current(&sealed).unwrap());
        assert!(load(dir.path(), Some(&Secret::new(","))).is_err());
    }
}
