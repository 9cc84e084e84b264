//! What stands on the server: models, configuration, install scripts as pure values, the
//! systemd unit, and the health checks.

pub mod catalog;
pub mod cloud_init;
pub mod config;
pub mod health;
pub mod scripts;
pub mod unit;
