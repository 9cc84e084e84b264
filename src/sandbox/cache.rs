//! What every sandbox of a user shares: images, Node's archives, npm's packages.
//!
//! Whoever makes something holds its lock exclusively and puts it in place by rename; whoever
//! uses it holds the lock shared, so that nobody removes it meanwhile. The locks are `flock`s:
//! a killed process holds none.

use crate::error::{Error, Kind, Result};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The shared folder.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
}

/// A held lock; let go when dropped.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "held for its drop")] File);

impl Cache {
    /// Opens the folder, making it if need be.
    ///
    /// # Errors
    /// `io` if it cannot be made; `usage` if overlayfs cannot bear its name.
    pub fn open(dir: &Path) -> Result<Self> {
        check_path(dir)?;
        for part in ["npm", "node", "registry"] {
            crate::private::folder(&dir.join(part))?;
        }
        Ok(Cache {
            dir: dir.canonicalize()?,
        })
    }

    /// The download cache of this machine's own npm.
    pub fn npm(&self) -> PathBuf {
        self.dir.join("npm")
    }

    /// What the npm mirror keeps, one folder a package.
    pub fn registry(&self) -> PathBuf {
        self.dir.join("registry")
    }

    /// Node's archives, one folder a version.
    pub fn node(&self) -> PathBuf {
        self.dir.join("node")
    }

    /// Something of this name in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Waits until nobody makes or uses `name`, then holds it alone.
    pub async fn exclusive(&self, name: &str) -> Result<Lock> {
        self.wait(name, true).await
    }

    /// Waits until nobody makes `name`, then holds it as one of many users.
    pub async fn shared(&self, name: &str) -> Result<Lock> {
        self.wait(name, false).await
    }

    /// Holds `name` alone if nobody makes or uses it now.
    pub fn try_exclusive(&self, name: &str) -> Result<Option<Lock>> {
        try_lock(&self.path(&format!("{name}.lock")))
    }

    /// The names in the folder that begin so, lock files left out.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let names = entries.filter_map(|e| e.file_name().into_string().ok());
        names
            .filter(|n| n.starts_with(prefix) && !n.ends_with(".lock"))
            .collect()
    }

    async fn wait(&self, name: &str, alone: bool) -> Result<Lock> {
        let path = self.path(&format!("{name}.lock"));
        // flock blocks its thread. Its deadline is that of the holder's work; a dead holder holds nothing.
        let waiting = tokio::task::spawn_blocking(move || {
            let file = open(&path)?;
            if alone {
                file.lock()?
            } else {
                file.lock_shared()?
            }
            Ok::<_, Error>(Lock(file))
        });
        waiting
            .await
            .map_err(|e| crate::error::internal("waiting for a lock failed").because(e))?
    }
}

/// Takes a lock file if nobody holds it.
pub fn try_lock(path: &Path) -> Result<Option<Lock>> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e.into()),
    }
}

/// Refuses paths that overlayfs or systemd-nspawn would take apart.
pub fn check_path(path: &Path) -> Result<()> {
    match path.to_str() {
        Some(text) if !text.contains([':', ',', '\\', '"', '\n']) => Ok(()),
        _ => Err(Error::new(
            Kind::Usage,
            format!(
                "the sandbox cannot live in {}: the path holds one of `:` `,` `\\` `\"`",
                path.display()
            ),
        )
        .hint("choose another folder for state and cache")),
    }
}

fn open(path: &Path) -> Result<File> {
    crate::private::open_or_create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn users_share_and_makers_are_alone() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        let (a, b) = (cache.shared("base").await.unwrap(), cache.shared("base").await.unwrap());
        assert!(cache.try_exclusive("base").unwrap().is_none());
        drop(a);
        assert!(cache.try_exclusive("base").unwrap().is_none());
        drop(b);
        let maker = cache.try_exclusive("base").unwrap();
        assert!(maker.is_some());
        assert!(cache.try_exclusive("base").unwrap().is_none());
        assert!(cache.try_exclusive("other").unwrap().is_some());
    }

    #[test]
    fn paths_that_would_be_taken_apart_are_refused() {
        assert!(check_path(Path::new("/a b/c")).is_ok());
        for bad in ["/a:b", "/a,b", "/a\\b"] {
            assert_eq!(check_path(Path::new(bad)).unwrap_err().kind(), Kind::Usage, "{bad}");
        }
    }
}
