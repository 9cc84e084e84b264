//! The project's own client of a control server, one file a subject. It never uses a store.

mod account;
mod bots;
mod call;
mod deploy;
mod live;

pub use call::Client;
pub use live::Events;
