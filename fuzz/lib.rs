//! The parsers under test.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/parsers.rs"]
pub mod parsers;
