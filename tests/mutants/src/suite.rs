//! The tests: which there are, and how one of them is run.

use crate::compile::cargo;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Test {
    pub binary: PathBuf,
    pub name: String,
}

impl Test {
    /// Whether it is the PostgreSQL form of a test that there is on SQLite too.
    pub fn on_postgres(&self) -> bool {
        self.name.contains("::postgres::")
    }
}

/// How a run of a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Passed,
    Failed,
    TooLong,
}

/// The quick tests, as `.config/nextest.toml` chooses them.
pub fn quick(dir: &Path, target: &Path) -> Result<Vec<Test>> {
    let output = cargo(dir, target)
        .args(["nextest", "list", "--locked", "--message-format=json"])
        .stderr(Stdio::inherit())
        .output()
        .context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("the tests cannot be built or listed: see above, and whether cargo-nextest is installed");
    }
    let list: Value = serde_json::from_slice(&output.stdout)?;
    let mut tests = Vec::new();
    for suite in list["rust-suites"].as_object().into_iter().flat_map(|s| s.values()) {
        let binary = PathBuf::from(suite["binary-path"].as_str().unwrap_or_default());
        for (name, case) in suite["testcases"].as_object().into_iter().flatten() {
            if case["ignored"] == false && case["filter-match"]["status"] == "matches" {
                tests.push(Test {
                    binary: binary.clone(),
                    name: name.clone(),
                });
            }
        }
    }
    Ok(tests)
}

/// What a run is told.
pub enum Switch<'a> {
    /// Nothing is broken; what is reached is noted in this file.
    Note(&'a Path),
    /// This mutant is on.
    On(usize),
}

/// Runs tests in the copy, with a folder for what they leave behind.
pub struct Runner {
    pub dir: PathBuf,
    pub temp: PathBuf,
}

/// Marks all processes of one run, also those that left their parent.
const RUN: &str = "CLAWDWAKO_MUTANTS_RUN";

impl Runner {
    /// Runs one test for as long as it may take. The time is how long it took.
    pub fn run(&self, test: &Test, switch: &Switch, mark: &str, limit: Duration) -> Result<(End, Duration)> {
        let mark = format!("{}-{mark}", std::process::id());
        let mut command = Command::new(&test.binary);
        command
            .args(["--exact", &test.name, "--test-threads=1"])
            .current_dir(&self.dir)
            .env("CARGO_MANIFEST_DIR", &self.dir)
            .env("NEXTEST", "1")
            .env("RUST_BACKTRACE", "0")
            .env("INSTA_UPDATE", "no")
            .env("TMPDIR", &self.temp)
            .env(RUN, &mark)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match switch {
            Switch::Note(file) => command.env("CLAWDWAKO_MUTANTS_REACHED", file),
            Switch::On(n) => command.env("CLAWDWAKO_MUTANT", n.to_string()),
        };
        let begun = Instant::now();
        let mut child = command.spawn().with_context(|| test.binary.display().to_string())?;
        let mut wait = Duration::from_millis(2);
        let end = loop {
            if let Some(status) = child.try_wait()? {
                break if status.success() { End::Passed } else { End::Failed };
            }
            if begun.elapsed() > limit {
                break End::TooLong;
            }
            std::thread::sleep(wait);
            wait = (wait * 2).min(Duration::from_millis(20));
        };
        let took = begun.elapsed();
        if end != End::Passed {
            kill_marked(&mark);
            let _ = child.wait();
        }
        Ok((end, took))
    }
}

/// Ends whatever carries the mark in its environment.
fn kill_marked(mark: &str) {
    let wanted = format!("{RUN}={mark}");
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|n| n.parse::<i32>().ok()) else {
            continue;
        };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.split(|b| *b == 0).any(|v| v == wanted.as_bytes())
            && let Some(id) = Pid::from_raw(id)
        {
            let _ = kill_process(id, Signal::KILL);
        }
    }
}
