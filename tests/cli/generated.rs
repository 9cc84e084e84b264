//! Completions and man pages in the repository are those of this grammar, the API's document is that
//! of the handlers, and SECURITY.md's table is that of the rows that a server was held against.

use crate::e2e::hostile::rows;
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

#[test]
fn the_tables_patterns_stop_at_slashes_unless_they_are_double() {
    assert!(rows::fits("/a/*/c", "/a/b/c") && !rows::fits("/a/*/c", "/a/b/d/c") && rows::fits("/a/**/c", "/a/b/d/c"));
    assert!(
        rows::fits("/a/**", "/a/")
            && !rows::fits("/a/**", "/a")
            && rows::fits("/a*", "/a")
            && !rows::fits("/a", "/a/b")
    );
}

#[test]
fn security_md_has_the_table_of_these_rows() {
    let file = repository().join("SECURITY.md");
    let kept = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = kept.split_once(rows::BEGIN).expect("the beginning of the table");
    let (_, after) = rest.split_once(rows::END).expect("the end of the table");
    let fresh = format!("{before}{}{after}", rows::Rows::load().text());
    if fresh != kept && std::env::var_os("CLAWDWAKO_WRITE_TABLE").is_some() {
        std::fs::write(&file, &fresh).unwrap();
        return;
    }
    assert!(
        fresh == kept,
        "SECURITY.md's table is stale: run this test with CLAWDWAKO_WRITE_TABLE=1 and commit what changed"
    );
}
