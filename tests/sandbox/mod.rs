//! The sandbox.

mod bench;
mod daemon;
mod digitalocean;
mod faults;
mod google;
mod hetzner;
mod hosts;
mod models;
mod net;
mod node_mirror;
mod npm_mirror;
mod real_clients;
mod schema;
pub mod stand_ins;
mod telegram;
mod telegram_schema;
