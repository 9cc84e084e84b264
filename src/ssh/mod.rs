//! SSH: one session per deployment, a pinned host key, scripts whose output streams.
//!
//! [`client`] is the session and how it is reached, [`pin`] what it demands of the server,
//! [`script`] and [`supervise`] what is sent to bash, [`run`] the sending and the reading back,
//! [`lines`] how output becomes lines, [`shell`] and [`terminal`] a user at the keyboard,
//! [`relay`] a way to a port on the server's loopback, [`tunnel`] one from a local port,
//! [`host_key`] and [`known_hosts`] keys.

pub mod client;
pub mod host_key;
pub mod known_hosts;
pub mod lines;
mod pin;
mod reach;
pub mod relay;
mod run;
pub mod script;
pub mod shell;
mod supervise;
pub mod terminal;
pub mod tunnel;

pub use client::Session;
pub use host_key::{KeyPair, generate};
pub use reach::scan;
pub use relay::{Opened, Relay};
pub use script::{Output, Script};
pub use shell::{Pty, Streams};
pub use tunnel::Tunnel;
