//! What npm put on a server: the agent's bill of materials (SBOM).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// Its name in the registry.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The registry's hash of it (`sha512-…`); none if it came inside of another one, whose hash
    /// holds for both.
    pub integrity: Option<String>,
}

/// A whole list, sorted, each package once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Packages(Vec<Package>);

/// How long a list is, and its hash: what stands in records that are read often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackagesSum {
    /// How many packages.
    pub count: usize,
    /// SHA-256 of the lines `NAME VERSION INTEGRITY`, `-` for an integrity that there is not.
    pub sha256: String,
}

impl Packages {
    /// A list of these.
    pub fn new(mut all: Vec<Package>) -> Packages {
        all.sort_unstable();
        all.dedup();
        Packages(all)
    }

    /// All of them.
    pub fn all(&self) -> &[Package] {
        &self.0
    }

    /// Its length and hash.
    pub fn sum(&self) -> PackagesSum {
        let mut hash = Sha256::new();
        for p in &self.0 {
            let integrity = p.integrity.as_deref().unwrap_or("-");
            hash.update(format!("{} {} {integrity}\n", p.name, p.version));
        }
        PackagesSum {
            count: self.0.len(),
            sha256: hash.finalize().iter().map(|b| format!("{b:02x}")).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_sorted_and_its_hash_can_be_made_again_by_hand() {
        let package = |name: &str, integrity: Option<&str>| Package {
            name: name.into(),
            version: "1.0.0".into(),
            integrity: integrity.map(str::to_owned),
        };
        let list = Packages::new(vec![
            package("b", None),
            package("a", Some("sha512-x")),
            package("b", None),
        ]);
        assert_eq!(list.all(), [package("a", Some("sha512-x")), package("b", None)]);
        // printf 'a 1.0.0 sha512-x\nb 1.0.0 -\n' | sha256sum
        let sum = PackagesSum {
            count: 2,
            sha256: "311b79fc9fa79c5645b26ed78f59c7a4fb38041a3c57a0536f5b47965f7ed2f5".into(),
        };
        assert_eq!(list.sum(), sum);
    }
}
