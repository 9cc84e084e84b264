//! Where things are kept.

use super::Flags;
use crate::error::{Result, usage};
use std::path::{Path, PathBuf};

/// Where things are kept. `state` belongs to one profile; the sandbox has one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// The config file, whether it is there or not.
    pub config_file: PathBuf,
    /// Whether the user named the config file, so that it has to be there.
    pub config_demanded: bool,
    /// Whether one folder holds everything (`CLAWDWAKO_HOME`): then nothing is kept elsewhere,
    /// not even in the operating system's keyring.
    pub portable: bool,
    /// The store, sealed secrets and locks of this profile.
    pub state: PathBuf,
    /// What can be fetched or built again.
    pub cache: PathBuf,
    /// The host keys that the user's own SSH client trusts.
    pub known_hosts: PathBuf,
    /// The sandbox's own world: disks, images, its record of itself.
    pub sandbox: PathBuf,
}

impl Dirs {
    /// The folders by the rules of XDG, or all below `CLAWDWAKO_HOME`. `state` is not yet that of
    /// a profile.
    pub(super) fn find(env: &dyn Fn(&str) -> Option<String>, home: &Path, flags: &Flags) -> Result<Dirs> {
        let xdg = |name: &str, default: &str| {
            env(name)
                .map(PathBuf::from)
                .filter(|p| p.is_absolute())
                .unwrap_or_else(|| home.join(default))
                .join("clawdwako")
        };
        let (config, state, cache) = match env("CLAWDWAKO_HOME").map(PathBuf::from) {
            Some(all) if !all.is_absolute() => {
                return Err(usage(format!(
                    "CLAWDWAKO_HOME is {}, which is no absolute path",
                    all.display()
                ))
                .hint("give the whole path, beginning with /"));
            }
            Some(all) => (all.clone(), all.join("state"), all.join("cache")),
            None => (
                xdg("XDG_CONFIG_HOME", ".config"),
                xdg("XDG_STATE_HOME", ".local/state"),
                xdg("XDG_CACHE_HOME", ".cache"),
            ),
        };
        let named = flags
            .config
            .clone()
            .or_else(|| env("CLAWDWAKO_CONFIG").map(PathBuf::from));
        Ok(Dirs {
            config_demanded: named.is_some(),
            portable: env("CLAWDWAKO_HOME").is_some(),
            config_file: named.unwrap_or_else(|| config.join("config.toml")),
            known_hosts: home.join(".ssh/known_hosts"),
            sandbox: state.join("sandbox").join("world"),
            state,
            cache,
        })
    }

    /// The same with the state of one profile.
    pub(super) fn of_profile(mut self, profile: &str, sandbox: bool) -> Result<Dirs> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if profile.is_empty() || profile.len() > 32 || !profile.chars().all(fits) {
            return Err(
                usage(format!("{profile:?} is no profile's name")).hint("use letters, digits, - and _, at most 32")
            );
        }
        if sandbox {
            self.state.push("sandbox");
        }
        self.state.push("profiles");
        self.state.push(profile);
        Ok(self)
    }
}
