//! The command line, as a user meets it.

mod admin;
mod audit;
mod certificate;
mod config;
mod files;
mod generated;
mod help;
mod hostile;
mod install;
mod key;
mod member;
mod output;
mod readme;
mod remote;
mod report;
mod secrets;
mod speed;
mod usage;
