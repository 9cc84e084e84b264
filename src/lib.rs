//! The map of the house.

pub mod cli;
pub mod config;
pub mod deploy;
pub mod error;
pub mod google;
pub mod http;
pub mod jobs;
pub mod model;
pub mod models;
pub mod openclaw;
pub mod provider;
pub mod sandbox;
pub mod secrets;
pub mod ssh;
pub mod store;
pub mod telegram;
