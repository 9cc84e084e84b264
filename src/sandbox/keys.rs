//! Key pairs for servers that are booted as if the user had them already.

use super::shell::Shell;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// A key pair of a sandbox's user.
#[derive(Debug, Clone)]
pub struct UserKey {
    /// The private half's file; only its owner can read it.
    pub private_path: PathBuf,
    /// The public half, one OpenSSH line.
    pub public: String,
}

/// Finds or makes the key pair of this name in the sandbox's folder.
///
/// # Errors
/// `io` if it cannot be made.
pub async fn key_pair(dir: &Path, name: &str) -> Result<UserKey> {
    let folder = dir.join("keys");
    crate::private::folder(&folder)?;
    let private_path = folder.join(name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_"));
    if !private_path.exists() {
        Shell::new(
            "key-pair",
            "ssh-keygen -q -t ed25519 -N '' -C clawdwako-sandbox -f \"$FILE\"",
        )
        .var("FILE", &private_path)
        .run()
        .await?;
    }
    let public = std::fs::read_to_string(private_path.with_extension("pub"))?
        .trim()
        .to_owned();
    Ok(UserKey { private_path, public })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn a_pair_is_made_once_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = key_pair(dir.path(), "../a b").await.unwrap();
        let again = key_pair(dir.path(), "../a b").await.unwrap();
        assert_eq!(first.public, again.public);
        assert!(first.public.starts_with("ssh-ed25519 "));
        assert_eq!(
            first.private_path,
            dir.path().join("keys/___a_b"),
            "a name leads nowhere else"
        );
        let mode = std::fs::metadata(&first.private_path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
