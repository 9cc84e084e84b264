//! The integration tests: one binary, one folder an area.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, clippy::print_stdout)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests are told by their environment what to run"
)]

mod api;
mod bench;
mod cli;
mod clients;
mod deploy;
mod e2e;
mod faults;
mod health;
mod jobs;
mod layout;
mod lives;
mod openclaw;
mod parsers;
mod provider;
mod sandbox;
mod ssh;
mod store;
mod support;
