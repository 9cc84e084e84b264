//! Telegram's HTML: the tags that it knows, and its words for the mistakes.

use serde_json::{Value, json};

/// Tags and the entity that each makes.
const TAGS: &[(&str, &str)] = &[
    ("b", "bold"),
    ("strong", "bold"),
    ("i", "italic"),
    ("em", "italic"),
    ("u", "underline"),
    ("ins", "underline"),
    ("s", "strikethrough"),
    ("strike", "strikethrough"),
    ("del", "strikethrough"),
    ("span", "spoiler"),
    ("tg-spoiler", "spoiler"),
    ("tg-emoji", "custom_emoji"),
    ("a", "text_link"),
    ("code", "code"),
    ("pre", "pre"),
    ("blockquote", "blockquote"),
];

struct Open {
    tag: &'static str,
    entity: &'static str,
    link: Option<String>,
    /// In UTF-16 units, as Telegram counts.
    offset: usize,
}

/// The text without tags, and the entities.
///
/// # Errors
/// Telegram's own words, without `can't parse entities: `.
pub fn html(source: &str) -> Result<(String, Vec<Value>), String> {
    let (mut text, mut units) = (String::new(), 0);
    let mut entities: Vec<Value> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let at = source.len() - rest.len();
        match c {
            '<' => {
                let end = rest
                    .find('>')
                    .ok_or_else(|| format!("Unclosed start tag at byte offset {at}"))?;
                let inside = &rest[1..end];
                rest = &rest[end + 1..];
                if let Some(name) = inside.strip_prefix('/') {
                    close(name.trim(), at, units, &mut open, &mut entities)?;
                } else {
                    open.push(start(inside, at, units)?);
                }
            }
            '&' => {
                let (decoded, length) = decode(rest);
                text.push(decoded);
                units += decoded.len_utf16();
                rest = &rest[length..];
            }
            _ => {
                text.push(c);
                units += c.len_utf16();
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    match open.pop() {
        None => Ok((text, entities)),
        Some(left) => Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            left.tag
        )),
    }
}

fn start(inside: &str, at: usize, offset: usize) -> Result<Open, String> {
    let name = inside
        .split(|c: char| c.is_whitespace() || c == '=')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let Some((tag, entity)) = TAGS.iter().find(|(tag, _)| *tag == name) else {
        return Err(format!("Unsupported start tag \"{name}\" at byte offset {at}"));
    };
    let link = inside
        .split_once("href=")
        .map(|(_, value)| value.trim_matches(['"', '\'', ' ']).to_owned());
    Ok(Open {
        tag,
        entity,
        link,
        offset,
    })
}

fn close(name: &str, at: usize, units: usize, open: &mut Vec<Open>, entities: &mut Vec<Value>) -> Result<(), String> {
    let Some(begun) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {at}"));
    };
    if !name.is_empty() && !name.eq_ignore_ascii_case(begun.tag) {
        return Err(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{}>\", found \"</{name}>\"",
            begun.tag
        ));
    }
    if units > begun.offset {
        let mut entity = json!({"type": begun.entity, "offset": begun.offset, "length": units - begun.offset});
        if let Some(link) = begun.link {
            entity["url"] = link.into();
        }
        entities.push(entity);
    }
    Ok(())
}

/// The character that `&…;` stands for, and how many bytes it takes; a lone `&` is itself.
fn decode(rest: &str) -> (char, usize) {
    for (name, c) in [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')] {
        if rest.starts_with(name) {
            return (c, name.len());
        }
    }
    let number = rest
        .strip_prefix("&#")
        .and_then(|r| r.split_once(';'))
        .and_then(|(n, _)| {
            let value = match n.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => n.parse().ok()?,
            };
            Some((char::from_u32(value)?, "&#;".len() + n.len()))
        });
    number.unwrap_or(('&', 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_entities_in_utf16_units() {
        let (text, entities) = html("😀<b>bold &lt;x&gt;</b> <a href=\"https://e.x/\">l</a>&#39;&amp").unwrap();
        assert_eq!(text, "😀bold <x> l'&amp");
        assert_eq!(
            entities,
            [
                json!({"type": "bold", "offset": 2, "length": 8}),
                json!({"type": "text_link", "offset": 11, "length": 1, "url": "https://e.x/"}),
            ]
        );
    }

    #[test]
    fn mistakes_are_told_in_telegrams_words() {
        for (source, words) in [
            ("<p>x</p>", "Unsupported start tag \"p\" at byte offset 0"),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            (
                "<b>x</i>",
                "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
            ),
        ] {
            assert_eq!(html(source).unwrap_err(), words);
        }
    }
}
