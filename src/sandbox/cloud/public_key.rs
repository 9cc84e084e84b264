//! Public SSH keys as the clouds take and name them.

use base64::Engine;

/// Key types that the clouds take.
const TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
];

/// The MD5 fingerprint of an OpenSSH public key line, as `af:0d:…`; `None` if it is no such line.
pub fn fingerprint(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let (kind, blob) = (words.next()?, words.next()?);
    if !TYPES.contains(&kind) || line.trim().contains('\n') {
        return None;
    }
    let blob = base64::engine::general_purpose::STANDARD.decode(blob).ok()?;
    // The blob names its type again: length as four bytes, then the name.
    let length = u32::from_be_bytes(blob.get(..4)?.try_into().ok()?) as usize;
    if blob.get(4..4 + length)? != kind.as_bytes() || blob.len() <= 4 + length {
        return None;
    }
    let digest = md5::compute(&blob);
    Some(digest.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the fingerprint that `ssh-keygen -l -E md5` prints for it.
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv user";

    #[test]
    fn the_fingerprint_is_the_blobs_md5_and_ignores_the_comment() {
        let of_key = fingerprint(KEY);
        assert_eq!(
            of_key.as_deref(),
            Some("af:0d:c5:57:a8:fd:b2:82:5e:d4:c1:65:f0:0c:8a:9d")
        );
        assert_eq!(of_key, fingerprint(KEY.trim_end_matches(" user")));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 !!!!",
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv",
            "pgp AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        ] {
            assert_eq!(fingerprint(bad), None, "{bad}");
        }
    }
}
