//! The integration tests: one binary, one folder an area.
#![allow(clippy::print_stderr, clippy::print_stdout)]

mod store;
mod support;
