//! npm's settings of this machine, for the servers: they fetch packages where we do.

use crate::error::Result;
use crate::sandbox::shell::Shell;
use std::path::{Path, PathBuf};

/// Where the certificates of `cafile` lie on a server.
const CA_ON_SERVER: &str = "/etc/ssl/npm-ca.pem";

/// The settings that matter for where packages come from. No credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpmSettings {
    /// Text of root's `.npmrc` on the server.
    npmrc: String,
    cafile: Option<PathBuf>,
}

impl NpmSettings {
    /// Asks npm.
    ///
    /// # Errors
    /// `io` if npm fails.
    pub async fn of_this_machine() -> Result<NpmSettings> {
        let text = Shell::new("npm-settings", "cd /; npm config get registry cafile")
            .run()
            .await?;
        Ok(NpmSettings::read(&text))
    }

    fn read(text: &str) -> NpmSettings {
        let value = |key: &str| {
            let line = text.lines().find_map(|l| l.trim().strip_prefix(key)?.strip_prefix('='));
            line.map(str::trim).filter(|v| !matches!(*v, "" | "null" | "undefined"))
        };
        let mut npmrc = String::new();
        if let Some(registry) = value("registry") {
            npmrc.push_str(&format!("registry={registry}\n"));
        }
        let cafile = value("cafile").map(PathBuf::from).filter(|p| p.is_absolute());
        if cafile.is_some() {
            npmrc.push_str(&format!("cafile={CA_ON_SERVER}\n"));
        }
        NpmSettings { npmrc, cafile }
    }

    /// Lays them where the first boot takes them from.
    ///
    /// # Errors
    /// `io` if that fails.
    pub fn seed(&self, folder: &Path) -> Result<()> {
        std::fs::write(folder.join("npmrc"), &self.npmrc)?;
        if let Some(file) = self.cafile.as_ref().filter(|f| f.exists()) {
            std::fs::copy(file, folder.join("npm-ca.pem"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_packages_come_from_is_carried() {
        let s = NpmSettings::read("registry=https://npm.example/x/\ncafile=/etc/ca.pem\n");
        assert_eq!(s.npmrc, "registry=https://npm.example/x/\ncafile=/etc/ssl/npm-ca.pem\n");
        assert_eq!(s.cafile.as_deref(), Some(Path::new("/etc/ca.pem")));
        let s = NpmSettings::read("registry=https://npm.example/\ncafile=null\n");
        assert_eq!((s.npmrc.as_str(), s.cafile), ("registry=https://npm.example/\n", None));
    }
}
