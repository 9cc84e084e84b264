//! cloud-init user data of a new server.

use crate::error::{Result, internal};
use crate::secrets::Secret;
use crate::ssh::KeyPair;
use serde_json::json;

/// The smallest limit among the providers (Hetzner), in bytes.
const MAX: usize = 32 * 1024;

/// What a new server must know from its first moment.
#[derive(Debug, Clone)]
pub struct UserData<'a> {
    /// The host key that it shows to the first session. Any local process can read it from the
    /// metadata service, so the first session replaces it.
    pub host_key: &'a KeyPair,
    /// The one key that may sign in as root, as one OpenSSH line.
    pub authorized_key: &'a str,
    /// Whether apt's work starts at the first boot, before there is a session.
    pub early_packages: bool,
}

/// Writes the cloud-config. JSON is YAML, and needs no quoting rules of its own.
///
/// # Errors
/// `internal` if it would be larger than the providers take.
pub fn user_data(data: &UserData<'_>) -> Result<Secret> {
    let mut config = json!({
        "ssh_deletekeys": true,
        "ssh_keys": {
            "ed25519_private": data.host_key.private.expose(),
            "ed25519_public": data.host_key.public.trim(),
        },
        "ssh_pwauth": false,
        "disable_root": false,
        "users": [{ "name": "root", "lock_passwd": true, "ssh_authorized_keys": [data.authorized_key.trim()] }],
        "ssh": { "emit_keys_to_console": false },
        "no_ssh_fingerprints": true,
        "package_update": false,
        "package_upgrade": false,
    });
    if data.early_packages {
        config["runcmd"] = json!([["bash", "-c", include_str!("../../assets/cloud-init/first_boot.sh")]]);
    }
    let text = format!("#cloud-config\n{config:#}\n");
    if text.len() > MAX {
        return Err(internal("the cloud-init user data is larger than a provider takes"));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_the_keys_and_fits() {
        let pair = KeyPair {
            private: Secret::new("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n"),
            public: "ssh-ed25519 AAAA host\n".into(),
        };
        let data = UserData {
            host_key: &pair,
            authorized_key: "ssh-ed25519 BBBB \"me\"\n",
            early_packages: true,
        };
        let text = user_data(&data).unwrap();
        let json = text.expose().strip_prefix("#cloud-config\n").unwrap();
        let v: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(v["ssh_keys"]["ed25519_private"], pair.private.expose());
        assert_eq!(v["ssh_keys"]["ed25519_public"], "ssh-ed25519 AAAA host");
        assert_eq!(v["users"][0]["ssh_authorized_keys"][0], "ssh-ed25519 BBBB \"me\"");
        assert_eq!(v["ssh_pwauth"], false);
        assert!(text.expose().len() < 8 * 1024);

        let huge = "x".repeat(MAX);
        let too_large = UserData {
            authorized_key: &huge,
            ..data
        };
        assert_eq!(user_data(&too_large).unwrap_err().kind(), crate::error::Kind::Internal);
    }
}
