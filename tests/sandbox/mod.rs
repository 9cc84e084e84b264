//! The sandbox.

mod bench;
mod daemon;
mod digitalocean;
mod hetzner;
mod hosts;
mod node_mirror;
mod real_clients;
mod schema;
