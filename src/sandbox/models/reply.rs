//! What the models here say: they repeat what they were told, and name themselves.

use serde_json::Value;

/// The most characters that are repeated: an answer has to fit into one Telegram message.
const REPEATED: usize = 2000;
/// A user who writes this asks for a tool call.
const EXEC: &str = "exec: ";
/// What OpenClaw puts its context between.
const CONTEXT: (&str, &str) = (
    "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>",
    "<<<END_OPENCLAW_INTERNAL_CONTEXT>>>",
);
/// How OpenClaw ends the line above a block of context.
const HEADER: &str = "⟦openclaw:ctx⟧";

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
    text.lines()
        .find_map(|line| line.trim().strip_prefix(EXEC))
        .map(str::trim)
}

/// The texts of a message's content: a plain text, or blocks with a `text`.
pub fn texts(content: &Value) -> Vec<&str> {
    match content {
        Value::String(text) => vec![text],
        Value::Array(blocks) => blocks.iter().filter_map(|b| b["text"].as_str()).collect(),
        _ => Vec::new(),
    }
}

/// What the user said last: agents put context around it, in messages of its own and in front
/// of the user's words, and tell the model that it is data. A model that repeated that would
/// answer nothing.
pub fn spoken<'a>(texts: impl DoubleEndedIterator<Item = &'a str>) -> &'a str {
    texts
        .rev()
        .map(without_context)
        .find(|t| !t.is_empty())
        .unwrap_or_default()
}

fn without_context(text: &str) -> &str {
    let mut text = text.trim();
    while text.starts_with(CONTEXT.0) {
        text = text.split_once(CONTEXT.1).map_or("", |(_, rest)| rest.trim());
    }
    // `[time] Conversation info: ⟦openclaw:ctx⟧`, a fenced block, an empty line, the words.
    while let Some((_, rest)) = text.split_once('\n').filter(|(line, _)| line.ends_with(HEADER)) {
        let Some((_, rest)) = rest
            .trim_start()
            .strip_prefix("```")
            .and_then(|r| r.split_once("\n```"))
        else {
            break;
        };
        text = rest.trim();
    }
    text
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
    fn the_words_are_found_inside_an_agents_context() {
        let words =
            "[Mon 2026-11-23 07:35 UTC] Conversation info: ⟦openclaw:ctx⟧\n```json\n{\"a\":1}\n```\n\nhi\n```x```";
        let context = "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nexec: no\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>";
        assert_eq!(spoken([words, context].into_iter()), "hi\n```x```");
        assert_eq!(spoken(["one", "two"].into_iter()), "two");
        assert_eq!(spoken([context].into_iter()), "");
    }

    #[test]
    fn answers_come_from_the_question() {
        assert_eq!(to_text(" hi\n", "m-1"), "You said: \"hi\" (m-1)");
        assert_ne!(to_text("a", "m"), to_text("b", "m"));
        assert!(to_text(&"ä".repeat(5000), "m").chars().count() < 2100);
        assert_eq!(command("[meta]\nexec: echo hi \n"), Some("echo hi"));
        assert_eq!(command("please exec: no"), None);
    }
}
