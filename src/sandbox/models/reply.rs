//! What the models here say: they repeat what they were told, and name themselves.

use serde_json::Value;

/// The most characters that are repeated: an answer has to fit into one Telegram message.
const REPEATED: usize = 2000;
/// A user who writes this asks for a tool call.
const EXEC: &str = "exec: ";

/// The answer to a user's text.
pub fn to_text(text: &str, model: &str) -> String {
    format!("You said: \"{}\" ({model})", cut(text.trim()))
}

/// The answer after a tool ran.
pub fn to_result(result: &str, model: &str) -> String {
    format!("The tool said: \"{}\" ({model})", cut(result.trim()))
}

/// The command of a line `exec: CMD`, if there is one.
pub fn command(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim().strip_prefix(EXEC)).map(str::trim)
}

/// The texts of a message's content: a plain text, or blocks with a `text`.
pub fn texts(content: &Value) -> Vec<&str> {
    match content {
        Value::String(text) => vec![text],
        Value::Array(blocks) => blocks.iter().filter_map(|b| b["text"].as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Roughly how many tokens a text has.
pub fn tokens(text: &str) -> usize {
    text.len().div_ceil(4)
}

fn cut(text: &str) -> String {
    text.chars().take(REPEATED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_from_the_question() {
        assert_eq!(to_text(" hi\n", "m-1"), "You said: \"hi\" (m-1)");
        assert_ne!(to_text("a", "m"), to_text("b", "m"));
        assert!(to_text(&"ä".repeat(5000), "m").chars().count() < 2100);
        assert_eq!(command("[meta]\nexec: echo hi \n"), Some("echo hi"));
        assert_eq!(command("please exec: no"), None);
    }
}
