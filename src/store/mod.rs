//! All SQL: one file a table. The SQL is numbered-parameter text that SQLite and PostgreSQL
//! both take as it is, and only `engine/` knows which of the two it talks to.

mod allowances;
mod audit;
mod bots;
mod checks;
mod deployments;
mod engine;
mod events;
mod idempotency;
mod jobs;
mod keep;
mod local_bots;
mod logins;
mod migrate;
mod packages;
mod quota;
mod rekey;
mod retention;
mod samples;
mod secrets;
mod spent_proofs;
mod steps;
mod subscriptions;
mod tokens;
mod users;
mod uses;
mod worker;

pub use allowances::Rate;
pub use audit::{AuditEntry, BEGUN, Deed};
pub(crate) use bots::not_here;
pub use bots::{BotFilter, BotQuery};
pub use engine::{News, Row, Store, Tx, Value, Waker};
pub use idempotency::Begun;
pub use jobs::{JobFilter, Lease, Limits, ListedJob};
pub use local_bots::LocalBot;
pub use logins::Login;
pub use quota::Demand;
pub use secrets::Owner;
pub use uses::By;
pub use worker::Worker;
