//! `clawdwako generate DIR`: writes what is made from the grammar and from the API's handlers,
//! and kept in the repository.

use super::args::Cli;
use super::completions::script;
use super::output::Printer;
use crate::error::{Error, Kind, Result, internal};
use clap::CommandFactory;
use clap_complete::{Generator, Shell};
use clap_mangen::Man;
use std::path::{Path, PathBuf};

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  clawdwako generate .      from the top of the repository")]
pub struct GenerateArgs {
    /// Folder that gets `completions/`, `man/` and `assets/api/`
    dir: PathBuf,
}

pub(super) fn run(args: &GenerateArgs, printer: &Printer) -> Result<()> {
    let files = files()?;
    for (path, text) in &files {
        let path = args.dir.join(path);
        let failed =
            |e: std::io::Error| Error::new(Kind::Io, format!("{} cannot be written", path.display())).because(e);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
        std::fs::write(&path, text).map_err(failed)?;
    }
    printer.note(&format!("{} files written", files.len()));
    Ok(())
}

/// Every generated file: its path below the repository's top, and what is in it.
fn files() -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell] {
        files.push((
            Path::new("completions").join(shell.file_name("clawdwako")),
            script(shell),
        ));
    }
    let api = crate::api::server::document()
        .to_pretty_json()
        .map_err(|_| internal("the API's document could not be written"))?;
    files.push((PathBuf::from("assets/api/openapi.json"), format!("{api}\n")));
    let mut top = Cli::command().disable_help_subcommand(true);
    top.build();
    pages(&top, &mut files)?;
    Ok(files)
}

fn pages(command: &clap::Command, files: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
        pages(sub, files)?;
    }
    // Without a date: it would make the pages stale every day.
    let man = Man::new(command.clone()).manual("clawdwako").date("");
    let mut text = Vec::new();
    man.render(&mut text)?;
    files.push((
        Path::new("man").join(man.get_filename()),
        String::from_utf8_lossy(&text).into_owned(),
    ));
    Ok(())
}
