//! clawdwako: one command puts a personal AI agent on Telegram, on a server that you own.
//!
//! The map of the house. The way of a deployment:
//!
//! 1. [`cli`] reads the command line ([`cli::parse`]), gathers settings from [`config`] and
//!    answers from the user into a [`deploy::NewBot`].
//! 2. [`deploy::create`] writes bot, deployment, jobs and sealed [`secrets`] into the [`store`],
//!    before anything is done.
//! 3. [`jobs::drain`] claims the deployment's jobs one after the other, keeps the lease, and
//!    gives each to [`deploy::run`], which does the [`deploy::steps`] of that job that are not
//!    done yet. **The table in `deploy/steps/mod.rs` is the whole of a deployment.**
//! 4. The steps use [`provider`] (rents servers), [`ssh`] (runs scripts on them), [`openclaw`]
//!    (what stands on the server, as pure values), [`telegram`] and [`models`] (proofs of
//!    credentials). All of those that speak HTTP do so through [`http`].
//! 5. Every step tells [`deploy::Reporter`] what happens; terminal, plain lines and JSON lines
//!    are in `cli/progress.rs`, and the store keeps the story.
//!
//! At a control server the same pipeline is begun by a request: [`api`] answers it (the map of
//! that is `api/server/mod.rs`), writes down and queues; a [`jobs::Crew`] works the jobs of all
//! users off, and [`health`] looks after the bots that stand. `cli/server.rs` has its roles, and
//! `api/client` is how the command line talks to one.
//!
//! [`report`] tells Sentry of a control server's errors.
//!
//! Beside it: [`google`] signs users in, [`model`] is the plain data with the tables of legal
//! status changes, [`error`] is the one error type, [`private`] writes local files, and
//! [`sandbox`] is a local world in which all of this runs without any account.
//!
//! Who may use whom: `cli` everything; `api/server` → `store`, `jobs`, `deploy` (to queue),
//! `secrets`, `google`, `telegram`, `provider`; `health`, `jobs` → `deploy` → `provider`, `ssh`, `openclaw`,
//! `telegram`, `models` → `http`; `store`, `deploy`, `jobs` → `model`; all may use `error`
//! and `private`. A client never uses the store. Only `cli` prints, and only `config` reads the
//! environment and the home directory.

pub mod api;
pub mod cli;
pub mod config;
pub mod deploy;
pub mod error;
pub mod google;
pub mod health;
pub mod http;
pub mod jobs;
pub mod model;
pub mod models;
pub mod openclaw;
pub mod private;
pub mod provider;
pub mod report;
pub mod sandbox;
pub mod secrets;
pub mod ssh;
pub mod store;
pub mod telegram;
