//! Whether two public keys are the same one.

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
    fn comments_may_differ() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv user";
        assert!(same_key(key, &key.replace("user", "other")) && !same_key(key, "ssh-ed25519 AAAA"));
        assert!(!same_key("", ""));
    }
}
