//! The clouds' clients, each quirk of theirs once, and the HTTP client below them.

pub mod contract;
mod digitalocean;
mod digitalocean_server;
mod hetzner;
mod hetzner_server;
mod http;
mod specs;
mod support;
