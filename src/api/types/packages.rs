//! What npm put on a server, on the wire.

use crate::model::{Package, Packages, PackagesSum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many packages came with an agent, and their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackagesSumView {
    /// How many packages.
    pub count: usize,
    /// SHA-256 of the lines `NAME VERSION INTEGRITY`, `-` for an integrity that there is not.
    pub sha256: String,
}

/// All packages that came with an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackagesView {
    /// How many packages.
    pub count: usize,
    /// SHA-256 of the lines `NAME VERSION INTEGRITY`, `-` for an integrity that there is not.
    pub sha256: String,
    /// The packages, in the order of those lines.
    pub packages: Vec<PackageView>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageView {
    /// Its name in the registry.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The registry's hash of it (`sha512-…`); none if it came inside of another one.
    pub integrity: Option<String>,
}

impl PackagesView {
    /// What is told of a list.
    pub fn of(packages: Packages) -> PackagesView {
        let PackagesSum { count, sha256 } = packages.sum();
        let all = packages.all().iter().cloned();
        PackagesView {
            count,
            sha256,
            packages: all.map(Into::into).collect(),
        }
    }
}

impl From<Package> for PackageView {
    fn from(p: Package) -> Self {
        PackageView {
            name: p.name,
            version: p.version,
            integrity: p.integrity,
        }
    }
}

impl From<PackagesSum> for PackagesSumView {
    fn from(s: PackagesSum) -> Self {
        PackagesSumView {
            count: s.count,
            sha256: s.sha256,
        }
    }
}

impl From<PackagesSumView> for PackagesSum {
    fn from(s: PackagesSumView) -> Self {
        PackagesSum {
            count: s.count,
            sha256: s.sha256,
        }
    }
}
