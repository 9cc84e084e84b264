//! What the README says is so.

use crate::support::cli::{all_commands, repository};
use clap::Parser;
use clawdwako::cli::args::Cli;

fn readme() -> String {
    std::fs::read_to_string(repository().join("README.md")).unwrap()
}

/// The words of a shell line up to a comment, quotes taken off.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" #").next().unwrap();
    let mut words = Vec::new();
    let mut quoted = false;
    for part in line.split('"') {
        if quoted {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(Into::into));
        }
        quoted = !quoted;
    }
    words
}

#[test]
fn every_command_line_in_it_is_one() {
    let readme = readme();
    let mut tried = 0;
    for block in readme.split("```sh\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            let Some((_, rest)) = line.split_once("clawdwako ") else {
                continue;
            };
            if rest.contains('…') || rest.contains(" | ") {
                continue;
            }
            let line = ["clawdwako".to_owned()].into_iter().chain(words(rest));
            Cli::try_parse_from(line).unwrap_or_else(|e| panic!("{rest}: {e}"));
            tried += 1;
        }
    }
    assert!(tried >= 6, "only {tried} command lines were found");
}

#[test]
fn it_names_every_command() {
    let readme = readme();
    for command in all_commands().iter().filter(|words| words.len() == 1) {
        assert!(
            readme.contains(&format!("`{}", command[0])) || readme.contains(&format!("{} ", command[0])),
            "{command:?}"
        );
    }
}

#[test]
fn it_shows_the_exit_codes_and_files_that_there_are() {
    let readme = readme();
    for code in [
        "0 done",
        "2 usage",
        "3 not found",
        "4 refused",
        "5 needs you",
        "130 interrupted",
    ] {
        assert!(readme.contains(code), "{code}");
    }
    for file in [
        "install.sh",
        "tests/run",
        ".ci/run",
        "src/lib.rs",
        "src/deploy/steps/mod.rs",
    ] {
        assert!(readme.contains(file) && repository().join(file).exists(), "{file}");
    }
}
