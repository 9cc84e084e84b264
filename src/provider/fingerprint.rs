//! The fingerprint by which both clouds look public keys up.

use crate::error::{Result, usage};
use base64::Engine;

/// The MD5 fingerprint of an OpenSSH public key line, as `aa:bb:…`.
///
/// # Errors
/// `usage` if it is no public key.
pub(super) fn md5_fingerprint(public: &str) -> Result<String> {
    let blob = key_blob(public)
        .and_then(|blob| base64::engine::general_purpose::STANDARD.decode(blob).ok())
        .ok_or_else(|| usage("that is not an OpenSSH public key"))?;
    let hex: Vec<String> = md5::compute(blob).iter().map(|b| format!("{b:02x}")).collect();
    Ok(hex.join(":"))
}

/// Whether two OpenSSH public key lines are the same key; comments may differ.
pub(super) fn same_key(a: &str, b: &str) -> bool {
    key_blob(a).is_some() && key_blob(a) == key_blob(b)
}

fn key_blob(public: &str) -> Option<&str> {
    public.split_ascii_whitespace().nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_ssh_keygen_tells_it() {
        // `ssh-keygen -E md5 -lf` of this key.
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv user";
        assert_eq!(
            md5_fingerprint(key).unwrap(),
            "af:0d:c5:57:a8:fd:b2:82:5e:d4:c1:65:f0:0c:8a:9d"
        );
        assert!(md5_fingerprint("ssh-ed25519").is_err() && md5_fingerprint("a ! b").is_err());
        assert!(same_key(key, &key.replace("user", "other")) && !same_key(key, "ssh-ed25519 AAAA"));
        assert!(!same_key("", ""));
    }
}
