//! Runs the tests that reach a mutant until one notices it.

use crate::map::{Known, Map};
use crate::mutate::Mutant;
use crate::suite::{End, Runner, Switch};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// This test failed.
    Noticed(String),
    /// This test did not end in ten times its time.
    TooLong(String),
    /// Of so many tests that reach it so many were tried, and none failed.
    Lives { reached: usize, tried: usize },
    /// No test reaches it.
    Unreached,
}

impl Verdict {
    /// Whether a test told.
    pub fn noticed(&self) -> bool {
        matches!(self, Verdict::Noticed(_) | Verdict::TooLong(_))
    }
}

/// Tests that noticed something lately, by the place: they are asked first about its neighbours.
#[derive(Default)]
struct Lately(Mutex<VecDeque<(String, String, usize)>>);

impl Lately {
    fn note(&self, mutant: &Mutant, test: usize) {
        let mut list = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        list.push_front((mutant.file.clone(), mutant.function.clone(), test));
        list.truncate(400);
    }

    /// How promising a test is: smaller is better.
    fn rank(&self, mutant: &Mutant, tests: &mut [usize]) {
        let list = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tests.sort_by_key(|t| {
            let same = |f: &&(String, String, usize)| f.2 == *t && f.0 == mutant.file;
            if list.iter().filter(same).any(|f| f.1 == mutant.function) {
                0
            } else if list.iter().any(|f| same(&f)) {
                1
            } else {
                2
            }
        });
    }
}

/// What lives after tests of so much time together is given up: the rest is seldom what notices it,
/// and an hour has to do for all.
const ENOUGH: Duration = Duration::from_secs(20);

/// How much is to be tried.
pub struct Bounds {
    /// Tests on a mutant.
    pub most: usize,
    /// No mutant is begun after this.
    pub until: Option<Instant>,
}

/// Tries all these mutants, two at a time; `told` hears of each as it ends.
pub fn judge(
    runner: &Runner,
    map: &Map,
    mutants: &[&Mutant],
    bounds: &Bounds,
    told: impl Fn(&Mutant, Verdict) + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let lately = Lately::default();
    std::thread::scope(|scope| {
        let worker = || -> Result<()> {
            while bounds.until.is_none_or(|end| Instant::now() < end) {
                let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    break;
                };
                told(mutant, one(runner, map, mutant, bounds.most, &lately)?);
            }
            Ok(())
        };
        let other = scope.spawn(worker);
        let own = worker();
        other.join().unwrap_or(Ok(())).and(own)
    })
}

fn one(runner: &Runner, map: &Map, mutant: &Mutant, most: usize, lately: &Lately) -> Result<Verdict> {
    let mut tests: Vec<usize> = (0..map.tests.len())
        .filter(|t| map.tests[*t].reaches.contains(&mutant.n))
        .collect();
    // A test that reaches little is about that little; among a hundred others it would not be asked.
    // The map has the quickest first.
    tests.sort_by_key(|t| map.tests[*t].reaches.len() / 50);
    if tests.is_empty() {
        return Ok(Verdict::Unreached);
    }
    lately.rank(mutant, &mut tests);
    let reached = tests.len();
    let (mut tried, mut spent) = (0, Duration::ZERO);
    for t in tests {
        let Known { test, took, .. } = &map.tests[t];
        // One of them is always tried.
        if tried == most || tried > 0 && spent + *took > ENOUGH {
            break;
        }
        tried += 1;
        spent += *took;
        // Ten times its time; of a slow one less, but as much as it may wait for beside others.
        let limit = (*took * 10)
            .max(Duration::from_secs(10))
            .min(*took * 2 + Duration::from_secs(60));
        let (end, _) = runner.run(test, &Switch::On(mutant.n), &format!("{}-{t}", mutant.n), limit)?;
        let verdict = match end {
            End::Passed => continue,
            End::Failed => Verdict::Noticed(test.name.clone()),
            End::TooLong => Verdict::TooLong(test.name.clone()),
        };
        lately.note(mutant, t);
        return Ok(verdict);
    }
    Ok(Verdict::Lives { reached, tried })
}
