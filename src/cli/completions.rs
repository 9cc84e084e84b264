//! `clawdwako completions SHELL`

use super::args::Cli;
use super::output::Printer;
use crate::error::Result;
use clap::CommandFactory;
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  clawdwako completions bash > clawdwako.bash
  clawdwako completions zsh > ~/.zfunc/_clawdwako
  clawdwako completions fish > ~/.config/fish/completions/clawdwako.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, printer: &Printer) -> Result<()> {
    printer.raw(&script(args.shell))
}

/// The completion script of a shell.
pub(super) fn script(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "clawdwako", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
