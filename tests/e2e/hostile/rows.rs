//! The table of who reads or runs what of others on a server: the rows with their reasons, what they
//! stand for, and the text for SECURITY.md.

use super::trace::Act;
use serde::Deserialize;
use std::fmt::Write;

const ROWS: &str = include_str!("rows.toml");

/// Where the tables stand in SECURITY.md.
pub const BEGIN: &str = "<!-- generated: who writes, who reads -->";
pub const END: &str = "<!-- end of what is generated -->";

/// All that is known of a server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Accesses to what others may write, each with its reason.
    pub access: Vec<Row>,
    /// What of ours is there.
    pub place: Vec<Place>,
}

/// Accesses of one kind, and why they may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// `root`, `systemd`, `a bot`, `clawdwako-npm`.
    pub who: String,
    /// Programs; none for any.
    #[serde(default)]
    pub with: Vec<String>,
    /// `opens`, `writes`, `runs`, `connects to`, `changes`.
    pub does: Vec<String>,
    /// Patterns: `*` stands for no slash, `**` for anything.
    pub place: Vec<String>,
    /// Who may write there.
    pub writers: String,
    /// Why nothing comes of it.
    pub why: String,
    /// Why it may be that it is not seen in a run.
    pub not_always: Option<String>,
}

/// A place of ours on a server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub place: String,
    /// Mode, owner and group, as `stat` tells them.
    pub is: String,
    pub written_by: String,
    pub read_by: String,
    /// Why it may be missing.
    pub not_always: Option<String>,
}

/// One kind of access, as a run showed it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    pub who: String,
    pub program: String,
    pub act: Act,
    pub place: String,
}

impl Rows {
    /// Reads the file.
    pub fn load() -> Rows {
        toml::from_str(ROWS).unwrap()
    }

    /// The table as SECURITY.md shows it, between its marks.
    pub fn text(&self) -> String {
        let mut text =
            format!("{BEGIN}\n| place | owner and mode | written by | read or run by |\n|---|---|---|---|\n");
        for place in &self.place {
            let (mode, owner) = place.is.split_once(' ').unwrap();
            writeln!(
                text,
                "| `{}` | {} {mode} | {} | {} |",
                place.place,
                owner.replace(' ', ":"),
                place.written_by,
                place.read_by
            )
            .unwrap();
        }
        text.push_str(
            "\n| who | does | what others may write | they | why nothing comes of it |\n|---|---|---|---|---|\n",
        );
        for row in &self.access {
            let with = if row.with.is_empty() {
                String::new()
            } else {
                format!(
                    " ({})",
                    row.with.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", ")
                )
            };
            let places: Vec<String> = row.place.iter().map(|p| format!("`{p}`")).collect();
            writeln!(
                text,
                "| {}{with} | {} | {} | {} | {} |",
                row.who,
                row.does.join(", "),
                places.join(", "),
                row.writers,
                row.why
            )
            .unwrap();
        }
        text.push_str(END);
        text
    }
}

impl Row {
    /// Whether an access is of this kind.
    pub fn covers(&self, seen: &Seen) -> bool {
        self.who == seen.who
            && (self.with.is_empty() || self.with.contains(&seen.program))
            && self.does.iter().any(|word| word == seen.act.word())
            && self.place.iter().any(|pattern| fits(pattern, &seen.place))
    }
}

/// Whether a place fits a pattern.
pub fn fits(pattern: &str, place: &str) -> bool {
    let Some(star) = pattern.find('*') else {
        return pattern == place;
    };
    let (before, after) = pattern.split_at(star);
    let Some(rest) = place.strip_prefix(before) else {
        return false;
    };
    let (after, deep) = match after.strip_prefix("**") {
        Some(after) => (after, true),
        None => (&after[1..], false),
    };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.take_while(|at| deep || !rest[..*at].contains('/'))
        .any(|at| fits(after, &rest[at..]))
}
