//! Which cells run, side by side, and what is told about them.

use super::cell::Cell;
use super::columns::{self, Column};
use super::rows::{self, Row};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many cells run side by side: almost all of their time is waiting.
const SIDE_BY_SIDE: usize = 48;

/// After how many cells it is told how far it is.
const REPORT: usize = 200;

/// The whole matrix.
pub struct Matrix {
    rows: Vec<Arc<Row>>,
    columns: Vec<Arc<Column>>,
}

impl Matrix {
    pub async fn new() -> Matrix {
        Matrix {
            rows: rows::all().into_iter().map(Arc::new).collect(),
            columns: columns::all().await.into_iter().map(Arc::new).collect(),
        }
    }

    /// Every cell.
    pub fn whole(&self) -> Vec<Cell> {
        let all = (0..self.rows.len()).flat_map(|r| (0..self.columns.len()).filter_map(move |c| self.cell(r, c)));
        all.collect()
    }

    /// Every cell whose name holds this text.
    pub fn named(&self, text: &str) -> Vec<Cell> {
        let mut cells = self.whole();
        cells.retain(|cell| cell.to_string().contains(text));
        assert!(!cells.is_empty(), "no cell is named like {text:?}");
        cells
    }

    /// A diagonal that covers each row and each column at least once, as far as cells of at most
    /// so many seconds do.
    pub fn sample(&self, seconds: u64) -> Vec<Cell> {
        self.diagonal(seconds, |a, b| a == b)
    }

    /// The same, with one call for all calls of a step.
    pub fn small_sample(&self, seconds: u64) -> Vec<Cell> {
        self.diagonal(seconds, |a, b| a.step == b.step)
    }

    /// `alike`: whether a cell of one column covers the other.
    fn diagonal(&self, seconds: u64, alike: fn(&Column, &Column) -> bool) -> Vec<Cell> {
        let quick = |r: usize, c: usize| self.cell(r, c).filter(|cell| cell.row.seconds(&cell.column) <= seconds);
        let (height, width) = (self.rows.len(), self.columns.len());
        let mut cells: Vec<Cell> = Vec::new();
        for r in 0..height {
            // A stride that shares no factor with most widths, so that the diagonal spreads.
            cells.extend((0..width).find_map(|i| quick(r, (r * 7 + i) % width)));
        }
        for c in 0..width {
            if !cells.iter().any(|cell| alike(&cell.column, &self.columns[c])) {
                cells.extend((0..height).find_map(|i| quick((c * 5 + i) % height, c)));
            }
        }
        cells
    }

    fn cell(&self, row: usize, column: usize) -> Option<Cell> {
        let (row, column) = (self.rows[row].clone(), self.columns[column].clone());
        row.fits(&column).then_some(Cell { row, column })
    }

    /// Runs cells, tells how many and how long, and fails with all that are not as they must be.
    pub async fn run(&self, what: &str, mut cells: Vec<Cell>) {
        // The longest first, so that none is left alone at the end.
        cells.sort_by_key(|cell| std::cmp::Reverse(cell.row.seconds(&cell.column)));
        let (begun, count) = (Instant::now(), cells.len());
        let covered = |is: &dyn Fn(&Cell) -> usize| {
            let mut seen: Vec<usize> = cells.iter().map(is).collect();
            seen.sort_unstable();
            seen.dedup();
            seen.len()
        };
        let rows = covered(&|cell| Arc::as_ptr(&cell.row) as usize);
        let columns = covered(&|cell| Arc::as_ptr(&cell.column) as usize);
        let (room, mut running) = (Arc::new(Semaphore::new(SIDE_BY_SIDE)), JoinSet::new());
        for cell in cells {
            let room = room.clone();
            running.spawn(async move {
                let _place = room.acquire_owned().await.unwrap();
                cell.run().await
            });
        }
        let (mut wrong, mut done) = (Vec::new(), 0);
        while let Some(ended) = running.join_next().await {
            done += 1;
            if done % REPORT == 0 {
                println!("{done} of {count} cells after {:.0} s", begun.elapsed().as_secs_f64());
            }
            let why = match ended {
                Ok(Ok(())) => continue,
                Ok(Err(why)) => why,
                Err(e) => format!("a cell crashed: {e}"),
            };
            // At once: the whole matrix takes long.
            println!("WRONG {why}");
            wrong.push(why);
        }
        println!(
            "FIGURE faults ({what}): {count} cells of {} rows and {} columns ({rows} rows and {columns} columns covered) in {:.0} s, {} wrong",
            self.rows.len(),
            self.columns.len(),
            begun.elapsed().as_secs_f64(),
            wrong.len()
        );
        wrong.sort();
        assert!(
            wrong.is_empty(),
            "{} of {count} cells:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}
