//! What stands on the server: models, configuration, install scripts as pure values, the
//! systemd unit, and the health checks.
//!
//! Nothing here opens a connection: [`scripts`] are values that the SSH layer runs, [`look`] and
//! [`health`] read and judge what they bring back, [`gateway`] speaks the agent's protocol over
//! whatever stream it is given.

pub mod cage;
pub mod catalog;
pub mod cloud_init;
pub mod config;
pub mod engines;
pub mod gateway;
pub mod health;
pub mod journal;
pub mod layout;
pub mod look;
mod npm_unit;
pub mod packages;
pub mod registry;
pub mod scripts;
pub mod trouble;
pub mod unit;
pub mod validation;

/// The smallest server that an agent runs on, in MiB as clouds sell them; see the facts on its memory in
/// [`unit`].
pub const MIN_MEMORY_MB: i64 = 2_000;
