//! The control server's HTTP API: the types that both sides share, and the server.

pub mod server;
pub mod types;
