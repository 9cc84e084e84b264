//! The command line: one file a verb.
//!
//! [`parse`] makes a [`args::Cli`] of the arguments, [`run`] does it; errors come back to
//! `main`, which has them rendered by the one [`output::Printer`].

mod account;
pub mod args;
mod completions;
mod context;
pub mod deploy;
mod destroy;
pub mod doctor;
pub mod format;
mod generate;
mod guard;
mod keeper;
mod lifecycle;
mod list;
mod login;
mod logs;
mod open;
pub mod output;
pub mod progress;
mod prompt;
mod remote;
mod resume;
pub mod sandbox;
mod sandbox_run;
mod secrets;
mod server;
mod servers;
mod set;
mod shop;
mod signals;
mod ssh;
mod start;
mod status;
mod subscription;
mod sync;
mod table;
mod version;
mod work;

pub use context::Context;
pub use start::{Start, parse};

use crate::error::Result;
use args::{Cli, Command};
use output::Printer;
use std::sync::Arc;

/// Does what a command line asks for. Commands that neither wait nor read settings run at
/// once; the others get a runtime, and end at Ctrl-C.
///
/// # Errors
/// Whatever the verb's are; `interrupted` after Ctrl-C or SIGTERM.
pub fn run(cli: Cli, printer: &Arc<Printer>) -> Result<()> {
    let Cli { global, command } = cli;
    match command {
        Command::Version(args) => return version::run(&args, printer),
        Command::Completions(args) => return completions::run(&args, printer),
        Command::Generate(args) => return generate::run(&args, printer),
        _ => {}
    }
    let mut context = Context::new(&global, printer.clone())?;
    context.lines = matches!(command, Command::Deploy(_) | Command::Resume(_));
    if let Command::Sandbox(args) = &command
        && args.is_server()
    {
        // It hears signals itself, and takes its servers down before it ends.
        return signals::to_its_end(async move { dispatch(command, &mut context).await });
    }
    if let Command::Server(args) = &command
        && args.is_daemon()
    {
        return signals::to_its_end(async move {
            if context.config.sandbox {
                sandbox_run::enter(&mut context).await?;
            }
            dispatch(command, &mut context).await
        });
    }
    if context.config.remote.wanted
        && let Some(verb) = only_here(&command)
    {
        return Err(remote::only_here(verb));
    }
    let works = matches!(
        command,
        Command::Deploy(_)
            | Command::Resume(_)
            | Command::Start(_)
            | Command::Restart(_)
            | Command::Set(_)
            | Command::Destroy(_)
    );
    let left = match (works, context.config.remote.wanted) {
        (false, _) => None,
        (true, false) => Some("nothing is lost: `clawdwako resume` goes on where it stopped"),
        (true, true) => Some("the control server goes on with what it has begun: `clawdwako status --watch` shows how"),
    };
    let work = async move {
        if context.config.sandbox && needs_world(&command, context.config.remote.wanted) {
            sandbox_run::enter(&mut context).await?;
        }
        dispatch(command, &mut context).await
    };
    signals::interruptible(work, printer, left)
}

/// The verb, if it is about this machine's own bots and servers alone.
fn only_here(command: &Command) -> Option<&'static str> {
    Some(match command {
        Command::Ssh(_) => "ssh",
        Command::Open(_) => "open",
        Command::Servers(_) => "servers",
        Command::Regions(_) => "regions",
        Command::Sizes(_) => "sizes",
        _ => return None,
    })
}

/// Whether a command talks to the outside world, so that with `--sandbox` one has to be there.
fn needs_world(command: &Command, remote: bool) -> bool {
    // What the sandbox tells may be what the control server is to keep.
    if matches!(command, Command::Secrets(_)) {
        return remote;
    }
    !matches!(
        command,
        Command::Sandbox(_) | Command::List(_) | Command::Server(_) | Command::Subscription(_) | Command::Sync(_)
    )
}

async fn dispatch(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Deploy(args) => deploy::run(*args, context).await,
        Command::Resume(args) => resume::run(args, context).await,
        Command::Status(args) => status::run(args, context).await,
        Command::List(args) => list::run(args, context).await,
        Command::Logs(args) => logs::run(args, context).await,
        Command::Stop(args) => lifecycle::stop(args, context).await,
        Command::Start(args) => lifecycle::start(args, context).await,
        Command::Restart(args) => lifecycle::restart(args, context).await,
        Command::Set(args) => set::run(args, context).await,
        Command::Destroy(args) => destroy::run(args, context).await,
        Command::Ssh(args) => ssh::run(args, context).await,
        Command::Open(args) => open::run(args, context).await,
        Command::Server(args) => server::run(args, context).await,
        Command::Servers(args) => servers::run(args, context).await,
        Command::Regions(args) => shop::regions(args, context).await,
        Command::Sizes(args) => shop::sizes(args, context).await,
        Command::Secrets(args) => secrets::run(args, context).await,
        Command::Login(args) => login::login(args, context).await,
        Command::Logout(args) => login::logout(args, context).await,
        Command::Whoami(args) => login::whoami(args, context).await,
        Command::Subscription(args) => subscription::run(args, context).await,
        Command::Sync(args) => sync::run(args, context).await,
        Command::Doctor(args) => doctor::run(args, context).await,
        Command::Sandbox(args) => sandbox_run::run(args, context).await,
        Command::Version(_) | Command::Completions(_) | Command::Generate(_) => Ok(()),
    }
}

/// Chooses the one crypto library for all TLS; harmless to call again.
pub(crate) fn crypto() {
    // An error means that it was chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
