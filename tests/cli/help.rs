//! Every command explains itself.

use crate::support::cli::{Home, all_commands};

#[test]
fn every_command_has_help_with_an_example_in_80_columns() {
    let home = Home::new();
    let mut whole = String::new();
    let commands = all_commands();
    assert!(
        commands.len() > 35,
        "the walk found too few commands: {}",
        commands.len()
    );
    for words in commands {
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        args.push("--help");
        let ran = home.run(&args).ok();
        let name = format!("clawdwako {}", words.join(" "));
        assert!(ran.err.is_empty(), "{name}: {}", ran.err);
        assert!(ran.out.contains("Example"), "{name} has no example");
        let example = ran.out.split("Example").nth(1).unwrap();
        assert!(
            example.contains(name.trim_end()),
            "the example of {name} does not call it"
        );
        for line in ran.out.lines() {
            assert!(line.chars().count() <= 80, "{name}: a line is too long: {line}");
        }
        whole.push_str(&format!("$ {} --help\n{}\n", name.trim_end(), ran.out));
    }
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("help", whole);
    });
}

/// clap would break a longer line in the middle of a word that is to be copied.
#[test]
fn examples_are_not_broken_to_fit() {
    fn walk(command: &clap::Command) {
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in text.lines() {
            assert!(line.chars().count() < 80, "{}: {line}", command.get_name());
        }
        command.get_subcommands().for_each(walk);
    }
    walk(&<clawdwako::cli::args::Cli as clap::CommandFactory>::command());
}

#[test]
fn short_and_long_help_are_on_standard_output_and_versions_agree() {
    let home = Home::new();
    for flag in ["-h", "--help"] {
        let ran = home.run(&[flag]).ok();
        assert!(ran.out.starts_with("Puts a personal AI agent") && ran.err.is_empty());
    }
    let long = format!("clawdwako {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(home.run(&["--version"]).ok().out, long);
    let document = home.run(&["version", "--json"]).ok().json();
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn no_grammar_is_ambiguous() {
    <clawdwako::cli::args::Cli as clap::CommandFactory>::command().debug_assert();
}
