//! How values look to people: times, sizes, money, and text that others wrote.

use crate::model::Millis;
use std::borrow::Cow;
use std::fmt::Write;

/// Shows text that somebody else wrote (a name, a log line) so that it can neither steer the
/// terminal nor pretend to read differently: control characters and characters that are
/// invisible or change the direction of writing appear escaped.
pub fn safe(text: &str) -> Cow<'_, str> {
    if !hides(text, true) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if hidden(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Lets through of a whole text only what text for people is made of: visible characters, line
/// ends, and colours (`ESC [ numbers m`) if there is colour. All else appears escaped, as in
/// [`safe`]: whatever was put into the text, it cannot move the cursor or set the title.
pub(super) fn guard(text: &str, color: bool) -> Cow<'_, str> {
    if !hides(text, false) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '\n' => 1,
            '\x1b' if color => colour(rest),
            _ => 0,
        };
        if taken > 0 {
            out.push_str(&rest[..taken]);
            rest = &rest[taken..];
        } else {
            let (one, after) = rest.split_at(c.len_utf8());
            out.push_str(&safe(one));
            rest = after;
        }
    }
    Cow::Owned(out)
}

/// How many bytes at the beginning of a text set a colour; 0 if they do anything else.
fn colour(text: &str) -> usize {
    let Some(numbers) = text.strip_prefix("\x1b[") else {
        return 0;
    };
    match numbers.find(|c: char| !c.is_ascii_digit() && c != ';') {
        Some(end) if numbers[end..].starts_with('m') => "\x1b[".len() + end + 1,
        _ => 0,
    }
}

/// JSON in which hidden characters are written as `\uXXXX`, which means the same: a document
/// that is shown on a terminal cannot steer it either. Takes JSON text and nothing else.
pub(super) fn visible_json(text: &str) -> Cow<'_, str> {
    if !hides(text, false) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if c != '\n' && hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a text has a character that is not for people to see; the end of a line is one where
/// the text is to be `one_line`.
fn hides(text: &str, one_line: bool) -> bool {
    // Almost all text is plain ASCII, and some is long: looking at bytes is quicker.
    for &b in text.as_bytes() {
        if !(matches!(b, b' '..=b'~') || (b == b'\n' && !one_line)) {
            return text.chars().any(|c| hidden(c) && (one_line || c != '\n'));
        }
    }
    false
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x00ad | 0x061c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
            | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

/// A span of time from milliseconds: `0.8 s`, `42 s`, `1 min 15 s`, `3 h 2 min`, `5 d 1 h`.
pub fn span(ms: i64) -> String {
    let ms = ms.max(0);
    let s = (ms + 500) / 1000;
    match ms {
        0..9_950 => format!("{}.{} s", (ms + 50) / 1000, (ms + 50) % 1000 / 100),
        _ if s < 60 => format!("{s} s"),
        _ if s < 3600 => two(s / 60, "min", s % 60, "s"),
        _ if s < 86_400 => two(s / 3600, "h", s % 3600 / 60, "min"),
        _ => two(s / 86_400, "d", s % 86_400 / 3600, "h"),
    }
}

fn two(a: i64, unit_a: &str, b: i64, unit_b: &str) -> String {
    if b == 0 {
        format!("{a} {unit_a}")
    } else {
        format!("{a} {unit_a} {b} {unit_b}")
    }
}

/// How long ago a moment was, in its largest unit: `42 s ago`, `3 h ago`.
pub fn ago(then: Millis, now: Millis) -> String {
    let s = (now - then).max(0) / 1000;
    match s {
        0..60 => format!("{s} s ago"),
        60..3600 => format!("{} min ago", s / 60),
        3600..86_400 => format!("{} h ago", s / 3600),
        _ => format!("{} d ago", s / 86_400),
    }
}

/// A moment as the user's clock shows it, in UTC if no time zone is known.
pub fn moment(at: Millis) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(t) => t
            .to_zoned(jiff::tz::TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// An amount of money: `€5.99`, `$12.00`, `7.50 CHF`.
pub fn money(amount: f64, currency: &str) -> String {
    match currency {
        "EUR" => format!("€{amount:.2}"),
        "USD" => format!("${amount:.2}"),
        other => format!("{amount:.2} {}", safe(other)),
    }
}

/// Memory from MiB, in the unit that servers are sold by: `512 MB`, `4 GB`, `1.5 GB`.
pub fn memory(mib: i64) -> String {
    match (mib, mib % 1024) {
        (..1024, _) => format!("{mib} MB"),
        (_, 0) => format!("{} GB", mib / 1024),
        _ => format!("{}.{} GB", mib / 1024, mib % 1024 * 10 / 1024),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_others_cannot_steer_the_terminal() {
        assert!(matches!(safe("Grüße, 世界 🦞"), Cow::Borrowed(_)));
        // ASCII alone is looked at in another way.
        assert_eq!(
            (safe("a\nb"), safe("~a\x7f"), safe(" ~")),
            ("a\\nb".into(), "~a\\u{7f}".into(), " ~".into())
        );
        assert_eq!(
            (guard("a\nb", false), guard("a\x7f\n", false)),
            ("a\nb".into(), "a\\u{7f}\n".into())
        );
        assert_eq!(visible_json("[\n\"\x7f\"]"), "[\n\"\\u007f\"]");
        assert_eq!(safe("a\x1b[31mb\u{9b}2J"), "a\\u{1b}[31mb\\u{9b}2J");
        assert_eq!(safe("exe\u{202e}gpj.x\u{2066}"), "exe\\u{202e}gpj.x\\u{2066}");
        assert_eq!(safe("a\nb\r\tc\u{200b}\u{feff}"), "a\\nb\\r    c\\u{200b}\\u{feff}");
    }

    #[test]
    fn spans_money_and_memory() {
        let spans: Vec<String> = [
            -5,
            0,
            849,
            9_949,
            9_950,
            59_499,
            59_500,
            75_000,
            3_600_000,
            10_920_000,
            435_600_000,
        ]
        .map(span)
        .into();
        assert_eq!(
            spans,
            [
                "0.0 s",
                "0.0 s",
                "0.8 s",
                "9.9 s",
                "10 s",
                "59 s",
                "1 min",
                "1 min 15 s",
                "1 h",
                "3 h 2 min",
                "5 d 1 h"
            ]
        );
        assert_eq!((ago(0, 90_000), ago(9, 0)), ("1 min ago".into(), "0 s ago".into()));
        assert_eq!(
            [money(5.99, "EUR"), money(12.0, "USD"), money(7.5, "CHF")],
            ["€5.99", "$12.00", "7.50 CHF"]
        );
        assert_eq!([memory(512), memory(4096), memory(1536)], ["512 MB", "4 GB", "1.5 GB"]);
    }

    #[test]
    fn only_colours_and_line_ends_pass_the_guard() {
        assert!(matches!(guard("a\nb ✓", false), Cow::Borrowed(_)));
        assert_eq!(guard("\x1b[1;32mgood\x1b[0m\n", true), "\x1b[1;32mgood\x1b[0m\n");
        assert_eq!(guard("\x1b[32mgood", false), "\\u{1b}[32mgood");
        assert_eq!(
            guard("\x1b[2J\x1b]0;x\x07\r\x1b[", true),
            "\\u{1b}[2J\\u{1b}]0;x\\u{7}\\r\\u{1b}["
        );
    }

    /// Text with more of what is dangerous than chance would bring.
    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<String>(),
            any::<char>().prop_map(String::from),
            Just("\x1b[2J\x1b]0;title\x07".to_owned()),
            Just("\x1b[31mred\x1b[".to_owned()),
            Just("\u{9b}31m\u{202e}gpj.exe\u{2066}\r\n\t\u{7f}".to_owned()),
            Just("\u{e0041}\u{200b}\u{feff}\u{2028}".to_owned()),
        ];
        proptest::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in hostile()) {
            prop_assert!(!safe(&text).chars().any(hidden));
            prop_assert!(!guard(&text, false).chars().any(|c| c != '\n' && hidden(c)));
            // With colour, what is left when the colours are taken away.
            let guarded = guard(&text, true);
            let mut rest = guarded.as_ref();
            while let Some(at) = rest.find('\x1b') {
                prop_assert!(!rest[..at].chars().any(|c| c != '\n' && hidden(c)));
                let taken = colour(&rest[at..]);
                prop_assert!(taken > 0, "{guarded:?}");
                rest = &rest[at + taken..];
            }
            prop_assert!(!rest.chars().any(|c| c != '\n' && hidden(c)));
            prop_assert_eq!(guard(&guarded, true), guarded.clone(), "it is said once");
        }

        #[test]
        fn json_means_the_same_and_hides_nothing(text in hostile()) {
            let document = serde_json::json!({ text.as_str(): [text.as_str()] });
            for written in [document.to_string(), format!("{document:#}")] {
                let shown = visible_json(&written);
                prop_assert!(!shown.chars().any(|c| c != '\n' && hidden(c)));
                let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
                prop_assert_eq!(&read, &document);
            }
        }
    }
}
