//! The command line.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// What is printed for `--help`.
pub const HELP: &str = "\
Breaks the program in many small ways, one at a time, and prints what no test noticed.

tests/mutants/run [OPTIONS] [FILE...]

  FILE                 only these files or folders of tests/mutants/files.txt
  --changed REV        only lines that `git diff REV` shows as new
  --kind KIND          only this kind: comparison, boolean, arithmetic, condition, guard,
                       statement, body, constant, sql
  --list               print the mutants and run nothing
  --sample N           N of them at random (--seed S, else 1)
  --limit-minutes M    begin no mutant after M minutes
  --resume             take over what an earlier run saw noticed; run the others
  --postgres           try what SQLite lets live with the tests on PostgreSQL too
  --most N             try at most N tests on a mutant (40), for 20 s together at most

Exits with 1 where a mutant lives that tests/mutants/equivalent.toml does not name.
";

/// What was asked for.
#[derive(Debug)]
pub struct Args {
    pub files: Vec<PathBuf>,
    pub changed: Option<String>,
    pub kind: Option<String>,
    pub list: bool,
    pub sample: Option<usize>,
    pub seed: u64,
    pub limit_minutes: Option<u64>,
    pub resume: bool,
    pub postgres: bool,
    pub most: usize,
}

/// Reads the command line; none where help was asked for.
pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Args>> {
    let mut args = Args {
        files: Vec::new(),
        changed: None,
        kind: None,
        list: false,
        sample: None,
        seed: 1,
        limit_minutes: None,
        resume: false,
        postgres: false,
        most: 40,
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "-h" | "--help" => return Ok(None),
            "--changed" => args.changed = Some(value()?),
            "--kind" => args.kind = Some(value()?),
            "--list" => args.list = true,
            "--sample" => args.sample = Some(value()?.parse()?),
            "--seed" => args.seed = value()?.parse()?,
            "--limit-minutes" => args.limit_minutes = Some(value()?.parse()?),
            "--resume" => args.resume = true,
            "--postgres" => args.postgres = true,
            "--most" => args.most = value()?.parse()?,
            _ if word.starts_with('-') => bail!("no such option: {word}\n\n{HELP}"),
            _ => args.files.push(PathBuf::from(word)),
        }
    }
    Ok(Some(args))
}

impl Args {
    /// Whether a file was asked for.
    pub fn wants(&self, file: &str) -> bool {
        self.files.is_empty() || self.files.iter().any(|f| Path::new(file).starts_with(f))
    }
}
