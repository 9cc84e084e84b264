//! Reads the list of packages that a server tells.

use crate::error::{Error, Kind, Result};
use crate::model::{Package, Packages};

/// The agent's own name.
const AGENT: &str = "openclaw";
/// The most packages that a list may hold; the agent brings some 330.
const MOST: usize = 10_000;
/// The longest name that npm takes.
const NAME: usize = 214;
/// The longest version that npm takes.
const VERSION: usize = 256;
/// A SHA-512 takes 95; there may be several kinds.
const INTEGRITY: usize = 512;

/// Reads the fact `packages`: JSON, `[[NAME, VERSION, INTEGRITY or null], …]`.
///
/// # Errors
/// `remote` if it is none.
pub fn parse(text: &str) -> Result<Packages> {
    let told: Vec<(String, String, Option<String>)> =
        serde_json::from_str(text).map_err(|e| unreadable(&format!("column {}", e.column())))?;
    if told.is_empty() || told.len() > MOST {
        return Err(unreadable(&format!("it has {} entries", told.len())));
    }
    let mut all = Vec::with_capacity(told.len());
    for (name, version, integrity) in told {
        // Whatever they are, they are words: they are hashed and shown as lines of words.
        let sound = is_word(&name, NAME)
            && is_word(&version, VERSION)
            && integrity
                .as_deref()
                .is_none_or(|i| i.len() <= INTEGRITY && i.split(' ').all(|i| is_word(i, INTEGRITY)));
        if !sound {
            return Err(unreadable(&format!("entry {}", all.len() + 1)));
        }
        all.push(Package {
            name,
            version,
            integrity,
        });
    }
    Ok(Packages::new(all))
}

/// Makes sure that the agent itself is among them as it was resolved.
///
/// # Errors
/// `remote` if it is not.
pub fn demand_agent(packages: &Packages, version: &str, integrity: &str) -> Result<()> {
    let is_it = |p: &Package| p.name == AGENT && p.version == version && p.integrity.as_deref() == Some(integrity);
    if packages.all().iter().any(is_it) {
        return Ok(());
    }
    Err(unreadable(&format!(
        "version {version} of the agent with its hash is not in it"
    )))
}

fn is_word(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_graphic())
}

fn unreadable(what: &str) -> Error {
    Error::new(
        Kind::Remote,
        format!("the server's list of the agent's packages cannot be read ({what})"),
    )
    .hint(
        "somebody may have changed /opt/clawdwako on the server: remove its folder openclaw and run the command again",
    )
}

#[cfg(test)]
mod tests {
    use super::{demand_agent, parse};

    #[test]
    fn a_list_is_read() {
        let list = parse(r#"[["zod","4.1.0","sha512-b sha1-c"],["@x/y","1.0.0-beta.1+5",null]]"#).unwrap();
        let told: Vec<_> = list
            .all()
            .iter()
            .map(|p| (p.name.as_str(), p.version.as_str(), p.integrity.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("@x/y", "1.0.0-beta.1+5", None),
                ("zod", "4.1.0", Some("sha512-b sha1-c"))
            ]
        );
    }

    #[test]
    fn the_agent_must_be_among_them_as_it_was_resolved() {
        let list = parse(r#"[["openclaw","1.0.0","sha512-a"],["zod","1.0.0","sha512-b"]]"#).unwrap();
        assert!(demand_agent(&list, "1.0.0", "sha512-a").is_ok());
        for (version, integrity) in [("1.0.1", "sha512-a"), ("1.0.0", "sha512-b"), ("1.0.0", "")] {
            assert!(demand_agent(&list, version, integrity).is_err());
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let long = format!(r#"[["{}","1",null]]"#, "x".repeat(215));
        let many = format!("[{}]", vec![r#"["a","1",null]"#; 10_001].join(","));
        for bad in [
            "",
            "[]",
            "{}",
            "null",
            r#"[["a","1"]]"#,
            r#"[["a",1,null]]"#,
            r#"[["a","1",null,"more"]]"#,
            r#"[["","1",null]]"#,
            r#"[["a","",null]]"#,
            r#"[["a","1",""]]"#,
            r#"[["a","1","  "]]"#,
            r#"[["a b","1",null]]"#,
            r#"[["a","1\n","sha512-x"]]"#,
            r#"[["a","1","sha512-x\nb 1 sha512-y"]]"#,
            r#"[["\u001b[2Ja","1",null]]"#,
            r#"[["\u202ea","1",null]]"#,
            r#"[["a","1",null]"#,
            long.as_str(),
            many.as_str(),
        ] {
            assert!(parse(bad).is_err(), "{bad:.60}");
        }
    }
}
