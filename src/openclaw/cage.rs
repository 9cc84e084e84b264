//! What shuts an agent in, as a look at its server finds it.

use super::unit::CAGE;
use crate::model::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that is not as this version wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The unit is of an earlier version.
    Unit,
    /// Other users of the server can read the port.
    Port,
    /// A folder of compiled code that the agent may write is still there.
    Cache,
    /// The rules that keep others from the bot's ports are not loaded.
    Firewall,
    /// Something runs in the agent's name that is not shut in.
    Strays,
    /// systemd can't filter by address there, so that the rules of the firewall alone keep the agent
    /// from where the cloud tells of the server.
    Addresses,
}

words!(Lack {
    Unit = "unit",
    Port = "port",
    Cache = "cache",
    Firewall = "firewall",
    Strays = "strays",
    Addresses = "addresses",
});

impl Lack {
    /// Whether starting the agent anew from here mends it.
    pub fn mends(self) -> bool {
        self != Lack::Addresses
    }

    /// What people read.
    fn title(self) -> &'static str {
        match self {
            Lack::Unit => "its unit is of an earlier version",
            Lack::Port => "other users can read its port",
            Lack::Cache => "its compile cache is writable",
            Lack::Firewall => "its ports are not guarded by the firewall",
            Lack::Strays => "its user runs something that is not shut in",
            Lack::Addresses => "systemd cannot filter by address there",
        }
    }
}

/// What a look found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cage {
    /// All that is not as it should be.
    pub lacks: Vec<Lack>,
}

impl Cage {
    /// Reads the fact `cage`, a number and words; none if the look told none. Words that this
    /// version does not know are no news.
    pub fn of(facts: &BTreeMap<String, String>) -> Option<Cage> {
        let mut told = facts.get("cage")?.split_whitespace();
        let current = told
            .next()
            .and_then(|n| n.parse::<u32>().ok())
            .is_some_and(|n| n >= CAGE);
        let told: Vec<&str> = told.collect();
        let lacks = Lack::ALL.iter().copied().filter(|lack| match lack {
            Lack::Unit => !current,
            other => told.contains(&other.as_str()),
        });
        Some(Cage { lacks: lacks.collect() })
    }

    /// Whether everything is as it should be.
    pub fn is_safe(&self) -> bool {
        self.lacks.is_empty()
    }

    /// Whether something is not, and a restart from here mends it.
    pub fn mends(&self) -> bool {
        self.lacks.iter().any(|lack| lack.mends())
    }

    /// What is not as it should be, for people.
    pub fn text(&self) -> String {
        let titles: Vec<&str> = self.lacks.iter().map(|lack| lack.title()).collect();
        titles.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fact: &str) -> Cage {
        Cage::of(&BTreeMap::from([("cage".to_owned(), fact.to_owned())])).unwrap()
    }

    #[test]
    fn a_server_of_an_earlier_version_is_told_and_mends() {
        assert!(told(&format!("{CAGE} ")).is_safe());
        assert_eq!(Cage::of(&BTreeMap::new()), None);
        let old = told("1 port cache firewall strays");
        assert_eq!(
            old.lacks,
            [Lack::Unit, Lack::Port, Lack::Cache, Lack::Firewall, Lack::Strays]
        );
        assert!(old.mends() && !old.is_safe());
        let unable = told(&format!("{CAGE} addresses"));
        assert!(!unable.mends() && !unable.is_safe());
    }

    /// The server may be in an enemy's hands: nothing of its words goes on.
    #[test]
    fn a_strange_fact_is_taken_for_the_worst_and_not_repeated() {
        for strange in ["", "x", "-1 y", "99999999999 z", "\u{1b}[31m"] {
            assert_eq!(told(strange).lacks, [Lack::Unit], "{strange:?}");
        }
        assert!(told(&format!("{CAGE} \u{1b}[31m ; reboot")).is_safe());
    }
}
