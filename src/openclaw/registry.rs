//! Reads what npm says of a version of the agent.

use crate::error::{Error, Kind, Result};
use serde::Deserialize;

/// The longest range of Node's versions that is read.
const ENGINES: usize = 200;
/// The longest part of an answer that an error shows, in characters.
const SHOWN: usize = 300;

/// A version as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The version, the name of a folder of root's on the server.
    pub version: String,
    /// The range of Node's versions that it needs; may be empty.
    pub engines: String,
    /// Its hash (`sha512-…`).
    pub integrity: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Error {
        error: Told,
    },
    Found {
        version: String,
        #[serde(rename = "engines.node", default)]
        engines: String,
        #[serde(rename = "dist.integrity")]
        integrity: String,
    },
    Many(Vec<serde::de::IgnoredAny>),
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    code: String,
    #[serde(default)]
    summary: String,
}

/// Reads npm's answer for the version that was asked for.
///
/// # Errors
/// `remote` if there is no such version or the registry did not answer; `upstream` if what it says
/// cannot be what it should be.
pub fn parse(asked: &str, text: &str) -> Result<Listed> {
    // Beside the JSON there may be what Node says before it gives up.
    let json = text.find(['{', '[']).map_or("", |start| &text[start..]);
    let answer: Answer = serde_json::from_str(json).map_err(|_| {
        let shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
        let said = if shown.trim().is_empty() { "nothing" } else { &shown };
        unasked(&format!(": npm said {said}"))
    })?;
    match answer {
        Answer::Error { error } if matches!(error.code.as_str(), "E404" | "ETARGET") => Err(absent(asked)),
        Answer::Error { error } => {
            let why: String = error.summary.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
            let code: String = error
                .code
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(40)
                .collect();
            Err(unasked(&format!(" ({code}): {why}")))
        }
        Answer::Many(all) if all.is_empty() => Err(absent(asked)),
        Answer::Many(_) => Err(Error::new(
            Kind::Remote,
            format!("the registry has more than one version {asked} of the agent"),
        )
        .hint("give a whole version to --agent-version, such as 2026.9.6")),
        Answer::Found {
            version,
            engines,
            integrity,
        } => {
            if semver::Version::parse(&version).is_err() {
                return Err(odd(&format!("the registry's version {version:?} of the agent is none")));
            }
            if engines.len() > ENGINES || engines.chars().any(char::is_control) {
                return Err(odd("the registry's range of Node's versions cannot be read"));
            }
            if !is_hash(&integrity) {
                return Err(odd("the registry's hash of the agent is no SHA-512"));
            }
            Ok(Listed {
                version,
                engines,
                integrity,
            })
        }
    }
}

/// Whether it is one SHA-512 as npm writes it.
fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix("sha512-").and_then(|t| t.strip_suffix("=="));
    digits.is_some_and(|d| d.len() == 86 && d.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/'))
}

fn unasked(why: &str) -> Error {
    Error::new(Kind::Remote, format!("the registry cannot be asked for the agent{why}")).hint(
        "wait some minutes and run the command again: it goes on where it stopped; \
         if it stays so, look whether the server reaches the registry",
    )
}

fn absent(asked: &str) -> Error {
    Error::new(
        Kind::Remote,
        format!("the registry has no version {asked} of the agent"),
    )
    .hint("`npm view openclaw versions` lists them; leave --agent-version out for the tested one")
}

fn odd(what: &str) -> Error {
    Error::new(Kind::Upstream, what).hint("look whether CLAWDWAKO_NPM_REGISTRY names a registry that you trust")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hash() -> String {
        format!("sha512-{}==", "aB1+/".repeat(18).get(..86).unwrap())
    }

    #[test]
    fn a_version_is_read() {
        let told =
            json!({"version": "2026.9.6", "engines.node": ">=24.16.0 <25 || >=26.1.0", "dist.integrity": hash()});
        let listed = parse("2026.9.6", &told.to_string()).unwrap();
        assert_eq!((listed.version.as_str(), listed.integrity), ("2026.9.6", hash()));
        assert_eq!(listed.engines, ">=24.16.0 <25 || >=26.1.0");
        let without = json!({"version": "2026.9.6-beta.1", "dist.integrity": hash()});
        assert_eq!(parse("2026.9.6-beta.1", &without.to_string()).unwrap().engines, "");
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        let error =
            |code: &str| json!({"error": {"code": code, "summary": "connect \u{1b}[31m127.0.0.1:9"}}).to_string();
        for (text, kind, words) in [
            (
                error("E404"),
                Kind::Remote,
                "the registry has no version 1.2.3 of the agent",
            ),
            (
                error("ECONNREFUSED"),
                Kind::Remote,
                "the registry cannot be asked for the agent (ECONNREFUSED): connect [31m127",
            ),
            ("[]".into(), Kind::Remote, "the registry has no version 1.2.3"),
            (
                r#"[{"version":"1.2.3"},{"version":"1.2.4"}]"#.into(),
                Kind::Remote,
                "more than one version",
            ),
            (String::new(), Kind::Remote, "npm said nothing"),
            (
                "FATAL ERROR: heap out of memory".into(),
                Kind::Remote,
                "npm said FATAL ERROR",
            ),
        ] {
            let e = parse("1.2.3", &text).unwrap_err();
            assert_eq!(e.kind(), kind, "{text}");
            assert!(e.message().contains(words) && e.next_step().is_some(), "{e}");
        }
    }

    #[test]
    fn only_a_version_becomes_a_folder() {
        let told = |version: &str, integrity: &str| {
            json!({"version": version, "engines.node": "", "dist.integrity": integrity}).to_string()
        };
        for bad in [
            "",
            "latest",
            "../../../etc",
            "1.0.0/..",
            "1.0.0\"",
            "1.0.0 x",
            "1.0.0\n2.0.0",
            "-1.0.0",
        ] {
            assert_eq!(
                parse("1.0.0", &told(bad, &hash())).unwrap_err().kind(),
                Kind::Upstream,
                "{bad:?}"
            );
        }
        for bad in [
            "",
            "sha1-x",
            "sha512-",
            &hash()[..60],
            &format!("{} x", hash()),
            &hash().replace('a', "\""),
        ] {
            assert_eq!(
                parse("1.0.0", &told("1.0.0", bad)).unwrap_err().kind(),
                Kind::Upstream,
                "{bad:?}"
            );
        }
        let long = json!({"version": "1.0.0", "engines.node": "x".repeat(201), "dist.integrity": hash()});
        assert!(parse("1.0.0", &long.to_string()).is_err());
    }
}
