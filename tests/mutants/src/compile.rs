//! Builds the copy, and takes out the mutants that do not compile.

use crate::mutate::Mutant;
use crate::tree::{Source, Tree};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds until it compiles; `out` holds what does not, and grows.
pub fn compile(
    dir: &Path,
    target: &Path,
    tree: &mut Tree,
    sources: &BTreeMap<PathBuf, Source>,
    mutants: &[Mutant],
    out: &mut HashSet<usize>,
) -> Result<()> {
    for round in 1.. {
        tree.write(sources, out)?;
        let begun = std::time::Instant::now();
        let output = cargo(dir, target)
            .args(["build", "--locked", "--lib", "--message-format=json"])
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be run")?;
        let before = out.len();
        if !output.status.success() {
            blame(&String::from_utf8_lossy(&output.stdout), tree, mutants, out)?;
        }
        eprintln!(
            "mutants: build {round} took {} s, {} do not compile",
            begun.elapsed().as_secs(),
            out.len()
        );
        if output.status.success() {
            return Ok(());
        }
        if out.len() == before {
            bail!(
                "the copy in {} does not build, and no mutant is the reason",
                dir.display()
            );
        }
    }
    Ok(())
}

/// cargo, in the copy.
pub fn cargo(dir: &Path, target: &Path) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_TERM_QUIET", "true");
    command
}

/// Finds the mutants that the compiler's errors are about.
fn blame(messages: &str, tree: &Tree, mutants: &[Mutant], out: &mut HashSet<usize>) -> Result<()> {
    for message in messages.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()) {
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found: HashSet<usize> = spans
            .iter()
            .filter(|s| s["is_primary"] == true)
            .flat_map(|span| near(span, tree))
            .collect();
        if found.is_empty() && !spans.is_empty() {
            let more = between(spans, mutants, out);
            if more.is_empty() {
                bail!("not a mutant's: {}", message["rendered"].as_str().unwrap_or_default());
            }
            out.extend(more);
        }
        out.extend(found);
    }
    Ok(())
}

/// Those whose own words the span touches; else the innermost that is round it.
fn near(span: &Value, tree: &Tree) -> Vec<usize> {
    let number = |name: &str| usize::try_from(span[name].as_u64().unwrap_or(0)).unwrap_or(0);
    let (from, to) = (number("byte_start"), number("byte_end"));
    let file = PathBuf::from(span["file_name"].as_str().unwrap_or_default());
    let Some(written) = tree.written.get(&file) else {
        return Vec::new();
    };
    let own: Vec<usize> = written
        .own
        .iter()
        .filter(|(_, (a, b))| from < *b && *a < to)
        .map(|(n, _)| *n)
        .collect();
    if !own.is_empty() && own.len() <= 4 {
        return own;
    }
    let round = written
        .whole
        .iter()
        .filter(|(_, (a, b))| *a <= from && to <= *b)
        .min_by_key(|(_, (a, b))| b - a);
    if let Some((n, _)) = round {
        return vec![*n];
    }
    Vec::new()
}

/// Those between the first and the last line that an error is about: such as a borrow that lasts
/// longer where a statement may be left out.
fn between(spans: &[Value], mutants: &[Mutant], out: &HashSet<usize>) -> Vec<usize> {
    let lines = |name: &str| {
        spans
            .iter()
            .filter_map(|s| s[name].as_u64())
            .map(|n| n as usize)
            .collect::<Vec<_>>()
    };
    let (Some(first), Some(last)) = (
        lines("line_start").into_iter().min(),
        lines("line_end").into_iter().max(),
    ) else {
        return Vec::new();
    };
    let file = spans[0]["file_name"].as_str().unwrap_or_default();
    mutants
        .iter()
        .filter(|m| m.file == file && first <= m.lines.0 && m.lines.1 <= last && !out.contains(&m.n))
        .map(|m| m.n)
        .collect()
}
