//! The fault matrix: a row is a fault, a column is a call of a step. A new row or a new step
//! brings its cells by itself.
//!
//! Every cell demands the same: the step gets over the fault or fails with a named error that
//! says what to do next, within its deadline; nothing is doubled at the cloud; the store is
//! whole; the same command again finishes once the fault is over; a destroy leaves nothing; no
//! secret is to be read anywhere.
//!
//! Each day a diagonal of quick cells over rows and steps runs, with `tests/run` one over all
//! rows and calls, and with `CLAWDWAKO_TESTS=whole` the whole matrix. `CLAWDWAKO_CELLS=text`
//! runs those cells alone whose names hold the text, such as one that was told to be wrong.

mod cell;
mod columns;
mod door;
mod ground;
mod local;
mod matrix;
mod rows;
mod servers;

use matrix::Matrix;

/// The longest cell of the daily run, in seconds.
const QUICK: u64 = 8;
/// The longest cell of the sample in `tests/run`, in seconds.
const PATIENT: u64 = 160;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_diagonal_of_quick_cells_ends_as_it_must() {
    let matrix = Matrix::new().await;
    matrix.run("daily", matrix.small_sample(QUICK)).await;
}

/// What takes minutes: not in the daily run.
mod long {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_fault_at_every_step_ends_as_it_must() {
        let matrix = Matrix::new().await;
        if let Ok(text) = std::env::var("CLAWDWAKO_CELLS") {
            return matrix.run(&text, matrix.named(&text)).await;
        }
        if crate::e2e::whole() {
            return matrix.run("whole", matrix.whole()).await;
        }
        crate::support::leave_out(
            "most cells of the fault matrix",
            "a diagonal over all rows and columns ran; CLAWDWAKO_TESTS=whole runs every cell",
        );
        matrix.run("sample", matrix.sample(PATIENT)).await;
    }

    #[test]
    fn every_local_fault_at_every_step_ends_as_it_must() {
        let whole = crate::e2e::whole();
        local::run(if whole { "whole" } else { "sample" }, local::cells(true, whole));
    }
}
