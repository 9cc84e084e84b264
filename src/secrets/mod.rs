//! Secrets: a type that never prints, sealing at rest, the master key, and taking them out of texts.

pub mod bearer;
pub mod keyring;
pub mod master;
mod redact;
pub mod seal;
mod secret;

pub use redact::Redactor;
pub use secret::Secret;
