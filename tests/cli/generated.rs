//! Completions and man pages in the repository are those of this grammar, and the API's document
//! is that of the handlers.

use crate::support::cli::{Home, all_commands, repository};
use std::collections::BTreeMap;
use std::path::Path;

fn texts(dir: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    entries
        .map(|e| e.unwrap().path())
        .map(|p| {
            (
                p.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(&p).unwrap(),
            )
        })
        .collect()
}

#[test]
fn what_is_committed_is_current() {
    let home = Home::new();
    home.run(&["generate", home.path().to_str().unwrap()]).ok();
    for folder in ["completions", "man", "assets/api"] {
        let (fresh, kept) = (texts(&home.path().join(folder)), texts(&repository().join(folder)));
        let names = |all: &BTreeMap<String, String>| all.keys().cloned().collect::<Vec<_>>();
        let how = "run `cargo run -- generate .` and commit what changed";
        assert_eq!(names(&fresh), names(&kept), "{folder}/ holds other files: {how}");
        for (name, text) in &fresh {
            assert!(*text == kept[name], "{folder}/{name} is stale: {how}");
        }
    }
}

#[test]
fn every_command_has_a_man_page() {
    let pages = texts(&repository().join("man"));
    for words in all_commands() {
        let name = std::iter::once("clawdwako")
            .chain(words.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("-");
        let page = pages
            .get(&format!("{name}.1"))
            .unwrap_or_else(|| panic!("{name} has no page"));
        assert!(page.contains("xample"), "{name}'s page has no example");
    }
}
