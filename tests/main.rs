#![allow(clippy::unwrap_used, clippy::expect_used)]
//! The integration tests.

mod openclaw;
