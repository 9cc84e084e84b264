// Tests tell what they skip and measure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]
//! The integration tests.

mod clients;
mod provider;
mod sandbox;
mod ssh;
mod store;
