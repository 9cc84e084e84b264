//! What stands on the server, held as snapshots: a change there has to be seen.
#![allow(clippy::print_stderr, reason = "a test that is skipped has to say so")]

const COMMON: &str = include_str!("../../assets/host/common.sh");

mod gateway;
mod inspect;
mod install;
mod knock;
mod look;
mod put;
mod scripts;
mod sshd;
mod stop;
mod telegram;
mod tree;
