//! The copy of the repository that the mutants are written into.

use crate::mutate::{Edit, Written, write};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the program, as it is and what is done to it.
pub struct Source {
    pub text: String,
    pub edits: Vec<Edit>,
}

/// The copy. What did not change keeps its time, so that cargo builds only what did.
pub struct Tree {
    top: PathBuf,
    dir: PathBuf,
    count: usize,
    /// What was written, by file.
    pub written: BTreeMap<PathBuf, Written>,
}

impl Tree {
    /// A copy of all that git knows or would take in, below `dir`; for `count` switches.
    pub fn copy(top: &Path, dir: &Path, count: usize, sources: &BTreeMap<PathBuf, Source>) -> Result<Tree> {
        let tree = Tree {
            top: top.to_owned(),
            dir: dir.to_owned(),
            count,
            written: BTreeMap::new(),
        };
        let files = tree.known()?;
        for file in files.iter().filter(|f| !sources.contains_key(*f)) {
            tree.copy_one(file)?;
        }
        let stale: Vec<PathBuf> = kept(dir, dir)?.into_iter().filter(|f| !files.contains(f)).collect();
        for file in stale {
            fs::remove_file(dir.join(file))?;
        }
        Ok(tree)
    }

    fn known(&self) -> Result<BTreeSet<PathBuf>> {
        let output = Command::new("git")
            .current_dir(&self.top)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()
            .context("git cannot be run")?;
        if !output.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr));
        }
        let names = String::from_utf8(output.stdout)?;
        Ok(names
            .split('\0')
            .filter(|n| !n.is_empty())
            .map(PathBuf::from)
            .filter(|n| self.top.join(n).exists() && !n.starts_with("tests/mutants"))
            .collect())
    }

    fn copy_one(&self, file: &Path) -> Result<()> {
        let from = self.top.join(file);
        let bytes = fs::read(&from).with_context(|| from.display().to_string())?;
        let name = file.to_string_lossy();
        let bytes = match (name.as_ref(), String::from_utf8(bytes)) {
            ("src/lib.rs", Ok(text)) => {
                let switch = include_str!("switch.rs.txt").replace("COUNT", &(self.count + 1).to_string());
                format!("#![allow(warnings)] {text}\n{switch}").into_bytes()
            }
            (name, Ok(text)) if name.starts_with("tests/") && name.ends_with(".rs") => text
                .replace(".env_clear()", ".env_clear().envs(clawdwako::mutant::handed_on())")
                .into_bytes(),
            (_, Ok(text)) => text.into_bytes(),
            (_, Err(e)) => e.into_bytes(),
        };
        put(&self.dir.join(file), &bytes)?;
        Ok(fs::set_permissions(
            self.dir.join(file),
            fs::metadata(&from)?.permissions(),
        )?)
    }

    /// Writes the mutants, without those that are left out.
    pub fn write(&mut self, sources: &BTreeMap<PathBuf, Source>, out: &HashSet<usize>) -> Result<()> {
        for (file, source) in sources {
            let written = write(&source.text, &source.edits, |n| !out.contains(&n));
            put(&self.dir.join(file), written.text.as_bytes())?;
            self.written.insert(file.clone(), written);
        }
        Ok(())
    }

    /// A number that changes with any byte of the program and its tests.
    pub fn fingerprint(&self) -> Result<u64> {
        use std::hash::{Hash, Hasher};
        let mut hasher = std::hash::DefaultHasher::new();
        let files = kept(&self.dir, &self.dir)?;
        for file in files.iter().filter(|f| f.starts_with("src") || f.starts_with("tests")) {
            fs::read(self.dir.join(file))?.hash(&mut hasher);
            file.hash(&mut hasher);
        }
        Ok(hasher.finish())
    }
}

fn put(file: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, bytes).with_context(|| file.display().to_string())
}

/// All files of the copy, in order, without what tests leave behind.
fn kept(top: &Path, dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !dir.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if path != top.join("target") {
                files.extend(kept(top, &path)?);
            }
        } else {
            files.push(path.strip_prefix(top)?.to_owned());
        }
    }
    files.sort();
    Ok(files)
}
