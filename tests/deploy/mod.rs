//! What becomes of a bot's records, secrets and things at its cloud: deployed, changed, destroyed.

mod change;
mod create;
mod destroy;
mod exclusive;
mod ground;
mod leaving;
mod retry;
mod talk;
mod whole;
