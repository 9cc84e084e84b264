//! SSH: one session per deployment, a pinned host key, scripts whose output streams.

pub mod client;
pub mod host_key;
pub mod script;
pub mod tunnel;

pub use client::Session;
pub use host_key::{KeyPair, generate};
pub use script::{Output, Script};
