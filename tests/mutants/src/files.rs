//! The files that mutants are made in.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The Rust files of `files.txt`, in its order, from the top of the repository.
pub fn listed(top: &Path) -> Result<Vec<PathBuf>> {
    let list = top.join("tests/mutants/files.txt");
    let list = std::fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let mut files = Vec::new();
    for line in list
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        let mut these = Vec::new();
        below(top, Path::new(line), &mut these)?;
        if these.is_empty() {
            bail!("tests/mutants/files.txt: {line} holds no Rust file");
        }
        these.sort();
        these.retain(|f| !files.contains(f));
        files.append(&mut these);
    }
    Ok(files)
}

fn below(top: &Path, path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let whole = top.join(path);
    if whole.is_dir() {
        for entry in std::fs::read_dir(&whole)? {
            below(top, &path.join(entry?.file_name()), files)?;
        }
    } else if whole.extension().is_some_and(|e| e == "rs") && whole.exists() {
        files.push(path.to_owned());
    }
    Ok(())
}
