//! Random text in the alphabets that the real services use.

/// Letters, digits, `_` and `-`: Telegram's tokens, OAuth codes.
pub const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
/// Letters that cannot be misread: Google's user codes.
pub const PLAIN_CAPITALS: &str = "BCDFGHJKLMNPQRSTVWXZ";
/// Digits.
pub const DIGITS: &str = "0123456789";
/// Hexadecimal digits.
pub const HEX: &str = "0123456789abcdef";

/// `length` random characters of an alphabet (ASCII).
pub fn text(alphabet: &str, length: usize) -> String {
    let alphabet = alphabet.as_bytes();
    let mut bytes = vec![0u8; length];
    // A sandbox without randomness gives out dull codes; the real services are not affected.
    let _ = getrandom::fill(&mut bytes);
    bytes
        .iter()
        .map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()]))
        .collect()
}
