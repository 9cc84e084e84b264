//! Lines that are new since a revision.

use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// The ranges of new lines, by file.
pub type Changed = HashMap<String, Vec<(usize, usize)>>;

/// What `git diff` shows between a revision and the files as they are.
pub fn since(top: &Path, revision: &str) -> Result<Changed> {
    let output = Command::new("git")
        .current_dir(top)
        .args([
            "diff",
            "--unified=0",
            "--no-color",
            "--no-ext-diff",
            revision,
            "--",
            "src",
        ])
        .output()
        .context("git cannot be run")?;
    if !output.status.success() {
        bail!("git diff {revision}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

fn parse(diff: &str) -> Changed {
    let mut changed = Changed::new();
    let mut file = String::new();
    for line in diff.lines() {
        if let Some(name) = line.strip_prefix("+++ b/") {
            name.clone_into(&mut file);
        } else if let Some(lines) = line.strip_prefix("@@ ").and_then(|l| l.split_once('+')) {
            let lines = lines.1.split(' ').next().unwrap_or_default();
            let (from, count) = lines.split_once(',').unwrap_or((lines, "1"));
            if let (Ok(from), Ok(count)) = (from.parse::<usize>(), count.parse::<usize>())
                && count > 0
            {
                changed.entry(file.clone()).or_default().push((from, from + count - 1));
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_that_are_new_are_told_from_those_that_are_gone() {
        let diff = "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -3,2 +3,4 @@ fn\n-x\n@@ -9,2 +10,0 @@\n@@ -20 +19 @@\n";
        let changed = super::parse(diff);
        assert_eq!(changed["src/a.rs"], [(3, 6), (19, 19)]);
    }
}
