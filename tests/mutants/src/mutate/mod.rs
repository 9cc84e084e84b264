//! What is changed in a file: found in its syntax tree, written into its text by position, so that
//! lines keep their numbers.

mod body;
mod consts;
mod edit;
mod sql;
mod text;
mod visit;

pub use consts::Consts;
pub use edit::{Edit, Written, write};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What sort of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A comparison turned round or moved by one.
    Comparison,
    /// One side of `&&` or `||` left out, a `!` or a literal turned round.
    Boolean,
    /// `+` for `-` and the like.
    Arithmetic,
    /// The condition of an `if` or a `while`, always or never.
    Condition,
    /// The guard of a `match` arm, always or never; one pattern of `matches!` left out.
    Guard,
    /// A statement left out.
    Statement,
    /// A function that does nothing and answers something plausible.
    Body,
    /// A constant number, ten times as large: one more or less of a time is nothing to notice.
    Constant,
    /// One condition of an SQL statement left out.
    Sql,
}

/// One change of one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutant {
    /// Its switch.
    pub n: usize,
    /// From the top of the repository.
    pub file: String,
    /// The first and the last line of what is changed.
    pub lines: (usize, usize),
    /// As `Type::function`.
    pub function: String,
    /// Its sort.
    pub kind: Kind,
    /// What is changed, in words.
    pub change: String,
}

impl Mutant {
    /// What it is known by from one version to the next.
    pub fn name(&self) -> (&str, &str, &str) {
        (&self.file, &self.function, &self.change)
    }
}

/// The mutants of one file, numbered from `first`, and the edits that make them.
pub fn mutants(file: &Path, text: &str, consts: &Consts, first: usize) -> Result<(Vec<Mutant>, Vec<Edit>)> {
    let tree = syn::parse_file(text).with_context(|| format!("{} cannot be parsed", file.display()))?;
    let mut finder = visit::Finder::new(file, text, consts, first);
    finder.file(&tree);
    Ok((finder.mutants, finder.edits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str) -> (Vec<String>, String) {
        let file = Path::new("src/a.rs");
        let consts = Consts::of(&[(file.to_owned(), text.to_owned())]).unwrap_or_default();
        let Ok((mutants, edits)) = mutants(file, text, &consts, 1) else {
            return Default::default();
        };
        let changes = mutants.into_iter().map(|m| m.change).collect();
        (changes, write(text, &edits, |_| true).text)
    }

    #[test]
    fn what_is_written_is_still_rust_and_has_the_same_lines() {
        let text = "const A: &str = \"x = $1 AND y = $2\";\nconst M: i64 = 3;\nimpl S {\n    async fn f(&self, a: i64) -> Result<()> {\n        if a == M && !self.b {\n            g(a + 1)?;\n        }\n        let sql = format!(\"SELECT 1 FROM t WHERE {A} AND z = 1 \\\n            ORDER BY q\");\n        match a { n if n < 3 => h(), _ => {} }\n        self.end().await\n    }\n}\n";
        let (changes, written) = changed(text);
        assert!(syn::parse_file(&written).is_ok(), "{written}");
        assert_eq!(written.lines().count(), text.lines().count());
        let wanted = [
            "if `a == M && !self.b`: never",
            "`a == M && !self.b`: without `a == M`",
            "`a + 1`: `-` for `+`",
            "without `g(a + 1)?;`",
            "SQL `SELECT 1 FROM t`: without `z = 1`",
            "SQL `SELECT 1 FROM t`: without `x = $1` of A",
            "guard `n < 3`: always",
            "`n < 3`: `<=` for `<`",
            "`M`: ten times",
            "does nothing, answers `Ok(())`",
            "without the last `self.end().await`",
        ];
        for change in wanted {
            assert!(changes.iter().any(|c| c == change), "{change} is not in {changes:#?}");
        }
    }

    #[test]
    fn tests_and_constants_are_left_alone() {
        let (changes, _) = changed("const A: bool = 1 < 2;\n#[cfg(test)]\nmod tests { fn f() -> bool { 1 < 2 } }\n");
        assert!(changes.is_empty(), "{changes:?}");
    }
}
