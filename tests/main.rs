#![allow(clippy::unwrap_used, clippy::expect_used)]
//! The integration tests.

mod cli;
mod provider;
mod sandbox;
mod support;
