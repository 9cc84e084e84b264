//! What became of a new configuration, as the server tells it. What the agent's check printed there
//! is an enemy's word: it is cut off, freed of our secrets, and only shown.

use super::config::BotFiles;
use crate::error::{Error, Kind, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many of the agent's complaints are shown, and how long each may be, in characters.
const SHOWN: usize = 5;
const LONGEST: usize = 400;
/// A shorter text is no secret, and would blacken whole words.
const SHORTEST_SECRET: usize = 8;

/// What `openclaw config validate --json` prints.
#[derive(Deserialize)]
struct Checked {
    #[serde(default)]
    issues: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    path: String,
    #[serde(default)]
    message: String,
}

/// Judges what the script `configure` told: whether the configuration changed.
///
/// # Errors
/// `remote_script` if the agent refuses it, or its check did not end well.
pub fn judge(facts: &BTreeMap<String, String>, files: &BotFiles) -> Result<bool> {
    let what = match facts.get("config").map(String::as_str) {
        Some("changed") => return Ok(true),
        Some("unchanged") => return Ok(false),
        Some("refused") => "the agent refuses the configuration",
        _ => "the new configuration could not be written and checked on the server",
    };
    let said = facts.get("said").and_then(|said| STANDARD.decode(said).ok());
    let said = String::from_utf8_lossy(&said.unwrap_or_default()).into_owned();
    let why = why(&without_secrets(said, files));
    let error = if why.is_empty() {
        Error::new(Kind::Remote, what)
    } else {
        Error::new(Kind::Remote, format!("{what}: {why}"))
    };
    Err(error.hint("run the command again: it goes on where it stopped"))
}

/// The agent's complaints if it made any, else its last lines.
fn why(said: &str) -> String {
    let short = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(LONGEST).collect() };
    let json = said.find('{').map(|at| &said[at..]).unwrap_or_default();
    let mut stream = serde_json::Deserializer::from_str(json).into_iter::<Checked>();
    if let Some(Ok(checked)) = stream.next()
        && !checked.issues.is_empty()
    {
        let issues = checked.issues.iter().take(SHOWN);
        let told: Vec<String> = issues
            .map(|issue| short(&format!("{}: {}", issue.path, issue.message)))
            .collect();
        return told.join("; ");
    }
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last: Vec<String> = lines[lines.len().saturating_sub(3)..]
        .iter()
        .map(|line| short(line.trim()))
        .collect();
    last.join(" ")
}

/// A parser quotes what it cannot read, and that may be a secret.
fn without_secrets(mut text: String, files: &BotFiles) -> String {
    let secrets: Value = serde_json::from_str(files.secrets.expose()).unwrap_or_default();
    for secret in secrets.as_object().into_iter().flat_map(|all| all.values()) {
        if let Some(secret) = secret.as_str().filter(|s| s.len() >= SHORTEST_SECRET) {
            text = text.replace(secret, "***");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Secret;

    fn files() -> BotFiles {
        BotFiles {
            config: Value::Null,
            secrets: Secret::new(r#"{"telegram":"123:hunter2-is-secret","gateway":"short"}"#),
        }
    }

    fn judged(config: &str, said: &str) -> Result<bool> {
        let facts = [("config", config.to_owned()), ("said", STANDARD.encode(said))];
        judge(&facts.map(|(k, v)| (k.to_owned(), v)).into(), &files())
    }

    #[test]
    fn what_was_written_is_told() {
        assert!(judged("changed", "whatever").unwrap());
        assert!(!judged("unchanged", "").unwrap());
    }

    #[test]
    fn complaints_are_shown_without_secrets() {
        let said =
            "warn\n{\"valid\":false,\"issues\":[{\"path\":\"a.b\",\"message\":\"bad 123:hunter2-is-secret\"}]}\nmore";
        let e = judged("refused", said).unwrap_err();
        assert_eq!(e.message(), "the agent refuses the configuration: a.b: bad ***");
        let e = judged("broken", "one\ntwo \u{1b}[31m\n\n").unwrap_err();
        assert!(e.message().ends_with(": one two [31m"), "{e}");
    }

    #[test]
    fn an_enemys_words_are_cut_off_and_cannot_pass_for_a_yes() {
        let e = judged("refused", &"x".repeat(100_000)).unwrap_err();
        assert!(e.message().len() < 500);
        let many = format!(
            "{{\"issues\":[{}]}}",
            vec![r#"{"path":"p","message":"m"}"#; 500].join(",")
        );
        assert!(judged("refused", &many).unwrap_err().message().len() < 100);
        for strange in ["", "Changed", "changed ", "yes"] {
            assert!(judged(strange, "{\"valid\": true}").is_err(), "{strange:?}");
        }
        assert!(judge(&BTreeMap::new(), &files()).is_err());
        let facts = [
            ("config".to_owned(), "refused".to_owned()),
            ("said".to_owned(), "%%".to_owned()),
        ];
        assert!(judge(&facts.into(), &files()).is_err());
    }
}
