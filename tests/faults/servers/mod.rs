//! The matrix of the server's ground: what befalls the server, its agent and what they ask, at
//! any step that works over SSH. The real binary, real servers, the real agent.
//!
//! One deployment meets many faults one after another, since what takes longest is to make one.
//! `CLAWDWAKO_FAULTS=DiskFull,Reboot.configure,gate_ready` chooses rows, cells and columns.

mod ground;
mod rows;
mod scripts;
mod trip;

use crate::e2e::world::World;
use clawdwako::deploy::Step;
use clawdwako::model::JobKind;
use rows::Fault;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Instant;
use trip::{Cell, Met, Trip};

/// How many deployments run side by side.
const SIDE_BY_SIDE: usize = 3;
/// The longest cell of the sample, in seconds.
const PATIENT: u64 = 90;

/// The columns: the steps from the first that reaches the server to the model's answer.
fn columns() -> Vec<Step> {
    let there = Step::ALL.iter().copied().skip_while(|&s| s != Step::Connect);
    there.take_while(|s| s.job() != JobKind::DestroyServer).collect()
}

/// Every cell.
fn whole() -> Vec<Cell> {
    let columns = columns();
    let row = |&fault: &Fault| {
        columns
            .iter()
            .map(move |&step| (fault, step))
            .filter(|(f, s)| f.fits(*s))
    };
    Fault::ALL.iter().flat_map(row).collect()
}

/// A diagonal that covers each row and each column at least once, as far as quick cells do.
fn sample() -> Vec<Cell> {
    let (columns, mut cells) = (columns(), Vec::<Cell>::new());
    let quick = |&(fault, step): &Cell| fault.fits(step) && fault.seconds(step) <= PATIENT;
    for (r, &fault) in Fault::ALL.iter().enumerate() {
        let turned = columns.iter().cycle().skip(r).take(columns.len());
        cells.extend(turned.map(|&step| (fault, step)).find(quick));
    }
    let anywhere = |f: &Fault| columns.iter().all(|&step| f.fits(step));
    let anywhere: Vec<Fault> = Fault::ALL.iter().copied().filter(anywhere).collect();
    for (c, &step) in columns.iter().enumerate() {
        if !cells.iter().any(|&(_, s)| s == step) {
            // Others than the rows before had first.
            let turned = anywhere.iter().cycle().skip(c + 5).take(anywhere.len());
            cells.extend(turned.map(|&fault| (fault, step)).find(quick));
        }
    }
    cells
}

/// Shares cells out among as few deployments as can meet them, but at least `at_least`.
/// Nobody can be struck twice at a step that got over the first fault, so of those a deployment
/// has one a step, after the others.
fn trips(cells: &[Cell], at_least: usize) -> Vec<Vec<Cell>> {
    let passing = |step: Step| cells.iter().filter(|(f, s)| *s == step && !f.holds(*s)).count();
    let least = columns().into_iter().map(passing).max().unwrap_or_default();
    let mut trips: Vec<Vec<Cell>> = vec![Vec::new(); least.max(at_least)];
    let seconds = |trip: &Vec<Cell>| trip.iter().map(|(f, s)| f.seconds(*s)).sum::<u64>();
    for &(fault, step) in cells {
        let free = |trip: &&mut Vec<Cell>| fault.holds(step) || !trip.iter().any(|(f, s)| *s == step && !f.holds(*s));
        if let Some(trip) = trips.iter_mut().filter(free).min_by_key(|trip| seconds(trip)) {
            trip.push((fault, step));
        }
    }
    let place = |step: Step| Step::ALL.iter().position(|&s| s == step);
    for trip in &mut trips {
        trip.sort_by_key(|&(fault, step)| (place(step), !fault.holds(step)));
    }
    trips.retain(|trip| !trip.is_empty());
    trips
}

/// What all trips came to.
#[derive(Default)]
struct Tally {
    judged: Vec<Cell>,
    missed: Vec<Cell>,
    wrong: Vec<String>,
}

fn wrong(tally: &Mutex<Tally>, why: String) {
    // At once: the whole matrix takes long.
    println!("WRONG {why}");
    tally.lock().unwrap().wrong.push(why);
}

/// One deployment after another, until all cells of a trip are judged: after a wrong one the
/// rest begins anew.
fn one(cells: &[Cell], tally: &Mutex<Tally>) {
    let mut trip = Trip::new();
    for &(fault, step) in cells {
        match trip.meet((fault, step)) {
            Ok(Met::Judged) => tally.lock().unwrap().judged.push((fault, step)),
            Ok(Met::Missed) => tally.lock().unwrap().missed.push((fault, step)),
            Err(why) => {
                wrong(tally, format!("{fault:?} | {}: {why}", step.name()));
                tally.lock().unwrap().judged.push((fault, step));
                if let Err(why) = std::mem::replace(&mut trip, Trip::new()).destroy() {
                    wrong(tally, format!("after {fault:?} | {}: {why}", step.name()));
                }
            }
        }
    }
    if let Err(why) = trip.end() {
        let last = cells.last().map(|(f, s)| format!("{f:?} | {}", s.name()));
        wrong(tally, format!("at the end, after {last:?}: {why}"));
    }
}

fn run(what: &str, trips: Vec<Vec<Cell>>) {
    World::up().need_golden();
    let begun = Instant::now();
    let (waiting, tally) = (Mutex::new(trips), Mutex::new(Tally::default()));
    let deployments = waiting.lock().unwrap().len();
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().pop();
                    let Some(trip) = next else { return };
                    if catch_unwind(AssertUnwindSafe(|| one(&trip, &tally))).is_err() {
                        wrong(&tally, format!("a trip crashed: {trip:?}"));
                    }
                }
            });
        }
    });
    let Tally { judged, missed, wrong } = tally.into_inner().unwrap();
    let rows = Fault::ALL.iter().filter(|&&f| judged.iter().any(|c| c.0 == f)).count();
    let struck = columns()
        .into_iter()
        .filter(|&s| judged.iter().any(|c| c.1 == s))
        .count();
    println!(
        "FIGURE server faults ({what}): {} cells of {} rows and {} columns ({rows} rows and {struck} columns covered) in {deployments} deployments and {:.0} s, {} missed, {} wrong",
        judged.len(),
        Fault::ALL.len(),
        columns().len(),
        begun.elapsed().as_secs_f64(),
        missed.len(),
        wrong.len()
    );
    if !missed.is_empty() {
        crate::support::leave_out(
            "cells of the servers' fault matrix",
            &format!("their step was over before it was struck: {missed:?}"),
        );
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // What takes milliseconds may be over before it is struck.
    assert!(
        missed.len() * 10 <= missed.len() + judged.len(),
        "too many were missed: {missed:?}"
    );
}

/// What boots servers.
mod real {
    use super::*;

    #[test]
    fn what_befalls_a_server_ends_as_it_must() {
        if let Ok(only) = std::env::var("CLAWDWAKO_FAULTS") {
            let named = |(fault, step): &Cell| {
                let name = format!("{fault:?}.{}", step.name());
                only.split(',')
                    .any(|o| name.starts_with(o) || name.ends_with(&format!(".{o}")))
            };
            let cells: Vec<Cell> = whole().into_iter().filter(named).collect();
            assert!(!cells.is_empty(), "no cell is called {only}");
            // One after the other where that can be, so that what one leaves is met by the next.
            return run("chosen", trips(&cells, 1));
        }
        if crate::e2e::whole() {
            return run("whole", trips(&whole(), SIDE_BY_SIDE));
        }
        let cells = sample();
        let left = Fault::ALL.iter().filter(|&&f| !cells.iter().any(|c| c.0 == f));
        crate::support::leave_out(
            "most cells of the servers' fault matrix",
            &format!(
                "a diagonal ran, without {:?}; CLAWDWAKO_TESTS=whole runs every cell",
                left.collect::<Vec<_>>()
            ),
        );
        run("sample", trips(&cells, SIDE_BY_SIDE));
    }
}

#[test]
fn the_sample_covers_each_row_that_is_quick_somewhere_and_each_column() {
    let cells = sample();
    let quick = |f: &Fault| columns().into_iter().any(|s| f.fits(s) && f.seconds(s) <= PATIENT);
    assert!(
        Fault::ALL
            .iter()
            .filter(|f| quick(f))
            .all(|&f| cells.iter().any(|c| c.0 == f))
    );
    assert!(columns().into_iter().all(|s| cells.iter().any(|c| c.1 == s)));
    let shared: usize = trips(&cells, SIDE_BY_SIDE).iter().map(Vec::len).sum();
    assert_eq!(shared, cells.len());
    let shared: usize = trips(&whole(), SIDE_BY_SIDE).iter().map(Vec::len).sum();
    assert_eq!(shared, whole().len());
}
