//! Whether the outside world can be reached, by which protocol, and whether the clock is right.

use super::{Context, Finding};
use crate::http::Call;
use crate::secrets::keyring::SecretName;
use futures_util::future::join_all;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use url::Url;

/// How long one connection may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// By how much the clock may be wrong, in seconds: sign-in refuses tokens beyond a few minutes.
const MAX_SKEW: i64 = 60;

pub(super) async fn check(context: &Context) -> Vec<Finding> {
    let e = &context.config.endpoints;
    let peers = [
        ("Telegram", &e.telegram, None),
        ("Node's archives", &e.node_mirror, None),
        ("Hetzner", &e.hetzner, Some(SecretName::Hetzner)),
        ("DigitalOcean", &e.digitalocean, Some(SecretName::DigitalOcean)),
        ("Anthropic", &e.anthropic, Some(SecretName::Anthropic)),
        ("OpenAI", &e.openai, Some(SecretName::Openai)),
        ("Google's models", &e.google_ai, Some(SecretName::Google)),
        ("Google sign-in", &e.google_token, Some(SecretName::GoogleClientId)),
    ];
    // A service that the user has no credential for may well be out of reach.
    let mut used = Vec::new();
    for (name, url, secret) in peers {
        let known = match secret {
            Some(secret) => matches!(context.find_secret(secret).await, Ok(Some(_))),
            None => true,
        };
        if known {
            used.push(reach(name, url));
        }
    }
    let (mut findings, clock) = tokio::join!(join_all(used), clock(context));
    findings.extend(clock);
    findings
}

/// Looks a name up and connects by each protocol that it has addresses for.
async fn reach(name: &str, url: &Url) -> Finding {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Finding::bad(
            "network",
            format!("{name}'s address has no host"),
            "look at the config file",
        );
    };
    let target = format!("{host}:{port}");
    let found = match tokio::time::timeout(DEADLINE, lookup_host(&target)).await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        Ok(Err(_)) | Err(_) => {
            return Finding::bad(
                "network",
                format!("{name}: the name {host} cannot be looked up"),
                "look at your network and DNS",
            );
        }
    };
    let first = |v6: bool| found.iter().find(|a| a.is_ipv6() == v6).copied();
    let (v4, v6) = tokio::join!(connect(first(false)), connect(first(true)));
    verdict(name, host, v4, v6)
}

/// What the two protocols' results mean; none means that the host has no such address.
fn verdict(name: &str, host: &str, v4: Option<bool>, v6: Option<bool>) -> Finding {
    match (v4, v6) {
        (Some(true), Some(false)) => Finding::warn(
            "network",
            format!("{name} ({host}) can be reached by IPv4, but not by IPv6, which it has too"),
            "if programs hang on it, switch the broken IPv6 route off",
        ),
        (Some(false), Some(true)) | (None, Some(true)) => Finding::warn(
            "network",
            format!("{name} ({host}) can be reached by IPv6 only"),
            "servers without IPv6 are out of reach from here: have an IPv4 route too",
        ),
        (Some(true), _) => Finding::ok("network", format!("{name} ({host}) can be reached")),
        _ => Finding::bad(
            "network",
            format!("{name} ({host}) cannot be reached"),
            "look at your network, proxy and firewall",
        ),
    }
}

async fn connect(address: Option<SocketAddr>) -> Option<bool> {
    let connected = tokio::time::timeout(DEADLINE, TcpStream::connect(address?)).await;
    Some(matches!(connected, Ok(Ok(_))))
}

/// Compares the clock with the date that the first peer who answers tells.
async fn clock(context: &Context) -> Option<Finding> {
    // A doctor does not wait for a dead host to come back.
    let http = context.http().ok()?.with_pause(Duration::from_millis(1));
    let e = &context.config.endpoints;
    for url in [&e.telegram, &e.google_token, &e.hetzner] {
        let mut call = Call::new("the clock", reqwest::Method::GET, url.clone());
        call.deadline = DEADLINE;
        let Ok(Ok(answer)) = tokio::time::timeout(DEADLINE, http.send(&call)).await else {
            continue;
        };
        let Some(behind) = answer.behind_s() else {
            continue;
        };
        return Some(skew(-behind));
    }
    None
}

pub(super) fn skew(seconds: i64) -> Finding {
    match seconds {
        s if s.abs() <= MAX_SKEW => Finding::ok("clock", "the clock is right"),
        s => Finding::bad(
            "clock",
            format!("the clock is {} s {}", s.abs(), if s > 0 { "ahead" } else { "behind" }),
            "switch network time on: `timedatectl set-ntp true`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn protocols_and_clock() {
        let level = |v4, v6| verdict("T", "t.example", v4, v6).level;
        assert_eq!(level(Some(true), Some(true)), Level::Ok);
        assert_eq!(level(Some(true), None), Level::Ok);
        assert_eq!(level(Some(true), Some(false)), Level::Warn);
        assert_eq!(level(Some(false), Some(true)), Level::Warn);
        assert_eq!(level(None, Some(true)), Level::Warn);
        assert_eq!(level(Some(false), Some(false)), Level::Bad);
        assert_eq!(level(None, None), Level::Bad);
        assert_eq!((skew(-60).level, skew(61).level), (Level::Ok, Level::Bad));
        assert!(skew(-90).text.contains("90 s behind"));
    }

    #[tokio::test]
    async fn a_closed_port_is_bad_and_an_open_one_is_well() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        assert_eq!(reach("T", &url).await.level, Level::Ok);
        drop(listener);
        assert_eq!(reach("T", &url).await.level, Level::Bad);
    }
}
