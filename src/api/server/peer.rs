//! Where a request comes from.

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// Looks behind the proxies that are trusted; by default there are none, and what a request
    /// says of itself counts nothing.
    pub fn of(request: &Parts, trusted: &[IpAddr]) -> Peer {
        let socket = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let nearest = socket.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip().to_canonical());
        Peer(behind(nearest, &request.headers, trusted))
    }

    /// What is counted as one: an IPv4 address, or the IPv6 network that one customer has.
    pub fn counted(self) -> String {
        match self.0 {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => {
                let s = ip.segments();
                format!("{}/64", Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0))
            }
        }
    }
}

/// Each proxy adds the address that it was called from at the right: the rightmost that is no
/// trusted proxy is the caller, and everything left of it is the caller's own word.
fn behind(nearest: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let told: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|v| v.to_str().unwrap_or("").split(','))
        .collect();
    let mut caller = nearest;
    for entry in told.into_iter().rev() {
        if !trusted.contains(&caller) {
            break;
        }
        // What no proxy of ours writes ends the walk.
        match address(entry.trim()) {
            Some(ip) => caller = ip.to_canonical(),
            None => break,
        }
    }
    caller
}

/// Reads one entry in the forms that proxies write: an address, or one with its port, where an
/// IPv6 address with or without a port may stand in brackets.
fn address(entry: &str) -> Option<IpAddr> {
    if let Ok(ip) = entry.parse::<IpAddr>() {
        return Some(ip);
    }
    if let Ok(socket) = entry.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    let bare = entry.strip_prefix('[')?.strip_suffix(']')?;
    bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_what_they_add() {
        let trusted = [ip("10.0.0.1"), ip("10.0.0.2")];
        for (nearest, told, caller) in [
            ("9.9.9.9", &["1.1.1.1"][..], "9.9.9.9"),
            ("10.0.0.1", &["1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", &["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", &["6.6.6.6, 1.1.1.1, 10.0.0.2"], "1.1.1.1"),
            ("10.0.0.1", &["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", &["1.1.1.1, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
            // With ports, as some proxies write them, in every mixture.
            ("10.0.0.1", &["1.2.3.4:5678"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6:1, 1.2.3.4:5678, 10.0.0.2:443"], "1.2.3.4"),
            ("10.0.0.1", &["[2001:db8::1]:443"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            (
                "10.0.0.1",
                &["6.6.6.6, 2001:db8::1, [::ffff:10.0.0.2]:9"],
                "2001:db8::1",
            ),
            ("10.0.0.1", &["[::ffff:1.2.3.4]:5678"], "1.2.3.4"),
            // What is no address ends the walk, whatever it looks like.
            ("10.0.0.1", &["6.6.6.6, 1.2.3.4:"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6, 1.2.3.4:65536"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6, [1.2.3.4]:80"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6, [1.2.3.4]"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6, [2001:db8::1"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6, _hidden:80"], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in told {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            assert_eq!(behind(ip(nearest), &headers, &trusted), ip(caller), "{told:?}");
            assert_eq!(behind(ip(nearest), &headers, &[]), ip(nearest), "off by default");
        }
    }

    #[test]
    fn a_whole_network_counts_as_one_caller() {
        assert_eq!(Peer(ip("2001:db8:1:2:3::4")).counted(), "2001:db8:1:2::/64");
        assert_eq!(Peer(ip("1.2.3.4")).counted(), "1.2.3.4");
    }
}
