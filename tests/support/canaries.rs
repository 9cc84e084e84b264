//! Secrets of a run, and the search for them.

use std::path::{Path, PathBuf};

/// Secrets by name.
pub type Canaries = Vec<(String, String)>;

/// Which secrets a text holds.
pub fn found(bytes: &[u8], secrets: &Canaries) -> Vec<String> {
    let holds = |s: &str| bytes.windows(s.len()).any(|w| w == s.as_bytes());
    secrets
        .iter()
        .filter(|(_, value)| holds(value))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The parts of a value that are secret each by itself: a file of several lines may be kept in
/// another form than it came in.
pub fn parts(name: &str, value: &str) -> Canaries {
    // The frame of a PEM file is no secret; each line between is.
    let lines = value.lines().filter(|l| l.len() >= 16 && !l.starts_with("-----"));
    let parts: Vec<&str> = lines.collect();
    // A private key begins with words about its kind, and holds the public half.
    let from = if name.contains("key") && parts.len() > 2 { 2 } else { 0 };
    let parts = parts.into_iter().skip(from);
    parts.map(|part| (name.to_owned(), part.to_owned())).collect()
}

/// Every file below a folder.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        match entry.file_type().unwrap() {
            t if t.is_dir() => all.extend(files(&entry.path())),
            t if t.is_file() => all.push(entry.path()),
            _ => {}
        }
    }
    all
}
