//! Breaks the program in many small ways, one at a time, and prints what no test noticed.
//!
//! [`mutate`] finds the changes in the [`files`] that count and writes them, each behind a switch,
//! into a copy of the repository ([`tree`]), which is built once ([`compile`]). One run of the
//! [`suite`] with nothing broken tells which test reaches which change ([`map`]); then each change
//! is switched on for the tests that reach it, until one fails ([`verdict`]). What lives and is not
//! [`equivalent`] is a hole in the tests ([`report`]).

mod args;
mod changed;
mod compile;
mod equivalent;
mod files;
mod kept;
mod map;
mod mutate;
mod report;
mod suite;
mod tree;
mod verdict;

use anyhow::{Context, Result};
use args::Args;
use map::Map;
use mutate::{Consts, Mutant};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use suite::{Runner, Test};
use tree::{Source, Tree};
use verdict::{Bounds, Verdict};

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(e) => {
            eprintln!("mutants: {e:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<usize> {
    let Some(args) = args::parse(std::env::args().skip(1))? else {
        print!("{}", args::HELP);
        return Ok(0);
    };
    let begun = Instant::now();
    let top = std::env::current_dir()?;
    let known = equivalent::known(&top)?;
    let (mutants, sources) = find(&top)?;
    let wanted = chosen(&args, &top, &mutants)?;
    if args.list {
        for mutant in &wanted {
            println!("{}", report::line(mutant));
        }
        eprintln!("mutants: {} of {}", wanted.len(), mutants.len());
        return Ok(0);
    }
    for e in known.iter().filter(|e| !mutants.iter().any(|m| e.is(m))) {
        eprintln!(
            "mutants: equivalent.toml names what is no more: {} {}: {}",
            e.file, e.function, e.change
        );
    }
    if wanted.is_empty() {
        eprintln!("mutants: nothing to try");
        return Ok(0);
    }

    let place = top.join("target/mutants");
    std::fs::create_dir_all(&place)?;
    let (dir, target) = (place.join("tree"), place.join("build"));
    let names = kept::names(&mutants);
    let mut tree = Tree::copy(&top, &dir, mutants.len(), &sources)?;
    let before: HashSet<kept::Name> = kept::load(&place.join("broken.json"));
    let mut out: HashSet<usize> = mutants
        .iter()
        .zip(&names)
        .filter(|(_, name)| before.contains(*name))
        .map(|(m, _)| m.n)
        .collect();
    compile::compile(&dir, &target, &mut tree, &sources, &mutants, &mut out)?;
    let broken: Vec<&kept::Name> = mutants
        .iter()
        .zip(&names)
        .filter(|(m, _)| out.contains(&m.n))
        .map(|(_, n)| n)
        .collect();
    kept::save(&place.join("broken.json"), &broken)?;
    let tests = suite::quick(&dir, &target)?;
    eprintln!(
        "mutants: built after {} s; {} quick tests",
        begun.elapsed().as_secs(),
        tests.len()
    );

    let temp = Temp::new()?;
    let runner = Runner {
        dir,
        temp: temp.0.clone(),
    };
    let fingerprint = tree.fingerprint()?;
    let (on_postgres, on_sqlite): (Vec<Test>, Vec<Test>) = tests.into_iter().partition(Test::on_postgres);
    let file = place.join("results.json");
    let earlier: Vec<kept::Outcome> = kept::load(&file);
    let mut outcomes: HashMap<kept::Name, Verdict> = HashMap::new();
    if args.resume {
        outcomes.extend(earlier.into_iter().map(|r| (r.name, r.verdict)));
    }
    let outcomes = Mutex::new(outcomes);
    let until = args.limit_minutes.map(|m| begun + Duration::from_secs(m * 60));
    let phases = [("sqlite", on_sqlite), ("postgres", on_postgres)];
    for (phase, tests) in phases.iter().take(if args.postgres { 2 } else { 1 }) {
        let map = mapped(&runner, &place.join(format!("map-{phase}.json")), tests, fingerprint)?;
        let left: Vec<&Mutant> = {
            let outcomes = outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let open = |m: &&&Mutant| !outcomes.get(&names[m.n - 1]).is_some_and(Verdict::noticed);
            wanted
                .iter()
                .filter(|m| !out.contains(&m.n))
                .filter(open)
                .copied()
                .collect()
        };
        eprintln!(
            "mutants: {} to try with the tests on {phase}, after {} s",
            left.len(),
            begun.elapsed().as_secs()
        );
        let bounds = Bounds { most: args.most, until };
        verdict::judge(&runner, &map, &left, &bounds, |mutant, verdict| {
            let mut outcomes = outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let name = names[mutant.n - 1].clone();
            if !verdict.noticed() {
                eprintln!("mutants: {} {verdict:?}", report::line(mutant));
            }
            match (outcomes.get(&name), &verdict) {
                // What the tests on the other database do not reach was still tried on the first.
                (Some(Verdict::Lives { .. }), Verdict::Unreached) if *phase == "postgres" => {}
                _ => drop(outcomes.insert(name, verdict)),
            }
            if outcomes.len().is_multiple_of(20) {
                let _ = save(&file, &outcomes);
            }
        })?;
    }
    let outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    save(&file, &outcomes)?;
    let results: Vec<(&Mutant, Option<&Verdict>)> = wanted
        .iter()
        .filter(|m| !out.contains(&m.n))
        .map(|m| (*m, outcomes.get(&names[m.n - 1])))
        .collect();
    let broken = wanted.iter().filter(|m| out.contains(&m.n)).count();
    let unexplained = report::print(&results, broken, &known);
    println!("in {} min", begun.elapsed().as_secs().div_ceil(60));
    Ok(unexplained)
}

fn save(file: &Path, outcomes: &HashMap<kept::Name, Verdict>) -> Result<()> {
    let list: Vec<kept::Outcome> = outcomes
        .iter()
        .map(|(name, verdict)| kept::Outcome {
            name: name.clone(),
            verdict: verdict.clone(),
        })
        .collect();
    kept::save(file, &list)
}

/// All mutants of all files, numbered from 1, so that one build serves any choice of them.
fn find(top: &Path) -> Result<(Vec<Mutant>, BTreeMap<PathBuf, Source>)> {
    let mut texts = Vec::new();
    for file in files::listed(top)? {
        let text = std::fs::read_to_string(top.join(&file)).with_context(|| file.display().to_string())?;
        texts.push((file, text));
    }
    // Numbers go by name, so that a new order of the list is no reason to build anew.
    texts.sort();
    let consts = Consts::of(&texts)?;
    let (mut mutants, mut sources) = (Vec::new(), BTreeMap::new());
    for (file, text) in texts {
        let (mut found, edits) = mutate::mutants(&file, &text, &consts, mutants.len() + 1)?;
        mutants.append(&mut found);
        sources.insert(file, Source { text, edits });
    }
    Ok((mutants, sources))
}

/// Those that the command line asks for.
fn chosen<'a>(args: &Args, top: &Path, mutants: &'a [Mutant]) -> Result<Vec<&'a Mutant>> {
    let changed = args.changed.as_ref().map(|r| changed::since(top, r)).transpose()?;
    let order = files::listed(top)?;
    let mut chosen: Vec<&Mutant> = order
        .iter()
        .flat_map(|file| mutants.iter().filter(move |m| Path::new(&m.file) == file))
        .filter(|m| args.wants(&m.file))
        .filter(|m| {
            args.kind
                .as_ref()
                .is_none_or(|k| format!("{:?}", m.kind).to_lowercase() == *k)
        })
        .filter(|m| {
            changed.as_ref().is_none_or(|c| {
                let ranges = c.get(&m.file).map(Vec::as_slice).unwrap_or_default();
                ranges.iter().any(|(from, to)| m.lines.0 <= *to && *from <= m.lines.1)
            })
        })
        .collect();
    if let Some(count) = args.sample {
        let shuffled = |n: usize| {
            (n as u64 ^ args.seed.rotate_left(32))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(29)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9)
        };
        let mut drawn: Vec<usize> = chosen.iter().map(|m| m.n).collect();
        drawn.sort_by_key(|n| shuffled(*n));
        drawn.truncate(count);
        chosen.retain(|m| drawn.contains(&m.n));
    }
    Ok(chosen)
}

/// The map of these tests; from an earlier run, if nothing changed since.
fn mapped(runner: &Runner, file: &Path, tests: &[Test], fingerprint: u64) -> Result<Map> {
    let earlier: Map = kept::load(file);
    let map = if earlier.fingerprint == fingerprint && !earlier.tests.is_empty() {
        earlier
    } else {
        let map = map::map(runner, tests, fingerprint)?;
        kept::save(file, &map)?;
        map
    };
    let time: Duration = map.tests.iter().map(|t| t.took).sum();
    eprintln!(
        "mutants: {} tests, {} s together; {} too slow",
        map.tests.len(),
        time.as_secs(),
        map.slow.len()
    );
    for test in &map.failing {
        eprintln!("mutants: fails as it is, and is left out: {test}");
    }
    Ok(map)
}

/// A folder for what tests leave behind; gone with it. Its name is short, as those of sockets are
/// to be.
struct Temp(PathBuf);

impl Temp {
    fn new() -> Result<Temp> {
        let dir = std::env::temp_dir().join(format!("cwm-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        Ok(Temp(dir))
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
