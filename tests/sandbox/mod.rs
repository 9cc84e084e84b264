//! The sandbox.

mod hosts;
