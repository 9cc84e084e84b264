//! Which part of the house may use which, how long a file may be, and who reads the environment.
//!
//! [`RULES`] is the design's table, read from the top: a part may use what stands below it in its
//! row and nothing else. [`arrows`] finds every path in the source that leads from one part to
//! another, whether it stands in a `use`, in the code or in a macro, and follows re-exports.

mod arrows;
mod planted;

use crate::support::cli::repository;
use arrows::{Arrow, House};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each part, and all that it may use.
const RULES: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("model", &["error"]),
    ("private", &["error", "model"]),
    ("secrets", &["error", "model", "private"]),
    ("http", &["error", "model", "secrets"]),
    ("google", &["error", "model", "secrets", "http"]),
    ("telegram", &["error", "model", "secrets", "http"]),
    ("models", &["error", "model", "secrets", "http", "openclaw"]),
    ("report", &["error", "secrets", "http"]),
    ("store", &["error", "model", "private", "secrets"]),
    ("provider", &["error", "model", "secrets", "http", "ssh"]),
    ("config", &["error", "model", "secrets", "http", "provider"]),
    ("ssh", &["error", "model", "secrets"]),
    ("openclaw", &["error", "model", "secrets", "http", "ssh"]),
    (
        "deploy",
        &[
            "error", "model", "secrets", "http", "store", "provider", "ssh", "openclaw", "telegram", "models",
        ],
    ),
    ("jobs", &["error", "model", "http", "store", "deploy"]),
    ("health", &["error", "model", "store", "deploy", "openclaw", "provider"]),
    (
        "api::types",
        &["error", "model", "secrets", "openclaw", "provider", "deploy", "store"],
    ),
    ("api::client", &["error", "model", "secrets", "http", "api::types"]),
    (
        "api::server",
        &[
            "error",
            "model",
            "secrets",
            "http",
            "store",
            "provider",
            "google",
            "telegram",
            "openclaw",
            "deploy",
            "jobs",
            "config",
            "api::types",
        ],
    ),
    ("sandbox", &["error", "model", "private", "secrets", "http", "config"]),
    ("cli", &["*"]),
    ("main", &["*"]),
];

/// The longest file of the source, in lines.
const LONGEST: usize = 500;

fn source() -> PathBuf {
    repository().join("src")
}

/// What a house has against the rules: each arrow that they do not allow, with a file that has it.
fn complaints(arrows: &BTreeMap<Arrow, BTreeSet<PathBuf>>, rules: &[(&str, &[&str])]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (Arrow { from, to }, files) in arrows {
        let file = files.first().map(|f| f.display().to_string()).unwrap_or_default();
        match rules.iter().find(|(part, _)| part == from) {
            None => wrong.push(format!("{from} has no row ({file})")),
            Some((_, may)) if may.contains(&"*") || may.contains(&to.as_str()) => {}
            Some(_) => wrong.push(format!("{from} uses {to} ({file})")),
        }
    }
    wrong
}

/// Rows that name what stands above them, which would let a circle in.
fn upward(rules: &[(&str, &[&str])]) -> Vec<String> {
    let place = |part: &str| rules.iter().position(|(p, _)| *p == part);
    let mut wrong = Vec::new();
    for (part, may) in rules {
        let mut below = BTreeSet::new();
        let mut left: Vec<&str> = may.to_vec();
        while let Some(one) = left.pop() {
            if below.insert(one)
                && let Some(at) = place(one)
            {
                left.extend(rules[at].1);
            }
        }
        if below.contains(part) {
            wrong.push(format!("{part} is in a circle"));
        }
        wrong.extend(
            may.iter()
                .filter(|m| **m != "*" && place(m).is_none())
                .map(|m| format!("{part} may use {m}, which is no part")),
        );
    }
    wrong
}

#[test]
fn arrows_go_down_only() {
    assert_eq!(upward(RULES), [""; 0], "the rules themselves");
    let house = House::read(&source(), RULES.iter().map(|(part, _)| *part));
    let arrows = house.arrows();
    assert!(arrows.len() > 50, "next to nothing was found: {arrows:?}");
    assert_eq!(complaints(&arrows, RULES), [""; 0]);
}

/// Every file below a folder, with its lines.
fn lengths(folder: &Path) -> Vec<(usize, PathBuf)> {
    arrows::files(folder)
        .into_iter()
        .map(|file| (std::fs::read_to_string(&file).unwrap().lines().count(), file))
        .collect()
}

#[test]
fn no_file_is_too_long() {
    let all = lengths(&source());
    let long: Vec<_> = all.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(all.len() > 200 && long.is_empty(), "over {LONGEST} lines: {long:?}");
}
