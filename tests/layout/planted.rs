//! Arrows that are planted into a small house, so that it is known that each would be found.

use super::arrows::House;
use super::complaints;

const RULES: &[(&str, &[&str])] = &[("low", &[]), ("middle", &["low"]), ("high", &["middle"])];

fn house(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let house = House::read(folder.path(), RULES.iter().map(|(part, _)| *part));
    complaints(&house.arrows(), RULES)
}

#[test]
fn a_planted_arrow_is_found_wherever_it_stands() {
    let usual = [
        ("lib.rs", "pub mod low; mod middle; mod high;"),
        ("low.rs", "pub struct Thing;"),
        (
            "middle/mod.rs",
            "mod deep; use crate::low::Thing; pub use crate::low::Thing as Other;",
        ),
        (
            "high.rs",
            "use crate::middle::{self, deep};\n#[cfg(test)] mod tests { use crate::low::Thing; }",
        ),
    ];
    assert_eq!(house(&usual), [""; 0]);
    for (name, text, told) in [
        ("low/a.rs", "use crate::{high::X, low::Y};", "low uses high (low/a.rs)"),
        (
            "low/a.rs",
            "fn f() { let x = crate::middle::y(); }",
            "low uses middle (low/a.rs)",
        ),
        (
            "low/a.rs",
            "fn f() { assert!(super::super::high::y()); }",
            "low uses high (low/a.rs)",
        ),
        (
            "low/a.rs",
            "mod inner { use super::super::super::middle::y; }",
            "low uses middle (low/a.rs)",
        ),
        (
            "low/a.rs",
            "fn f() { format!(\"{}\", crate::high::NAME) }",
            "low uses high (low/a.rs)",
        ),
        ("high/a.rs", "use crate::low::Thing;", "high uses low (high/a.rs)"),
        // Through a part that hands it on.
        ("high/a.rs", "use crate::middle::Other;", "high uses low (high/a.rs)"),
        ("other.rs", "use crate::low::Thing;", "other has no row (other.rs)"),
    ] {
        let planted = house(&[&usual[..], &[(name, text)]].concat());
        assert_eq!(planted, [told], "{text}");
    }
}
