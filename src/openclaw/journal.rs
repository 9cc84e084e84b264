//! Entries of a server's journal, as `journalctl -o json` tells them.
//!
//! A field is a text, or an array of its bytes if it holds control characters, or an array of
//! several such; systemd's "Journal JSON Format" says so.

use crate::model::{Millis, now};
use crate::ssh::lines::clean;
use serde_json::Value;

/// The cursor of a journal that has nothing yet: after it everything is told.
const BEGINNING: &str = "0";

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place: what is asked for after it is neither told again nor left out. None for what
    /// journalctl itself had to say.
    pub cursor: Option<String>,
    /// When it was written.
    pub at: Millis,
    /// What is shown of it: when, who, what; a line for each that its message has. None if it
    /// only tells where the journal is.
    pub text: Option<String>,
}

impl Entry {
    /// Reads a line of the script [`super::scripts::logs`]. `shown` makes of a text what may be
    /// shown of it, before its end is cut off: the beginning of a secret is not known as one.
    pub fn parse(line: &str, shown: &dyn Fn(&str) -> String) -> Entry {
        let Ok(Value::Object(fields)) = serde_json::from_str(line) else {
            let text = match line.starts_with('{') {
                true => "(an entry that is too long to be shown)".to_owned(),
                false => line.to_owned(),
            };
            return Entry {
                cursor: None,
                at: now(),
                text: Some(shown(&text)),
            };
        };
        let text = |name: &str| fields.get(name).and_then(told).map(|b| clean(&b));
        let cursor = text("__CURSOR").filter(|c| is_cursor(c));
        let at_us = text("__REALTIME_TIMESTAMP").and_then(|t| t.parse::<i64>().ok());
        let at = at_us.map_or_else(now, |us| us / 1000);
        let who = text("SYSLOG_IDENTIFIER").or_else(|| text("_COMM"));
        let message = fields.get("MESSAGE").map(|m| told(m).unwrap_or_default());
        let message = message.map(|message| {
            let message = shown(&String::from_utf8_lossy(&message));
            let lines: Vec<String> = message.split('\n').map(|line| clean(line.as_bytes())).collect();
            let pid = text("_PID").map(|p| format!("[{p}]")).unwrap_or_default();
            let who = who.unwrap_or_else(|| "unknown".to_owned());
            // Again, as what hid a secret from us may be gone now.
            shown(&format!("{} {who}{pid}: {}", when(at), lines.join("\n")))
        });
        Entry {
            cursor,
            at,
            text: message,
        }
    }
}

/// Whether a text is in the form of a cursor.
pub fn is_cursor(text: &str) -> bool {
    let parts = |t: &str| t.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'=' | b';'));
    text == BEGINNING || (text.starts_with("s=") && text.len() <= 300 && parts(text))
}

/// A field's bytes; the first if it was given several times.
fn told(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Array(items) if items.iter().all(Value::is_u64) => {
            let bytes = items
                .iter()
                .filter_map(|b| b.as_u64().and_then(|b| u8::try_from(b).ok()));
            Some(bytes.collect())
        }
        Value::Array(items) => items.first().and_then(told),
        _ => None,
    }
}

/// As journalctl's `short-iso`, in UTC.
fn when(at: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "s=0f;i=70e;b=74;m=34bd;t=6610;x=f5";

    #[test]
    fn a_secret_that_a_cut_goes_through_is_not_shown_in_part() {
        let redactor = crate::secrets::Redactor::new([crate::secrets::Secret::new("a-very-long-secret")]);
        let shown = |text: &str| redactor.text(text);
        for fill in 1980..2000 {
            let line = serde_json::json!({"MESSAGE": format!("{}a-very-long-secret", "x".repeat(fill))}).to_string();
            let text = Entry::parse(&line, &shown).text.unwrap();
            assert!(!text.contains("a-v"), "{fill}: {text}");
        }
        let hidden = serde_json::json!({"MESSAGE": "a-very\u{1b}[0m-long-secret"}).to_string();
        assert!(!Entry::parse(&hidden, &shown).text.unwrap().contains("long-secret"));
    }

    #[test]
    fn entries_are_shown_like_lines_of_a_log() {
        let line = |message: &str| {
            format!(
                r#"{{"__CURSOR":"{PLACE}","__REALTIME_TIMESTAMP":"1795547230515660","_PID":"31","SYSLOG_IDENTIFIER":"agent","MESSAGE":{message}}}"#
            )
        };
        let shown = |message: &str| Entry::parse(&line(message), &str::to_owned);
        let entry = shown(r#""hello""#);
        assert_eq!(entry.cursor.as_deref(), Some(PLACE));
        assert_eq!(entry.at, 1_795_547_230_515);
        assert_eq!(
            entry.text.as_deref(),
            Some("2026-11-24T19:07:10+00:00 agent[31]: hello")
        );
        let end = |message: &str| shown(message).text.unwrap().split_once(": ").unwrap().1.to_owned();
        // "red" in red, as bytes; a message of two lines; one that was given twice; none.
        assert_eq!(end("[27,91,51,49,109,114,101,100,27,91,48,109]"), "red");
        assert_eq!(end(r#""a\nb\u001b[0m""#), "a\nb");
        assert_eq!(end(r#"["one","two"]"#), "one");
        assert_eq!(end("null"), "");
        assert_eq!(end(&format!("{:?}", "x".repeat(9_000))).len(), 2_000);
    }

    #[test]
    fn a_place_alone_and_what_is_no_entry() {
        let at = Entry::parse(r#"{"__CURSOR":"0"}"#, &str::to_owned);
        assert_eq!((at.cursor.as_deref(), at.text), (Some("0"), None));
        let hint = Entry::parse("No journal files were found.", &str::to_owned);
        assert_eq!(
            (hint.cursor, hint.text.as_deref()),
            (None, Some("No journal files were found."))
        );
        let cut = Entry::parse(r#"{"MESSAGE":"xxxx"#, &str::to_owned);
        assert!(cut.cursor.is_none() && cut.text.unwrap().contains("too long"));
    }

    #[test]
    fn cursors() {
        assert!(is_cursor(PLACE) && is_cursor("0"));
        for bad in [
            "",
            "1",
            "s=0 --flush",
            "s='",
            "s=A",
            "--since",
            &format!("s={}", "0".repeat(300)),
        ] {
            assert!(!is_cursor(bad), "{bad}");
        }
    }
}
