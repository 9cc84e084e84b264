//! A server that the user has: what can be said about it before SSH is tried.

use crate::error::{Result, usage};
use crate::model::SshTarget;

/// Reads `USER@HOST[:PORT]`; IPv6 addresses in brackets. The user is `root` if left out.
///
/// # Errors
/// `usage` if it is none.
pub fn parse_target(text: &str) -> Result<SshTarget> {
    let bad = || {
        usage(format!("{text:?} is not USER@HOST[:PORT]"))
            .hint("for example root@203.0.113.5, or admin@[2001:db8::5]:2222")
    };
    let (user, rest) = text.split_once('@').unwrap_or(("root", text));
    let (host, port) = match rest.strip_prefix('[') {
        Some(inner) => {
            let (host, after) = inner.split_once(']').ok_or_else(bad)?;
            (
                host,
                after
                    .strip_prefix(':')
                    .or(if after.is_empty() { Some("22") } else { None })
                    .ok_or_else(bad)?,
            )
        }
        None => match rest.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err(bad()),
            Some((host, port)) => (host, port),
            None => (rest, "22"),
        },
    };
    let word = |s: &str| {
        !s.is_empty() && !s.starts_with('-') && s.chars().all(|c| c.is_ascii_alphanumeric() || "._-:%".contains(c))
    };
    let port: u16 = port.parse().map_err(|_| bad())?;
    if !word(user) || !word(host) || port == 0 {
        return Err(bad());
    }
    Ok(SshTarget {
        host: host.into(),
        port,
        user: user.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::parse_target;

    #[test]
    fn targets() {
        let t = |s| parse_target(s).map(|t| format!("{}|{}|{}", t.user, t.host, t.port));
        assert_eq!(t("root@1.2.3.4").unwrap(), "root|1.2.3.4|22");
        assert_eq!(t("example.org:2222").unwrap(), "root|example.org|2222");
        assert_eq!(t("a@[2001:db8::5]:23").unwrap(), "a|2001:db8::5|23");
        for bad in [
            "",
            "a@",
            "@b",
            "a@b:0",
            "a@b:x",
            "a@::1",
            "a@-oProxyCommand=x",
            "a b@c",
            "a@b;c",
        ] {
            assert!(t(bad).is_err(), "{bad}");
        }
    }
}
