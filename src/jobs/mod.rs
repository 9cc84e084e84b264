//! The durable queue on the store (rows in `store/jobs.rs`), and the loop that works it off.

mod worker;

pub use worker::{Worker, drain};
