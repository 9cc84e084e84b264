//! The section `[server]` of the config file: what an operator decides.

use crate::error::{Result, usage};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use toml::Value;
use url::Url;

/// What an operator decides.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where metrics are told: this machine only, by default.
    pub metrics_listen: SocketAddr,
    /// The address that browsers see, for redirects and cookies.
    pub public_url: Option<Url>,
    /// Verified e-mail addresses that are admins from their first sign-in on.
    pub admins: Vec<String>,
    /// Whether people that nobody named may sign in.
    pub open_registration: bool,
    /// Google domains that may sign in; every one, if empty.
    pub domains: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How many workers there are at least.
    pub min_workers: usize,
    /// How many there are at most, when many jobs wait.
    pub max_workers: usize,
    /// How often each bot is looked at, in seconds.
    pub health_interval_s: u64,
    /// How long readings of bots are kept, in days.
    pub sample_days: i64,
    /// Whether servers that no bot needs are removed, and not only told.
    pub remove_orphans: bool,
    /// The plan of somebody who signs in for the first time.
    pub first_plan: String,
}

impl Default for ServerSettings {
    fn default() -> Self {
        ServerSettings {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: SocketAddr::from(([127, 0, 0, 1], 9090)),
            public_url: None,
            admins: Vec::new(),
            open_registration: false,
            domains: Vec::new(),
            trusted_proxies: Vec::new(),
            min_workers: 1,
            max_workers: 8,
            health_interval_s: 300,
            sample_days: 30,
            remove_orphans: false,
            first_plan: "starter".to_owned(),
        }
    }
}

/// Reads the section.
pub(super) fn parse(file: &str, section: Value) -> Result<ServerSettings> {
    let settings: ServerSettings = section.try_into().map_err(|e: toml::de::Error| {
        usage(format!("{file}: [server]: {}", e.message())).hint("the README lists the settings of a control server")
    })?;
    if settings.min_workers == 0 || settings.max_workers < settings.min_workers {
        return Err(usage(format!(
            "{file}: [server]: min_workers is {} and max_workers is {}",
            settings.min_workers, settings.max_workers
        ))
        .hint("at least one, and the maximum not below the minimum; `server run --no-workers` has none"));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::{ServerSettings, parse};

    fn read(text: &str) -> crate::error::Result<ServerSettings> {
        parse("c.toml", toml::Value::Table(text.parse().unwrap()))
    }

    #[test]
    fn what_is_left_out_is_safe() {
        let s = read("").unwrap();
        assert!(s.listen.ip().is_loopback() && s.metrics_listen.ip().is_loopback());
        assert!(!s.open_registration && !s.remove_orphans && s.trusted_proxies.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert!(read("listne = '127.0.0.1:1'").unwrap_err().message().contains("listne"));
        assert!(read("listen = 'here'").is_err());
        assert!(
            read("min_workers = 3\nmax_workers = 2")
                .unwrap_err()
                .message()
                .contains("max_workers")
        );
    }
}
