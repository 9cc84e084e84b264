//! All SQL: one file a table. SQLite today; the SQL is numbered-parameter text that
//! PostgreSQL takes as it is, and only `engine.rs` knows which engine it talks to.

mod bots;
mod deployments;
mod engine;
mod events;
mod jobs;
mod migrate;
mod secrets;
mod steps;

pub use bots::BotFilter;
pub use engine::{Row, Store, Tx, Value};
pub use jobs::Lease;
pub use secrets::Owner;
pub use steps::StepRecord;
