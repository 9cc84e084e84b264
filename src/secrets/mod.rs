//! Secrets: a type that never prints, sealing at rest, and the master key.

pub mod bearer;
pub mod keyring;
pub mod master;
pub mod seal;
mod secret;

pub use secret::Secret;
