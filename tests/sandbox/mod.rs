//! The sandbox.

mod digitalocean;
mod hetzner;
mod real_clients;
mod schema;
