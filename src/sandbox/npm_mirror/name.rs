//! Names of packages and of their archives, as they stand in addresses and become file names.

use std::fmt;

/// The longest name that npm takes.
const LONGEST: usize = 214;

/// A package's name, with its scope if it has one. It holds nothing that leads elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageName(String);

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The document of a package.
    Document(PackageName),
    /// One of its archives, by its file name.
    Tarball(PackageName, String),
}

impl PackageName {
    /// Takes a name that npm would take, and nothing else.
    pub fn parse(text: &str) -> Option<PackageName> {
        let sound = match text.strip_prefix('@') {
            Some(scoped) => scoped
                .split_once('/')
                .is_some_and(|(scope, name)| is_word(scope) && is_word(name)),
            None => is_word(text),
        };
        (sound && text.len() <= LONGEST).then(|| PackageName(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as one folder's; another one for every package.
    pub fn folder(&self) -> String {
        self.0.replace('/', "+")
    }

    /// The file name of a version's archive.
    pub fn file(&self, version: &str) -> String {
        let own = self.0.rsplit('/').next().unwrap_or_default();
        format!("{own}-{version}.tgz")
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Wanted {
    /// Reads the path of an address, as it was sent: `/name`, `/@scope%2fname`, `/name/-/name-1.0.0.tgz`.
    pub fn parse(path: &str) -> Option<Wanted> {
        let path = path
            .strip_prefix('/')?
            .replacen("%2f", "/", 1)
            .replacen("%2F", "/", 1)
            .replacen("%40", "@", 1);
        match path.split_once("/-/") {
            None => PackageName::parse(&path).map(Wanted::Document),
            Some((name, file)) if is_file_name(file) => {
                PackageName::parse(name).map(|name| Wanted::Tarball(name, file.to_owned()))
            }
            Some(_) => None,
        }
    }
}

/// Whether a version can stand in a file's name.
pub fn is_version(text: &str) -> bool {
    semver::Version::parse(text).is_ok()
}

/// Whether it is the name of an archive and nothing that leads elsewhere.
pub fn is_file_name(text: &str) -> bool {
    text.len() <= 255 && text.ends_with(".tgz") && is_word(text.trim_end_matches(".tgz"))
}

fn is_word(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~+".contains(c);
    !text.is_empty() && !text.starts_with('.') && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_archives_are_told_apart() {
        let name = |text| PackageName::parse(text).unwrap();
        for (path, wanted) in [
            ("/zod", Wanted::Document(name("zod"))),
            ("/@a%2fb", Wanted::Document(name("@a/b"))),
            ("/@a/b", Wanted::Document(name("@a/b"))),
            (
                "/zod/-/zod-4.1.0.tgz",
                Wanted::Tarball(name("zod"), "zod-4.1.0.tgz".into()),
            ),
            (
                "/@a/b/-/b-1.0.0-rc.1.tgz",
                Wanted::Tarball(name("@a/b"), "b-1.0.0-rc.1.tgz".into()),
            ),
        ] {
            assert_eq!(Wanted::parse(path), Some(wanted), "{path}");
        }
        assert_eq!(
            (name("@a/b").folder(), name("@a/b").file("1.0.0")),
            ("@a+b".into(), "b-1.0.0.tgz".into())
        );
    }

    #[test]
    fn what_leads_elsewhere_is_no_name() {
        let long = format!("/{}", "a".repeat(215));
        for bad in [
            "",
            "/",
            "//",
            "/..",
            "/.hidden",
            "/a/..",
            "/..%2fa",
            "/%2e%2e",
            "/@a",
            "/@/b",
            "/@a/",
            "/@a/b/c",
            "/@../b",
            "/@a/..",
            "/a b",
            "/a\\b",
            "/a\0",
            "/-/v1/search",
            "/-/npm/v1/security/audits",
            "/a/-/",
            "/a/-/a.zip",
            "/a/-/../b.tgz",
            "/a/-/.tgz",
            "/a/-/x/-/y.tgz",
            "/a/-/%2e%2e%2fx.tgz",
            "/a/b",
            "/aé",
            &long,
        ] {
            assert_eq!(Wanted::parse(bad), None, "{bad:?}");
        }
    }
}
