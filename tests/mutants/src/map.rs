//! Which test reaches which mutant, and how long each test takes.

use crate::suite::{End, Runner, Switch, Test};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A test that passes where nothing is broken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Known {
    pub test: Test,
    pub took: Duration,
    pub reaches: BTreeSet<usize>,
}

/// What was found out about some tests.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Map {
    /// What the copy was like.
    pub fingerprint: u64,
    /// The quickest first.
    pub tests: Vec<Known>,
    /// Tests that fail as it is.
    pub failing: Vec<String>,
    /// Tests that take too long to be of use here.
    pub slow: Vec<String>,
}

/// A test that takes longer is left out.
const SLOW: Duration = Duration::from_secs(12);

/// Runs each test once with nothing broken, two at a time.
pub fn map(runner: &Runner, tests: &[Test], fingerprint: u64) -> Result<Map> {
    let next = AtomicUsize::new(0);
    let map = Mutex::new(Map {
        fingerprint,
        ..Map::default()
    });
    let one = |i: usize| -> Result<()> {
        let file = runner.temp.join(format!("reached-{i}"));
        std::fs::write(&file, "")?;
        let test = &tests[i];
        let limit = SLOW + Duration::from_secs(2);
        let (end, took) = runner.run(test, &Switch::Note(&file), &format!("map{i}"), limit)?;
        let text = std::fs::read_to_string(&file)?;
        std::fs::remove_file(&file)?;
        let mut map = map.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match end {
            End::Passed if took <= SLOW => map.tests.push(Known {
                test: test.clone(),
                took,
                reaches: text.lines().filter_map(|l| l.parse().ok()).collect(),
            }),
            End::Failed => map.failing.push(test.name.clone()),
            End::Passed | End::TooLong => map.slow.push(test.name.clone()),
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let worker = || -> Result<()> {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= tests.len() {
                    return Ok(());
                }
                one(i)?;
            }
        };
        let other = scope.spawn(worker);
        let own = worker();
        other.join().unwrap_or(Ok(())).and(own)
    })?;
    let mut map = map.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    map.tests.sort_by_key(|t| t.took);
    Ok(map)
}
