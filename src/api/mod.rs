//! The control server's HTTP API: the types that both sides share, the server, and the client.

pub mod client;
pub mod server;
pub mod types;
