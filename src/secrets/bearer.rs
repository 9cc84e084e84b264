//! Tokens that we give out ourselves: random, and only their hash is kept.

use super::Secret;
use crate::error::{Result, internal};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A new token of 256 random bits behind a prefix that tells people and scanners what it is.
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn mint(prefix: &str) -> Result<Secret> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|_| internal("the system gave no randomness"))?;
    Ok(Secret::new(format!(
        "{prefix}{}",
        URL_SAFE_NO_PAD.encode(bytes.as_ref())
    )))
}

/// What is kept of a token. It is random, so a plain hash cannot be guessed backwards, and
/// looking it up tells nothing by the time it takes.
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_hold_256_bits() {
        let (a, b) = (mint("cwk_").unwrap(), mint("cwk_").unwrap());
        assert_ne!(a, b);
        assert_eq!(a.expose().len(), 4 + 43);
        assert_ne!(hash(a.expose()), hash(b.expose()));
    }
}
