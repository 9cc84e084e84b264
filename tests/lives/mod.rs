//! Whole lives of bots on played servers: many at once, in every order that chance brings, and at a
//! control server.

mod backup;
mod chance;
mod gate;
mod gone;
mod host_keys;
mod many;
pub mod passes;
mod stop;
mod verbs;
pub mod world;
