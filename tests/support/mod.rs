//! What several tests share.

pub mod alone;
pub mod api;
pub mod bots;
pub mod canaries;
pub mod cli;
pub mod cloud;
pub mod engine;
pub mod fleet;
pub mod gateway;
pub mod ground;
pub mod held;
pub mod parsers;
pub mod people;
pub mod port;
pub mod postgres;
pub mod proxy;
pub mod recorder;
pub mod replica;
pub mod sealed;
pub mod skipped;
pub mod spec;
pub mod tools;
pub mod wire;
pub mod workers;

pub use skipped::{leave_out, skip};

/// A name that has no address. A part of it is longer than the 63 bytes that a name server takes
/// (RFC 1035), so that none is asked: one outside may be slow, or not answer at all.
pub fn no_such_host() -> String {
    format!("{}.invalid", "x".repeat(64))
}
