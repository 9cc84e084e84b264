//! Mistakes on the command line: told clearly, with the right exit code, on the right stream.

use crate::support::cli::{Home, Ran};
use serde_json::json;

fn error(ran: &Ran) -> (String, String, String) {
    let document = ran.json();
    let text = |key: &str| document["error"][key].as_str().unwrap_or_default().to_owned();
    (text("code"), text("message"), text("hint"))
}

#[test]
fn exit_codes_tell_what_sort_of_failure_it_was() {
    let home = Home::new();
    for (args, code, word) in [
        (vec!["nonsense"], 2, "usage"),
        (vec!["list", "--nonsense"], 2, "usage"),
        (vec!["deploy", "Bad_Name"], 2, "usage"),
        (vec!["deploy", "demo"], 2, "usage"),
        (vec!["logs", "--since", "yesterday"], 2, "usage"),
        (vec!["set", "demo", "size=1"], 2, "usage"),
        (vec!["list", "--profile", "../x"], 2, "usage"),
        (vec!["list", "--config", "/nowhere.toml"], 2, "usage"),
        (vec!["status"], 3, "not_found"),
        (vec!["stop", "nobody"], 3, "not_found"),
        (vec!["secrets", "unset", "openai"], 3, "not_found"),
        (vec!["servers"], 5, "needs_user"),
        (vec!["sizes", "--provider", "hetzner"], 5, "needs_user"),
        (vec!["secrets", "set", "openai"], 5, "needs_user"),
        (vec!["whoami"], 5, "needs_user"),
    ] {
        let plain = home.run(&args);
        assert_eq!(plain.code, code, "{args:?}: {plain:?}");
        assert!(plain.out.is_empty() && plain.err.starts_with("error: "), "{plain:?}");
        let mut args = args.clone();
        args.push("--json");
        let ran = home.run(&args);
        let (found, message, hint) = error(&ran);
        assert_eq!((ran.code, found.as_str()), (code, word), "{args:?}: {ran:?}");
        assert!(!message.is_empty() && !hint.is_empty(), "{args:?}: {ran:?}");
        assert!(ran.err.is_empty(), "{ran:?}");
    }
}

#[test]
fn a_slip_is_answered_with_what_was_meant() {
    let home = Home::new();
    let ran = home.run(&["lsit"]);
    assert!(ran.err.contains("'list'"), "{ran:?}");
    let ran = home.run(&["list", "--josn", "--json"]);
    assert_eq!(
        ran.json(),
        json!({"error": {
            "code": "usage",
            "message": "unexpected argument '--josn' found",
            "hint": "a similar argument exists: '--json'",
        }})
    );
    let ran = home.run(&["--json"]);
    assert_eq!((ran.code, error(&ran).0.as_str()), (2, "usage"));
}

#[test]
fn without_a_terminal_nothing_is_asked_and_the_flag_is_named() {
    let home = Home::new();
    let most = ["deploy", "demo", "--model", "gpt-5", "--owner", "5"];
    for (more, flag) in [
        (vec!["deploy"], "NAME"),
        (vec!["deploy", "demo"], "--model"),
        (vec!["deploy", "demo", "--model", "gpt-5"], "--open-to-everyone"),
        (most.to_vec(), "--provider"),
        ([&most[..], &["--provider", "existing"]].concat(), "--host"),
        ([&most[..], &["--host", "root@198.18.0.9"]].concat(), "--ssh-key"),
        ([&most[..], &["--provider", "hetzner"]].concat(), "HETZNER_API_TOKEN"),
        (vec!["secrets", "set", "google"], "--stdin"),
    ] {
        let ran = home.run(&more);
        assert!(ran.err.contains(flag), "{more:?} does not name {flag}: {}", ran.err);
        assert!([2, 5].contains(&ran.code), "{ran:?}");
    }
    let home = home.env("HETZNER_API_TOKEN", "x");
    let ran = home.run(&[&most[..], &["--provider", "hetzner"]].concat());
    assert!(ran.code == 5 && ran.err.contains("--token-file"), "{ran:?}");
}

#[test]
fn secrets_on_the_command_line_are_refused_and_not_repeated() {
    let home = Home::new();
    let token = format!("123456789:{}", "Ab1_-".repeat(7));
    for args in [
        vec!["deploy", "demo", "--token", &token],
        vec!["deploy", &token],
        vec!["secrets", "set", "telegram", &token],
        vec!["secrets", "set", "hetzner", "short-secret"],
        vec!["secrets", "set", "hetzner", "--json", "short-secret"],
    ] {
        let ran = home.run(&args);
        assert_eq!(ran.code, 2, "{ran:?}");
        for secret in [token.as_str(), "short-secret"] {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
        }
    }
}

#[test]
fn a_flag_for_a_cloud_and_a_host_contradict() {
    let home = Home::new();
    let args = [
        "deploy",
        "demo",
        "--owner",
        "5",
        "--model",
        "openai/any",
        "--provider",
        "hetzner",
        "--host",
        "root@198.18.0.9",
    ];
    let ran = home.run(&args);
    assert!(ran.code == 2 && ran.err.contains("--host"), "{ran:?}");
}
