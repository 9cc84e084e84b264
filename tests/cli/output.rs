//! What goes where: results, notes, colour; and readers that go away.

use crate::support::cli::Home;
use std::io::Read;
use std::process::Stdio;

#[test]
fn an_empty_list_is_a_result_in_both_forms() {
    let home = Home::new();
    assert!(home.run(&["list"]).ok().out.contains("clawdwako deploy"));
    assert_eq!(
        home.run(&["list", "--json"]).ok().json(),
        serde_json::json!({"bots": []})
    );
    // Looking makes nothing.
    assert!(!home.path().join("clawdwako").exists());
}

#[test]
fn colour_only_where_it_is_wanted() {
    let home = Home::new();
    let escape = |args: &[&str]| home.run(args).ok().out.contains('\x1b');
    assert!(!escape(&["secrets", "list"]));
    assert!(escape(&["secrets", "list", "--color", "always"]));
    assert!(!escape(&["secrets", "list", "--color=never"]));
    assert!(escape(&["--color", "always", "--help"]));
    assert!(!escape(&["--help"]));
    assert!(
        home.run(&["--color=always", "status", "x"])
            .err
            .contains("\x1b[31merror:")
    );
    assert!(!home.run(&["status", "x"]).err.contains('\x1b'));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    for args in [
        vec!["--help"],
        vec!["completions", "bash"],
        vec!["list"],
        vec!["list", "--json"],
        vec!["secrets", "list"],
    ] {
        let mut child = home
            .command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Closed before the command has written anything, or while it writes: both are fine.
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert!(child.wait().unwrap().success(), "{args:?}: {err}");
        assert_eq!(err, "", "{args:?}");
    }
}

#[test]
fn a_full_disk_is_a_failure() {
    let home = Home::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command(&["list"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"));
}

#[test]
fn completions_name_the_commands_in_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = home.run(&["completions", shell]).ok();
        assert!(
            ran.out.contains("deploy") && ran.out.contains("open-to-everyone"),
            "{shell}"
        );
    }
}

#[test]
fn doctor_tells_where_settings_came_from_and_exits_with_1_if_something_is_bad() {
    // An address of this machine where nothing listens, so that no test needs a network.
    let closed = "http://127.0.0.1:9/";
    let home = Home::new()
        .env("CLAWDWAKO_REGION", "fsn1")
        .env("ANTHROPIC_API_KEY", "sk-ant-not-to-be-shown")
        .env("CLAWDWAKO_TELEGRAM_URL", closed)
        .env("CLAWDWAKO_ANTHROPIC_URL", closed)
        .env("CLAWDWAKO_GOOGLE_TOKEN_URL", closed)
        .env("CLAWDWAKO_HETZNER_URL", closed)
        .env("CLAWDWAKO_NODE_MIRROR", closed);
    let ran = home.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 1);
    assert!(!ran.out.contains("not-to-be-shown"));
    let document = ran.json();
    assert_eq!(document["healthy"], false);
    let findings = document["findings"].as_array().unwrap();
    let texts: Vec<&str> = findings.iter().map(|f| f["text"].as_str().unwrap()).collect();
    assert!(texts.contains(&"region is fsn1 (from CLAWDWAKO_REGION)"), "{texts:?}");
    assert!(
        texts.contains(&"Anthropic API key (from ANTHROPIC_API_KEY)"),
        "{texts:?}"
    );
    for bad in findings.iter().filter(|f| f["level"] != "ok") {
        assert!(bad["next_step"].is_string(), "{bad}");
    }
    let human = home.run(&["doctor"]);
    assert!(
        human.code == 1 && human.out.contains("next:") && human.err.is_empty(),
        "{human:?}"
    );
}
