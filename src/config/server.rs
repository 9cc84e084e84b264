//! The section `[server]` of the config file: what an operator decides.

use crate::error::{Result, usage};
use crate::model::{Limits, ModelSpend, Payer, Plan, Plans, ProviderKind};
use crate::provider::image_number;
use serde::Deserialize;
use std::collections::BTreeMap;
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
    /// How long entries of the audit are kept, in days; 0 keeps them for ever.
    pub keep_audit: i64,
    /// How long the records of destroyed bots are kept, in days; 0 keeps them for ever.
    pub keep_destroyed: i64,
    /// Whether servers that no bot needs are removed, and not only told.
    pub remove_orphans: bool,
    /// Which images may be asked for by their number where the operator pays for the server, as
    /// `PROVIDER/NUMBER`.
    pub images: Vec<String>,
    /// The plan of somebody who signs in for the first time.
    pub first_plan: Plan,
    /// What plans allow, where it is not what they usually do.
    pub plans: BTreeMap<Plan, LimitsChange>,
    /// How many requests a minute are answered, for each user and each address.
    pub requests_per_minute: i64,
    /// The same for what lets somebody guess: signing in, and proving Telegram tokens.
    pub guarded_per_minute: i64,
    /// How many connections there are at once; fewer where the limit of open files is lower.
    pub max_connections: usize,
    /// How many of them from one address (IPv6: one /64 network); trusted proxies have no limit.
    pub max_connections_per_address: usize,
    /// How many live streams one control server has at once.
    pub max_streams: usize,
    /// How many of them one user has.
    pub max_streams_per_user: usize,
    /// How long the head of a request may take to come, in seconds.
    pub head_timeout_s: u64,
    /// How long a connection is kept for its next request, in seconds.
    pub idle_timeout_s: u64,
    /// How long open requests and running jobs may go on after SIGTERM, in seconds.
    pub drain_s: u64,
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
            keep_audit: 400,
            keep_destroyed: 90,
            remove_orphans: false,
            images: Vec::new(),
            first_plan: Plan::Starter,
            plans: BTreeMap::new(),
            requests_per_minute: 6_000,
            guarded_per_minute: 20,
            max_connections: 2_048,
            max_connections_per_address: 128,
            max_streams: 512,
            max_streams_per_user: 32,
            head_timeout_s: 10,
            idle_timeout_s: 75,
            drain_s: 30,
        }
    }
}

/// What is set of a plan's limits; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsChange {
    /// How many bots that are not destroyed.
    pub max_bots: Option<i64>,
    /// The largest server, by memory in MiB.
    pub max_memory_mb: Option<i64>,
    /// Only these regions of the providers.
    pub regions: Option<Vec<String>>,
    /// The dearest models.
    pub models: Option<ModelSpend>,
    /// Whose cloud tokens rent the servers.
    pub cloud_tokens: Option<Payer>,
    /// Whose keys the models are paid with.
    pub model_keys: Option<Payer>,
}

impl ServerSettings {
    /// Whether an image may be rented at the operator's cost: by name each of the provider's own,
    /// by number those that are listed.
    pub fn allows_image(&self, provider: ProviderKind, image: &str) -> bool {
        let wanted = image_number(image).map(|number| (provider, number));
        wanted.is_none() || self.images.iter().any(|listed| listed_image(listed) == wanted)
    }

    /// What each plan allows.
    pub fn plans(&self) -> Plans {
        let mut plans = Plans::default();
        for (&plan, change) in &self.plans {
            let limits = plans.of_mut(plan);
            *limits = Limits {
                max_bots: change.max_bots.unwrap_or(limits.max_bots),
                max_memory_mb: change.max_memory_mb.unwrap_or(limits.max_memory_mb),
                regions: change.regions.clone().or_else(|| limits.regions.clone()),
                models: change.models.unwrap_or(limits.models),
                cloud_tokens: change.cloud_tokens.unwrap_or(limits.cloud_tokens),
                model_keys: change.model_keys.unwrap_or(limits.model_keys),
            };
        }
        plans
    }
}

/// What an entry of `images` names.
fn listed_image(entry: &str) -> Option<(ProviderKind, i64)> {
    let (provider, number) = entry.split_once('/')?;
    let provider: ProviderKind = provider.parse().ok()?;
    let number = image_number(number)?;
    (provider != ProviderKind::Existing).then_some((provider, number))
}

/// Reads the section.
pub(super) fn parse(file: &str, section: Value) -> Result<ServerSettings> {
    let settings: ServerSettings = section.try_into().map_err(|e: toml::de::Error| {
        usage(format!("{file}: [server]: {}", e.message())).hint("the README lists the settings of a control server")
    })?;
    for (name, value) in [
        ("requests_per_minute", settings.requests_per_minute),
        ("guarded_per_minute", settings.guarded_per_minute),
    ] {
        if value < 1 {
            return Err(usage(format!("{file}: [server]: {name} is {value}")).hint("at least 1"));
        }
    }
    for (name, value, most) in [
        ("max_connections", settings.max_connections as u64, 1_000_000),
        (
            "max_connections_per_address",
            settings.max_connections_per_address as u64,
            1_000_000,
        ),
        ("max_streams", settings.max_streams as u64, 1_000_000),
        ("max_streams_per_user", settings.max_streams_per_user as u64, 1_000_000),
        ("head_timeout_s", settings.head_timeout_s, 3_600),
        ("idle_timeout_s", settings.idle_timeout_s, 3_600),
        ("drain_s", settings.drain_s, 3_600),
    ] {
        if !(1..=most).contains(&value) {
            return Err(
                usage(format!("{file}: [server]: {name} is {value}")).hint(format!("give a number from 1 to {most}"))
            );
        }
    }
    for (name, days) in [
        ("keep_audit", settings.keep_audit),
        ("keep_destroyed", settings.keep_destroyed),
    ] {
        if days < 0 {
            return Err(usage(format!("{file}: [server]: {name} is {days}"))
                .hint("give a number of days; 0 keeps everything for ever"));
        }
    }
    if let Some(wrong) = settings.images.iter().find(|entry| listed_image(entry).is_none()) {
        return Err(usage(format!("{file}: [server]: images has {wrong:?}"))
            .hint("give each as PROVIDER/NUMBER, such as \"hetzner/114690387\""));
    }
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
    use crate::model::{ModelSpend, Plan};

    fn read(text: &str) -> crate::error::Result<ServerSettings> {
        parse("c.toml", toml::Value::Table(text.parse().unwrap()))
    }

    #[test]
    fn the_example_says_what_counts_without_it() {
        let mut table: toml::Table = include_str!("../../assets/server/config.toml").parse().unwrap();
        let section = table.remove("server").unwrap();
        assert_eq!(parse("c.toml", section).unwrap(), ServerSettings::default());
        assert!(table.is_empty(), "{table:?}");
    }

    #[test]
    fn what_is_left_out_is_safe() {
        let s = read("").unwrap();
        assert!(s.listen.ip().is_loopback() && s.metrics_listen.ip().is_loopback());
        assert!(!s.open_registration && !s.remove_orphans && s.trusted_proxies.is_empty());
    }

    #[test]
    fn a_plan_keeps_the_limits_that_are_not_set() {
        let s = read("[plans.starter]\nmax_bots = 3\nmodels = 'small'\ncloud_tokens = 'operator'").unwrap();
        let (plans, usual) = (s.plans(), Plan::Starter.limits());
        assert_eq!((plans.starter.max_bots, plans.starter.models), (3, ModelSpend::Small));
        assert_eq!(plans.starter.max_memory_mb, usual.max_memory_mb);
        assert_eq!(plans.pro, Plan::Pro.limits());
        assert!(read("[plans.gold]\nmax_bots = 3").is_err());
        assert!(read("guarded_per_minute = 0").is_err());
        assert!(read("max_connections = 0").is_err() && read("drain_s = 3601").is_err());
    }

    #[test]
    fn images_by_number_are_allowed_one_by_one() {
        use crate::model::ProviderKind::{DigitalOcean, Hetzner};
        let s = read("images = ['hetzner/123', 'digitalocean/7']").unwrap();
        for name in ["debian-12", "ubuntu-24.04", "whatever"] {
            assert!(s.allows_image(Hetzner, name) && ServerSettings::default().allows_image(Hetzner, name));
        }
        assert!(s.allows_image(Hetzner, "123") && s.allows_image(DigitalOcean, "+7"));
        for (provider, number) in [
            (DigitalOcean, "123"),
            (Hetzner, "7"),
            (Hetzner, "-123"),
            (Hetzner, "1230"),
        ] {
            assert!(!s.allows_image(provider, number), "{provider}/{number}");
        }
        assert!(!ServerSettings::default().allows_image(Hetzner, "123"));
        for wrong in ["123", "hetzner/debian-12", "existing/1", "hetzner/", "aws/1"] {
            let e = read(&format!("images = ['{wrong}']")).unwrap_err();
            assert!(e.message().contains(wrong), "{e}");
        }
    }

    #[test]
    fn what_is_kept_for_ever_is_said_by_0_and_nothing_else() {
        assert_eq!(read("keep_audit = 0").unwrap().keep_audit, 0);
        for wrong in ["keep_audit = -1", "keep_destroyed = -1", "keep_destroyed = 'never'"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
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
