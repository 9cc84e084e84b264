//! Key pairs that we make: the user's side of a deployment, and the server's host key.

use crate::error::{Error, Kind, Result};
use crate::secrets::Secret;

/// An ed25519 key pair.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The private half, in OpenSSH's format.
    pub private: Secret,
    /// The public half, one OpenSSH line with a comment.
    pub public: String,
}

/// Makes an ed25519 key pair.
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn generate(_comment: &str) -> Result<KeyPair> {
    Err(Error::new(Kind::Unsupported, "not built yet"))
}
