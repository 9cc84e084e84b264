//! Looks after what stands, for as long as a control server runs.
//!
//! [`Watch`] claims bots that are due one after the other and has each looked at: [`look`] asks
//! over SSH, [`check`] decides: well, restarted once, or failed. Beside it [`orphans`] compares
//! what the clouds have with what the store knows.

mod check;
mod look;
mod orphans;
mod retention;
mod watch;

pub use check::{Found, check};
pub use look::{Ask, Look, Seen, by_ssh};
pub use orphans::{Account, OPERATOR, Orphan, orphans, remove};
pub use retention::forget_old;
pub use watch::{Accounts, Network, Settings, Watch};
