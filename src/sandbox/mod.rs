//! A local world without accounts: stand-ins that speak the real protocols, and servers that
//! are real machines.

pub mod cache;
pub mod digitalocean;
pub mod fault;
pub mod google;
pub mod hetzner;
pub mod hosts;
pub mod image;
pub mod models;
pub mod net;
pub mod prerequisites;
mod record;
mod shell;
pub mod telegram;
pub mod world;
