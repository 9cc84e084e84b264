//! SSH against a real OpenSSH server on loopback.

mod connect;
mod environment;
mod hostile;
mod keys;
mod running;
pub mod server;
mod shell;
mod tunnel;
