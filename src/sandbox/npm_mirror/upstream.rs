//! The registry that this machine's own npm uses.

use crate::error::{Error, Kind, Result, internal};
use crate::sandbox::shell::Shell;
use axum::http::StatusCode;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// How long the registry has to take a connection.
const REACH: Duration = Duration::from_secs(10);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(120);
/// The longest document that is read, in bytes; the longest seen had 11 MB.
pub const LONGEST_DOCUMENT: usize = 128 << 20;

/// Where packages come from.
pub struct Upstream {
    registry: Url,
    client: reqwest::Client,
}

/// npm's settings of this machine that matter for where packages come from. No credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Settings {
    registry: Option<Url>,
    cafile: Option<PathBuf>,
}

impl Upstream {
    /// A registry, whose certificate may also be from one of the authorities of a file.
    ///
    /// # Errors
    /// `io` if the file cannot be read; `usage` if it holds no certificates.
    pub fn new(mut registry: Url, cafile: Option<PathBuf>) -> Result<Upstream> {
        let mut client = reqwest::Client::builder().connect_timeout(REACH).timeout(ANSWER);
        if let Some(file) = cafile {
            let text = std::fs::read(&file).map_err(|e| {
                Error::new(Kind::Io, format!("npm's cafile {} cannot be read", file.display())).because(e)
            })?;
            let certificates = reqwest::Certificate::from_pem_bundle(&text).map_err(|e| {
                Error::new(
                    Kind::Usage,
                    format!("npm's cafile {} holds no certificates", file.display()),
                )
                .because(e)
            })?;
            client = client.tls_certs_merge(certificates);
        }
        if !registry.path().ends_with('/') {
            registry.set_path(&format!("{}/", registry.path()));
        }
        let client = client
            .build()
            .map_err(|e| internal("the HTTP client could not be made").because(e))?;
        Ok(Upstream { registry, client })
    }

    /// Asks this machine's npm for its settings.
    ///
    /// # Errors
    /// `io` if npm fails; those of [`Upstream::new`].
    pub async fn of_this_machine() -> Result<Upstream> {
        let told = Shell::new("npm-settings", "cd /; npm config get registry cafile")
            .run()
            .await?;
        let settings = Settings::read(&told);
        let registry = settings.registry.ok_or_else(|| {
            Error::new(Kind::Usage, "npm of this machine has no registry")
                .hint("`npm config set registry https://…` names one")
        })?;
        Upstream::new(registry, settings.cafile)
    }

    /// The document of a package, as the registry writes it.
    ///
    /// # Errors
    /// `not_found`; `network` or `upstream` if the registry does not answer.
    pub async fn document(&self, name: &str) -> Result<Vec<u8>> {
        let path = name.replace('/', "%2f");
        // Relative to the registry's own path; a name that begins with `@` is no scheme.
        let url = format!("{}{path}", self.registry)
            .parse::<Url>()
            .map_err(|e| internal("a bad address").because(e))?;
        // Where the registry knows the short form, it is a tenth of the whole one.
        let accept = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
        let request = self.client.get(url).header(reqwest::header::ACCEPT, accept);
        let mut answer = answered(request.send().await, name)?;
        let mut document = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(lost)? {
            if document.len() + chunk.len() > LONGEST_DOCUMENT {
                return Err(Error::new(
                    Kind::Upstream,
                    format!("the registry's answer for {name} is too long"),
                ));
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }

    /// An archive, to be read as it comes.
    ///
    /// # Errors
    /// Those of [`Upstream::document`].
    pub async fn tarball(&self, url: &Url) -> Result<reqwest::Response> {
        answered(self.client.get(url.clone()).send().await, url.path())
    }
}

impl Settings {
    fn read(text: &str) -> Settings {
        let value = |key: &str| {
            let line = text.lines().find_map(|l| l.trim().strip_prefix(key)?.strip_prefix('='));
            line.map(str::trim).filter(|v| !matches!(*v, "" | "null" | "undefined"))
        };
        Settings {
            registry: value("registry").and_then(|r| r.parse().ok()),
            cafile: value("cafile").map(PathBuf::from).filter(|p| p.is_absolute()),
        }
    }
}

fn answered(sent: reqwest::Result<reqwest::Response>, what: &str) -> Result<reqwest::Response> {
    let answer = sent.map_err(lost)?;
    if answer.status() == StatusCode::NOT_FOUND {
        return Err(Error::new(Kind::NotFound, format!("the registry has no {what}")));
    }
    answer.error_for_status().map_err(lost)
}

/// The error for a registry that breaks off.
pub fn lost(e: reqwest::Error) -> Error {
    let kind = if e.is_status() { Kind::Upstream } else { Kind::Network };
    Error::new(kind, "the npm registry of this machine does not answer").because(e.without_url())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn only_where_packages_come_from_is_read() {
        let s = Settings::read("registry=https://npm.example/x/\ncafile=/etc/ca.pem\n");
        assert_eq!(s.registry.unwrap().as_str(), "https://npm.example/x/");
        assert_eq!(s.cafile.as_deref(), Some(Path::new("/etc/ca.pem")));
        let s = Settings::read("registry=https://npm.example/\ncafile=null\n");
        assert_eq!((s.registry.unwrap().as_str(), s.cafile), ("https://npm.example/", None));
        assert_eq!(Settings::read("registry=undefined\n").registry, None);
    }

    #[test]
    fn a_cafile_without_certificates_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        let registry: Url = "https://npm.example".parse().unwrap();
        assert_eq!(
            Upstream::new(registry.clone(), Some(file.clone()))
                .err()
                .unwrap()
                .kind(),
            Kind::Io
        );
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n").unwrap();
        assert_eq!(Upstream::new(registry, Some(file)).err().unwrap().kind(), Kind::Usage);
    }
}
