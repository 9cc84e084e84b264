//! The control server through its own port: the project's client and a plain HTTP client, on
//! both engines.

mod accounts;
mod agent_log;
mod ceiling;
mod connections;
mod document;
mod early;
mod forged;
mod guard;
mod home;
mod images;
mod killed;
mod live;
mod load;
mod malformed;
mod once;
mod packages;
mod proof;
mod quiet;
mod rules;
mod schemathesis;
mod sign_in;
mod streams;
mod taken_down;
mod webhook;
