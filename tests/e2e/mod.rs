//! Whole deployments: the real binary, the sandbox, real servers, the real agent. They need
//! Linux, root and the sandbox's packages, and fail where those are missing.
//!
//! `CLAWDWAKO_TESTS=whole` makes the two matrices whole: every provider and every step. Without
//! it a sample runs that still touches every step.

mod cage;
mod control_server;
mod failing;
mod hardening;
pub mod hostile;
mod killed;
mod life;
mod machine;
mod providers;
mod secrecy;
mod takeover;
pub mod world;

/// Whether the matrices are to be whole.
pub fn whole() -> bool {
    std::env::var("CLAWDWAKO_TESTS").is_ok_and(|v| v == "whole")
}
