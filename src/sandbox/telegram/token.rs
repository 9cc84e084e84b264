//! The shape of bot tokens.

use crate::sandbox::random;

/// Random characters behind the colon.
const SECRET_LENGTH: usize = 35;
/// The longest token that Telegram looks at.
const LONGEST: usize = 80;

/// A new token for a bot, as BotFather hands them out.
pub fn new(id: i64) -> String {
    format!("{id}:{}", random::text(random::URL_SAFE, SECRET_LENGTH))
}

/// The bot's id, if this has the shape of a token: a number, a colon, something.
/// Telegram answers 404 to everything else, before it looks at the method.
pub fn id_of(token: &str) -> Option<i64> {
    let (id, secret) = token.split_once(':')?;
    let digits = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    if !digits || secret.is_empty() || token.len() > LONGEST {
        return None;
    }
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_the_shape_that_botfather_gives() {
        let token = new(7_000_000_001);
        let (id, secret) = token.split_once(':').unwrap();
        assert_eq!((id, secret.len()), ("7000000001", 35));
        assert!(
            secret
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        );
        assert_eq!(id_of(&token), Some(7_000_000_001));
        assert_ne!(token, new(7_000_000_001));
    }

    #[test]
    fn other_shapes_are_none() {
        for bad in ["", "123", ":abc", "abc:def", "-1:abc", "12 3:abc", "1:"] {
            assert_eq!(id_of(bad), None, "{bad}");
        }
        assert_eq!(id_of(&format!("1:{}", "a".repeat(79))), None);
    }
}
