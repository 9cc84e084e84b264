//! The command line, as a user meets it.

mod admin;
mod config;
mod generated;
mod help;
mod install;
mod output;
mod readme;
mod secrets;
mod speed;
mod usage;
