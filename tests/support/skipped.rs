//! What a run of the tests leaves out, told at its end.
//!
//! nextest hides what a test that passes prints. So each that cannot run adds a line to a list, and
//! [`what_could_not_run`], which `.config/nextest.toml` has run last and shown, prints that list.

use super::cli::repository;
use std::collections::BTreeMap;
use std::fs::{OpenOptions, create_dir_all, read_to_string};
use std::io::{self, Write};
use std::path::PathBuf;

/// A line of the list that begins so is a choice, and no lack.
const CHOICE: &str = "by choice: ";

/// Says that a test cannot run here and why. Where `CI` is set the run fails for it.
pub fn skip(what: &str, why: &str) {
    note(&format!("{what}: {why}"));
}

/// Says what a run leaves out by choice, such as what takes long, and what brings it in.
pub fn leave_out(what: &str, why: &str) {
    note(&format!("{CHOICE}{what}: {why}"));
}

fn note(line: &str) {
    // Past what the test harness keeps to itself.
    let _ = writeln!(io::stderr(), "SKIPPED {line}");
    if let Some(list) = list() {
        create_dir_all(list.parent().unwrap()).unwrap();
        let mut file = OpenOptions::new().create(true).append(true).open(list).unwrap();
        // One write, as tests end side by side.
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// The list of this run.
fn list() -> Option<PathBuf> {
    if let Some(list) = std::env::var_os("CLAWDWAKO_SKIPPED") {
        return Some(list.into());
    }
    let run = std::env::var_os("NEXTEST_RUN_ID")?;
    Some(repository().join("target/skipped").join(run))
}

/// What a list tells, and whether it fails a run in CI.
fn told(list: &str) -> (Vec<String>, bool) {
    let mut lines: Vec<&str> = list.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    let (choices, lacks): (Vec<&str>, Vec<&str>) = lines.into_iter().partition(|l| l.starts_with(CHOICE));
    let mut told = Vec::new();
    for (title, of) in [("could not run here", &lacks), ("left out by choice", &choices)] {
        if !of.is_empty() {
            told.push(format!("{} {title}:", of.len()));
            told.extend(by_reason(of));
        }
    }
    (told, !lacks.is_empty())
}

/// Lines with one reason each, and the first of what it stands for.
fn by_reason(lines: &[&str]) -> Vec<String> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines {
        let (what, why) = line.trim_start_matches(CHOICE).split_once(": ").unwrap_or((line, ""));
        reasons.entry(why).or_default().push(what);
    }
    let told = reasons.iter().map(|(why, what)| match what.len() {
        1 => format!("  {}: {why}", what[0]),
        n => format!("  {} and {} more: {why}", what[0], n - 1),
    });
    told.collect()
}

#[test]
fn what_could_not_run() {
    let text = list().and_then(|list| read_to_string(list).ok()).unwrap_or_default();
    let (told, lacks) = told(&text);
    // `tests/run` tells its own list.
    if std::env::var_os("CLAWDWAKO_SKIPPED").is_none() {
        println!("{}", told.join("\n"));
        let _ = list().map(std::fs::remove_file);
    }
    assert!(
        !lacks || std::env::var_os("CI").is_none_or(|ci| ci.is_empty() || ci == "false"),
        "in CI everything has to run: install what is missing"
    );
}

#[test]
fn what_is_missing_is_told_apart_from_what_was_chosen() {
    let (lines, lacks) = told("b: no sshd\nby choice: a: slow\nb: no sshd\nc: no sshd\nd: no root\n");
    assert_eq!(
        lines,
        [
            "3 could not run here:",
            "  d: no root",
            "  b and 1 more: no sshd",
            "1 left out by choice:",
            "  a: slow"
        ]
    );
    assert!(lacks && !told("by choice: a: slow\n").1 && !told("").1);
}
