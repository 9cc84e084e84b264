//! Reads the base addresses of the outside world.

use crate::error::{Result, usage};
use crate::http::Endpoints;
use crate::model::Source;
use std::collections::BTreeMap;
use url::{Host, Url};

/// One address: its key in the config file, its variable, whether others are put behind it
/// (so that it has to end with a slash), and whether credentials are sent to it.
struct Entry {
    key: &'static str,
    variable: &'static str,
    base: bool,
    credentials: bool,
}

const fn entry(key: &'static str, variable: &'static str, base: bool, credentials: bool) -> Entry {
    Entry {
        key,
        variable,
        base,
        credentials,
    }
}

const ENTRIES: [Entry; 12] = [
    entry("hetzner", "CLAWDWAKO_HETZNER_URL", true, true),
    entry("digitalocean", "CLAWDWAKO_DIGITALOCEAN_URL", true, true),
    entry("telegram", "CLAWDWAKO_TELEGRAM_URL", true, true),
    entry("anthropic", "CLAWDWAKO_ANTHROPIC_URL", true, true),
    entry("openai", "CLAWDWAKO_OPENAI_URL", true, true),
    entry("google_ai", "CLAWDWAKO_GOOGLE_AI_URL", true, true),
    // A person types a password there: as good as a credential.
    entry("google_auth", "CLAWDWAKO_GOOGLE_AUTH_URL", false, true),
    entry("google_device", "CLAWDWAKO_GOOGLE_DEVICE_URL", false, true),
    entry("google_token", "CLAWDWAKO_GOOGLE_TOKEN_URL", false, true),
    // Who sets the key set decides whose signatures are believed: as good as a credential.
    entry("google_jwks", "CLAWDWAKO_GOOGLE_JWKS_URL", false, true),
    entry("node_mirror", "CLAWDWAKO_NODE_MIRROR", true, false),
    entry("npm_registry", "CLAWDWAKO_NPM_REGISTRY", true, false),
];

/// The keys of `[endpoints]` in the config file.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|e| e.key)
}

/// Looks each address up: `outside` (environment, or the sandbox's own variables) beats the
/// file. What no credentials are sent to (`env` tells it in the sandbox too) may be real there:
/// a mirror is often the only way to packages.
pub(super) fn resolve(
    outside: &dyn Fn(&str) -> Option<(String, Source)>,
    env: &dyn Fn(&str) -> Option<(String, Source)>,
    file: &BTreeMap<String, String>,
    sandbox: bool,
) -> Result<(Endpoints, BTreeMap<&'static str, Source>)> {
    let mut endpoints = Endpoints::default();
    let mut sources = BTreeMap::new();
    for entry in &ENTRIES {
        let real = |name| if entry.credentials { None } else { env(name) };
        let found = outside(entry.variable).or_else(|| real(entry.variable));
        let found = found.or_else(|| match file.get(entry.key) {
            Some(value) if !sandbox || !entry.credentials => Some((value.clone(), Source::File)),
            // A sandbox that tells no address must not fall back to the real world: port 9 of
            // this machine answers nothing.
            _ if sandbox && entry.credentials => Some(("http://127.0.0.1:9/".to_owned(), Source::Sandbox)),
            _ => None,
        });
        let Some((text, source)) = found else { continue };
        let url = parse(entry, &text, &source, sandbox)?;
        let slot = match entry.key {
            "hetzner" => &mut endpoints.hetzner,
            "digitalocean" => &mut endpoints.digitalocean,
            "telegram" => &mut endpoints.telegram,
            "anthropic" => &mut endpoints.anthropic,
            "openai" => &mut endpoints.openai,
            "google_ai" => &mut endpoints.google_ai,
            "google_auth" => &mut endpoints.google_auth,
            "google_device" => &mut endpoints.google_device,
            "google_token" => &mut endpoints.google_token,
            "google_jwks" => &mut endpoints.google_jwks,
            "node_mirror" => &mut endpoints.node_mirror,
            _ => {
                endpoints.npm_registry = Some(url);
                sources.insert(entry.key, source);
                continue;
            }
        };
        *slot = url;
        sources.insert(entry.key, source);
    }
    Ok((endpoints, sources))
}

fn parse(entry: &Entry, text: &str, source: &Source, sandbox: bool) -> Result<Url> {
    let bad = |why: &str| {
        usage(format!("the address for {} from {source} {why}", entry.key))
            .hint("give a whole address such as https://host/path/")
    };
    let mut url = Url::parse(text).map_err(|e| bad(&format!("cannot be understood: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad("is no http or https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("holds a user or a password, which would end up in messages"));
    }
    if entry.credentials && url.scheme() == "http" && !sandbox && !is_here(&url) {
        return Err(bad("is not encrypted, and credentials are sent to it").hint("use https"));
    }
    if entry.base && !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

/// Whether an address is on this machine.
pub(super) fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
