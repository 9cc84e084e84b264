//! Mutants that change nothing that anybody could notice, each with its reason.

use crate::mutate::Mutant;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mutant: Vec<Equivalent>,
}

/// One of them, or all of one text in one function.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    pub file: String,
    pub function: String,
    pub change: String,
    pub reason: String,
}

impl Equivalent {
    /// Whether it is about this mutant. By text and not by line, so that it outlives edits.
    pub fn is(&self, mutant: &Mutant) -> bool {
        mutant.name() == (&self.file, &self.function, &self.change)
    }
}

/// Those of `equivalent.toml`.
pub fn known(top: &Path) -> Result<Vec<Equivalent>> {
    let file = top.join("tests/mutants/equivalent.toml");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let list: File = toml::from_str(&text).with_context(|| file.display().to_string())?;
    Ok(list.mutant)
}
