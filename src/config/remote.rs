//! Which control server the command line works with, and whether it does.

use super::endpoints::is_here;
use crate::error::{Result, usage};
use crate::model::{Source, Sourced};
use url::Url;

/// Which control server the command line works with.
#[derive(Debug, Clone, Default)]
pub struct Remote {
    /// Whether bots are looked after by the control server: `--remote`, or a profile that says so.
    pub wanted: bool,
    /// Its address, if environment or config file tell it; else whoever was signed in to counts.
    pub server: Option<Sourced<Url>>,
}

/// The address of a control server: https, since the user's token is sent to it; http only to
/// this machine. In the sandbox it has to be on this machine.
///
/// # Errors
/// `usage` if it is something else.
pub fn server_address(text: &str, source: &Source, sandbox: bool) -> Result<Url> {
    let bad = |why: &str| {
        usage(format!("the control server's address from {source} {why}"))
            .hint("give a whole address such as https://clawdwako.example.com")
    };
    let mut url = Url::parse(text).map_err(|e| bad(&format!("cannot be understood: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad("is no http or https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("holds a user or a password, which would end up in messages"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("holds a ? or a #"));
    }
    if url.scheme() == "http" && !is_here(&url) {
        return Err(bad("is not encrypted, and your token is sent to it").hint("use https"));
    }
    if sandbox && !is_here(&url) {
        return Err(bad("is not on this machine, and the sandbox reaches nothing else"));
    }
    // So that paths go below it, and two spellings of one address are equal.
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_to_https_or_stay_here() {
        let read = |text: &str, sandbox| server_address(text, &Source::File, sandbox).map(String::from);
        assert_eq!(read("https://c.example/a", false).unwrap(), "https://c.example/a/");
        for here in ["http://127.0.0.1:8080", "http://localhost:1/", "http://[::1]:2/"] {
            assert!(read(here, false).is_ok() && read(here, true).is_ok(), "{here}");
        }
        for bad in [
            "http://c.example",
            "http://10.0.0.1",
            "http://127.0.0.1.c.example",
            "ftp://c.example",
            "c.example",
            "https://u:p@c.example",
            "https://c.example/?a",
            "https://c.example/#a",
        ] {
            assert!(read(bad, false).is_err(), "{bad}");
        }
        assert!(read("https://c.example", true).is_err());
    }
}
