//! Which Node an agent version runs on, from the `engines.node` range of its package.

use crate::error::{Error, Kind, Result};
use semver::{Version, VersionReq};

/// Node's major versions that the agent was seen to run on, the best first.
pub const NODE_MAJORS: &[u64] = &[26, 24];

/// The newest known major version of Node of which some release satisfies the range.
///
/// # Errors
/// `unsupported` if the range is none that can be read, or leaves no known major version.
pub fn node_major_for(engines: &str) -> Result<u64> {
    let range = parse(engines)?;
    // The last release of a major stands for it: ranges begin inside a major, or exclude it.
    NODE_MAJORS
        .iter()
        .copied()
        .find(|major| matches(&range, &Version::new(*major, 9999, 0)))
        .ok_or_else(|| {
            Error::new(
                Kind::Unsupported,
                format!("this version of the agent needs Node {engines}, which clawdwako does not install"),
            )
            .hint("choose another --agent-version, or a newer clawdwako")
        })
}

/// Whether a Node version (with or without `v`) satisfies the range.
///
/// # Errors
/// `unsupported` if the range or the version cannot be read.
pub fn allows(engines: &str, node: &str) -> Result<bool> {
    let version = Version::parse(node.trim_start_matches('v')).map_err(|_| unreadable(node))?;
    Ok(matches(&parse(engines)?, &version))
}

fn matches(range: &[VersionReq], version: &Version) -> bool {
    range.iter().any(|part| part.matches(version))
}

/// npm's ranges: alternatives by `||`, comparators by spaces. An empty range allows everything.
fn parse(engines: &str) -> Result<Vec<VersionReq>> {
    engines
        .split("||")
        .map(|part| {
            let mut joined = String::new();
            for word in part.split_whitespace() {
                // ">= 24" is one comparator; "24" after a digit begins the next.
                let operator_open = joined.ends_with(['>', '<', '=', '^', '~']);
                if !joined.is_empty() && !operator_open {
                    joined.push_str(", ");
                }
                // A bare version is exact in npm's words, and a caret range in semver's.
                let bare = word.starts_with(|c: char| c.is_ascii_digit()) && !operator_open;
                if bare {
                    joined.push('=');
                }
                joined.push_str(word);
            }
            if joined.is_empty() {
                joined.push('*');
            }
            VersionReq::parse(&joined).map_err(|_| unreadable(engines))
        })
        .collect()
}

fn unreadable(text: &str) -> Error {
    Error::new(
        Kind::Unsupported,
        format!("the range of Node versions {text:?} cannot be read"),
    )
    .hint("choose another --agent-version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_known_major() {
        assert_eq!(node_major_for(">=24.16.0 <25 || >=26.1.0").unwrap(), 26);
        assert_eq!(node_major_for(">= 24.16 < 25").unwrap(), 24);
        assert_eq!(node_major_for("24.x").unwrap(), 24);
        assert_eq!(node_major_for("24").unwrap(), 24);
        assert_eq!(node_major_for("^24.1").unwrap(), 24);
        assert_eq!(node_major_for("").unwrap(), 26);
        assert_eq!(node_major_for("*").unwrap(), 26);
        assert_eq!(node_major_for(">=20").unwrap(), 26);
        assert_eq!(node_major_for("<22").unwrap_err().kind(), Kind::Unsupported);
        assert_eq!(node_major_for("lts/iron").unwrap_err().kind(), Kind::Unsupported);
    }

    #[test]
    fn exact_versions() {
        let range = ">=24.16.0 <25 || >=26.1.0";
        for (node, fits) in [
            ("24.15.9", false),
            ("24.16.0", true),
            ("25.3.0", false),
            ("v26.0.0", false),
            ("26.1.0", true),
            ("27.0.0", true),
        ] {
            assert_eq!(allows(range, node).unwrap(), fits, "{node}");
        }
    }
}
