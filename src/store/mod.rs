//! All SQL: one file a table. The SQL is numbered-parameter text that SQLite and PostgreSQL
//! both take as it is, and only `engine/` knows which of the two it talks to.

mod allowances;
mod bots;
mod deployments;
mod engine;
mod events;
mod jobs;
mod keep;
mod migrate;
mod secrets;
mod steps;

pub use allowances::Rate;
pub use bots::BotFilter;
pub use engine::{News, Row, Store, Tx, Value, Waker};
pub use jobs::{JobFilter, Lease, Limits, ListedJob};
pub use secrets::Owner;
pub use steps::StepRecord;
