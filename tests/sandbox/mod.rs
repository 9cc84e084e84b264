//! The sandbox.

mod bench;
mod daemon;
mod hosts;
mod node_mirror;
