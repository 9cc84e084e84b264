//! Takes secrets out of texts of others.

use super::Secret;

/// Shorter values than this are left alone: they would be found in innocent words.
const SHORTEST: usize = 8;
/// What stands in a secret's place.
const MASK: &str = "***";

/// Knows secrets, and replaces them in what others wrote: log lines, errors, answers.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Vec<Secret>);

impl Redactor {
    /// One that knows these; values of less than eight characters are not looked for.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Redactor {
        let mut known: Vec<Secret> = secrets
            .into_iter()
            .filter(|secret| secret.expose().len() >= SHORTEST)
            .collect();
        // One that is part of another must not leave the rest of it behind.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Redactor(known)
    }

    /// The text, with `***` for every secret in it.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret.expose()) {
                text = text.replace(secret.expose(), MASK);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Redactor;
    use crate::secrets::Secret;

    #[test]
    fn every_secret_is_replaced_and_nothing_else() {
        let redactor = Redactor::new(
            [
                "1234567:short",
                "1234567:short-and-more",
                "key",
                "",
                "eight888",
                "seven77",
            ]
            .map(Secret::new),
        );
        for (given, shown) in [
            ("a 1234567:short b", "a *** b"),
            ("1234567:short-and-more 1234567:short", "*** ***"),
            ("the key is a key", "the key is a key"),
            ("1234567:shor", "1234567:shor"),
            ("eight888 seven77", "*** seven77"),
            ("", ""),
        ] {
            assert_eq!(redactor.text(given), shown);
        }
        assert_eq!(Redactor::default().text("anything at all"), "anything at all");
        assert!(!format!("{redactor:?}").contains("short"));
    }
}
