//! A local world without accounts: stand-ins that speak the real protocols, and servers that
//! are real machines.

pub mod cloud;
pub mod digitalocean;
pub mod fault;
pub mod google;
pub mod hetzner;
pub mod hosts;
pub mod models;
pub mod telegram;
pub mod world;
