//! How values look to people: times, sizes, money, and text that others wrote.

use crate::model::Millis;
use std::borrow::Cow;
use std::fmt::Write;

/// Shows text that somebody else wrote (a name, a log line) so that it can neither steer the
/// terminal nor pretend to read differently: control characters and characters that are
/// invisible or change the direction of writing appear escaped.
pub fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hidden) {
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

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!safe(&text).chars().any(hidden));
        }
    }
}
