//! A local world without accounts: stand-ins that speak the real protocols, and servers that
//! are real machines.

pub mod address;
pub mod cache;
pub mod client;
mod cloud;
pub mod control;
pub mod daemon;
pub mod digitalocean;
pub mod fault;
pub mod google;
pub mod hetzner;
mod host_routes;
pub mod hosts;
pub mod image;
pub mod keys;
pub mod models;
pub mod net;
pub mod node_mirror;
pub mod npm_mirror;
pub mod prerequisites;
mod random;
mod record;
mod refusal;
mod send_file;
mod shell;
mod sync;
pub mod telegram;
pub mod world;
