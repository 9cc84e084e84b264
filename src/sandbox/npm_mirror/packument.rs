//! Reads what a registry tells of a package, and keeps what an install needs of it.

use super::name::{PackageName, is_file_name, is_version};
use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use url::Url;

/// Stands in kept documents where the mirror's own address goes; no address begins so.
pub const HERE: &str = "clawdwako-mirror:/";

/// What npm reads of a version when it installs; the rest (readmes, people) is most of a document.
const FIELDS: &[&str] = &[
    "name",
    "version",
    "deprecated",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "acceptDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "bundleDependencies",
    "bundledDependencies",
    "bin",
    "directories",
    "dist",
    "engines",
    "cpu",
    "os",
    "libc",
    "scripts",
    "gypfile",
    "hasInstallScript",
    "_hasShrinkwrap",
];

/// Where one archive is, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tarball {
    /// Its address at the registry.
    pub url: Url,
    /// The registry's hash of it (`sha512-…`); old packages may have none.
    pub integrity: Option<String>,
}

/// A package's document with our addresses in it.
pub struct Packument {
    /// JSON, [`HERE`] in front of every archive's path.
    pub document: String,
    /// The archives by their file names.
    pub tarballs: BTreeMap<String, Tarball>,
}

impl Packument {
    /// Reads a registry's document. Versions without a usable archive are left out.
    ///
    /// # Errors
    /// `upstream` if it is no document of that package.
    pub fn read(name: &PackageName, bytes: &[u8]) -> Result<Packument> {
        let unreadable = |why: &str| Error::new(Kind::Upstream, format!("the registry's answer for {name} {why}"));
        let mut whole: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|_| unreadable("cannot be understood"))?;
        if whole.get("name").and_then(Value::as_str) != Some(name.as_str()) {
            return Err(unreadable("is of another package"));
        }
        let Some(Value::Object(told)) = whole.remove("versions") else {
            return Err(unreadable("has no versions"));
        };
        let (mut versions, mut tarballs) = (Map::new(), BTreeMap::new());
        for (version, mut entry) in told {
            let Some(tarball) = tarball(&entry).filter(|_| is_version(&version)) else {
                continue;
            };
            let file = name.file(&version);
            if !is_file_name(&file) {
                continue;
            }
            if let Some(entry) = entry.as_object_mut() {
                entry.retain(|field, _| FIELDS.contains(&field.as_str()));
            }
            entry["dist"]["tarball"] = Value::String(format!("{HERE}{name}/-/{file}"));
            tarballs.insert(file, tarball);
            versions.insert(version, entry);
        }
        whole.retain(|field, _| matches!(field.as_str(), "name" | "dist-tags" | "modified"));
        whole.insert("versions".to_owned(), Value::Object(versions));
        let document = serde_json::to_string(&whole)?;
        Ok(Packument { document, tarballs })
    }
}

fn tarball(entry: &Value) -> Option<Tarball> {
    let dist = entry.get("dist")?;
    let url: Url = dist.get("tarball")?.as_str()?.parse().ok()?;
    let integrity = dist.get("integrity").and_then(Value::as_str).map(str::to_owned);
    matches!(url.scheme(), "http" | "https").then_some(Tarball { url, integrity })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_install_needs_stays_and_points_here() {
        let name = PackageName::parse("@a/b").unwrap();
        let told = json!({
            "name": "@a/b", "readme": "long", "dist-tags": {"latest": "1.0.0"},
            "versions": {
                "1.0.0": {
                    "name": "@a/b", "version": "1.0.0", "author": "x", "scripts": {"postinstall": "y"},
                    "dist": {"tarball": "https://r.example/@a/b/-/b-1.0.0.tgz", "integrity": "sha512-aa"},
                },
                "0.1.0": {"dist": {"tarball": "file:///etc/passwd"}},
                "0.2.0/../..": {"dist": {"tarball": "https://r.example/x.tgz"}},
                "0.3.0": {},
            },
        });
        let read = Packument::read(&name, told.to_string().as_bytes()).unwrap();
        let document: Value = serde_json::from_str(&read.document).unwrap();
        assert_eq!(
            document,
            json!({
                "name": "@a/b", "dist-tags": {"latest": "1.0.0"},
                "versions": {"1.0.0": {
                    "name": "@a/b", "version": "1.0.0", "scripts": {"postinstall": "y"},
                    "dist": {"tarball": "clawdwako-mirror:/@a/b/-/b-1.0.0.tgz", "integrity": "sha512-aa"},
                }},
            })
        );
        let (file, tarball) = read.tarballs.first_key_value().unwrap();
        assert_eq!((file.as_str(), read.tarballs.len()), ("b-1.0.0.tgz", 1));
        assert_eq!(tarball.url.as_str(), "https://r.example/@a/b/-/b-1.0.0.tgz");
    }

    #[test]
    fn another_packages_document_is_refused() {
        let name = PackageName::parse("a").unwrap();
        for bad in [r#"{"name":"b","versions":{}}"#, r#"{"name":"a"}"#, "[]", "", "<html>"] {
            assert_eq!(
                Packument::read(&name, bad.as_bytes()).err().unwrap().kind(),
                Kind::Upstream,
                "{bad}"
            );
        }
    }
}
