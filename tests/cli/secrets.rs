//! `secrets` keeps values and never shows them.

use crate::support::cli::Home;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const SECRET: &str = "hunter2-hunter2-hunter2";

/// Every file below a folder, with what is in it.
fn files(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn a_value_is_kept_used_and_forgotten_without_ever_being_shown() {
    let home = Home::new();
    let mut runs = vec![
        home.run_with(&["secrets", "set", "hetzner", "--stdin"], &format!("{SECRET}\n"))
            .ok(),
        home.run(&["secrets", "list"]).ok(),
        home.run(&["secrets", "list", "--json"]).ok(),
    ];
    let listed = runs[2].json();
    assert_eq!(listed["secrets"][0]["name"], "hetzner");
    assert_eq!(listed["secrets"][0]["source"], "sealed file");
    assert_eq!(listed["secrets"][1]["set"], false);

    let kept = files(home.path());
    assert!(kept.iter().any(|(p, _)| p.ends_with("credentials.json")));
    for (path, bytes) in &kept {
        assert!(
            !bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()),
            "{}",
            path.display()
        );
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }

    // The environment beats what is kept, and the list says so.
    let mut command = home.command(&["secrets", "list", "--json"]);
    let output = command.env("HETZNER_API_TOKEN", SECRET).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("\"HETZNER_API_TOKEN\"") && !text.contains(SECRET),
        "{text}"
    );

    runs.push(home.run(&["secrets", "unset", "hetzner"]).ok());
    let again = home.run(&["secrets", "unset", "hetzner"]);
    assert_eq!(again.code, 3);
    runs.push(again);
    for ran in &runs {
        assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET), "{ran:?}");
    }
}

#[test]
fn nothing_is_kept_from_empty_input_or_under_an_unknown_name() {
    let home = Home::new();
    let ran = home.run_with(&["secrets", "set", "hetzner", "--stdin"], " \n");
    assert!(ran.code == 2 && ran.err.contains("empty"), "{ran:?}");
    let ran = home.run_with(&["secrets", "set", "hetznr", "--stdin"], SECRET);
    assert!(ran.code == 2 && ran.err.contains("hetzner"), "{ran:?}");
    assert!(!home.path().join("clawdwako/state").exists());
}

#[test]
fn profiles_and_the_sandbox_have_secrets_of_their_own() {
    let home = Home::new();
    home.run_with(&["secrets", "set", "openai", "--stdin", "--profile", "work"], SECRET)
        .ok();
    let set = |args: &[&str]| {
        let all = home.run(args).ok().json();
        all["secrets"].as_array().unwrap().iter().any(|s| s["set"] == true)
    };
    assert!(set(&["secrets", "list", "--json", "--profile", "work"]));
    assert!(!set(&["secrets", "list", "--json"]));
    assert!(!set(&["secrets", "list", "--json", "--profile", "work", "--sandbox"]));
}
