//! The matrix of the local ground: what goes wrong on the user's own machine, when any step
//! begins whose server need not answer yet. The real binary, a home of its own.

mod ground;
mod rows;

use clawdwako::deploy::Step;
use clawdwako::model::{JobKind, ProviderKind};
use ground::Local;
use rows::Fault;
use std::sync::Mutex;
use std::time::Instant;

/// How many cells run side by side.
const SIDE_BY_SIDE: usize = 6;

/// The columns: the steps up to the one that waits for the server.
fn columns() -> Vec<Step> {
    let all = Step::of(JobKind::ProvisionServer).iter().copied();
    let rented = all.filter(|s| s.applies(ProviderKind::Hetzner));
    rented.take_while(|&s| s != Step::Connect).collect()
}

/// A diagonal over rows and columns, or all of it.
pub fn cells(slow: bool, whole: bool) -> Vec<(Fault, Step)> {
    let columns = columns();
    let rows: Vec<Fault> = Fault::ALL.iter().copied().filter(|f| slow || !f.is_slow()).collect();
    let longer = rows.len().max(columns.len());
    let all = (0..rows.len()).flat_map(|r| (0..columns.len()).map(move |c| (r, c)));
    let on_it = |r: usize, c: usize| (0..longer).any(|i| (i % rows.len(), i % columns.len()) == (r, c));
    all.filter(|&(r, c)| whole || on_it(r, c))
        .map(|(r, c)| (rows[r], columns[c]))
        .collect()
}

fn one(fault: Fault, step: Step) -> Result<(), String> {
    let local = Local::new(fault.needs_disk());
    let mut story = local.deploy();
    if !story.until("step_started", step.name()) {
        return Err(format!("did not come there: {}", story.last));
    }
    fault.strike(&local, story, step)?;
    local.finish()
}

/// Runs cells, tells how many and how long, and fails with all that are not as they must be.
pub fn run(what: &str, mut cells: Vec<(Fault, Step)>) {
    let begun = Instant::now();
    if !rustix::process::geteuid().is_root() {
        crate::support::skip(
            "a full disk and one that can only be read",
            "making a small disk needs root",
        );
        cells.retain(|(fault, _)| !fault.needs_disk());
    }
    let count = cells.len();
    let (waiting, wrong) = (Mutex::new(cells), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some((fault, step)) = waiting.lock().unwrap().pop() else {
                        return;
                    };
                    if let Err(why) = one(fault, step) {
                        let why = format!("{fault:?} | {}: {why}", step.name());
                        wrong.lock().unwrap().push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!(
        "FIGURE local faults ({what}): {count} cells of {} rows and {} columns in {:.0} s, {} wrong",
        Fault::ALL.len(),
        columns().len(),
        begun.elapsed().as_secs_f64(),
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {count} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_diagonal_of_quick_cells_ends_as_it_must() {
    run("daily", cells(false, false));
}

/// A failure is one also if nobody reads on.
#[test]
fn a_deployment_that_fails_without_a_reader_does_not_exit_well() {
    let local = Local::new(false);
    local.refuse_servers();
    let mut story = local.deploy();
    assert!(story.until("step_started", "make_keys"), "{}", story.last);
    let code = story.unread().wait().unwrap().code();
    assert_eq!(code, Some(4), "the quota is reached");
}
