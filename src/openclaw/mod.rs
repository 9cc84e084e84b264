//! What stands on the server: models, configuration, install scripts as pure values, the
//! systemd unit, and the health checks.
//!
//! Nothing here talks to anybody: [`scripts`] are values that the SSH layer runs, [`health`]
//! judges what they bring back.

pub mod cage;
pub mod catalog;
pub mod cloud_init;
pub mod config;
pub mod engines;
pub mod health;
pub mod journal;
pub mod layout;
mod npm_unit;
pub mod packages;
pub mod registry;
pub mod scripts;
pub mod trouble;
pub mod unit;
pub mod validation;
