//! What is kept from one run to the next, below target/mutants.

use crate::mutate::Mutant;
use crate::verdict::Verdict;
use anyhow::Result;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A mutant as one version knows it from another's; the last tells those of one text apart.
pub type Name = (String, String, String, usize);

/// What became of one.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub name: Name,
    pub verdict: Verdict,
}

/// The names of mutants, in their order.
pub fn names(mutants: &[Mutant]) -> Vec<Name> {
    let mut seen = std::collections::HashMap::new();
    mutants
        .iter()
        .map(|m| {
            let count: &mut usize = seen.entry(m.name()).or_default();
            *count += 1;
            (m.file.clone(), m.function.clone(), m.change.clone(), *count)
        })
        .collect()
}

/// Reads a file; what is not there or not readable counts as nothing.
pub fn load<T: DeserializeOwned + Default>(file: &Path) -> T {
    std::fs::read(file)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Writes one, whole or not at all.
pub fn save<T: Serialize>(file: &Path, value: &T) -> Result<()> {
    let draft = file.with_extension("new");
    std::fs::write(&draft, serde_json::to_vec(value)?)?;
    Ok(std::fs::rename(draft, file)?)
}
