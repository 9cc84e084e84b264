//! Why no answer came, and whether trying again can help.

use crate::error::{Error, Kind};
use rustls::CertificateError;
use std::error::Error as StdError;

/// Why a try brought no answer.
pub enum Miss {
    /// Trying again cannot help.
    Final(Error),
    /// It surely never arrived.
    Unsent(Error),
    /// It may have arrived.
    Lost(Error),
}

impl From<Miss> for Error {
    fn from(miss: Miss) -> Error {
        match miss {
            Miss::Final(e) | Miss::Unsent(e) | Miss::Lost(e) => e,
        }
    }
}

pub(super) fn miss(peer: &str, e: reqwest::Error) -> Miss {
    if e.is_builder() || certificate(&e).is_some() {
        return Miss::Final(failure(peer, e));
    }
    match e.is_connect() {
        true => Miss::Unsent(failure(peer, e)),
        false => Miss::Lost(failure(peer, e)),
    }
}

/// What went wrong on the way, without the address (it can hold a token).
pub(super) fn failure(peer: &str, e: reqwest::Error) -> Error {
    let e = e.without_url();
    if e.is_timeout() {
        return Error::new(Kind::Timeout, format!("{peer} did not answer in time"))
            .hint("try again; `clawdwako doctor` looks at the network")
            .because(e);
    }
    if let Some(why) = certificate(&e) {
        return Error::new(Kind::Network, format!("{peer} shows a certificate that cannot be trusted"))
            .hint("see whether this machine's clock is right, and whether a proxy answers in its place; the authority of a proxy of your own has to be among the system's")
            .because(words(why));
    }
    Error::new(Kind::Network, format!("{peer} could not be reached"))
        .hint("look at your network; `clawdwako doctor` tells more")
        .because(e)
}

/// What is wrong with a certificate, for people.
fn words(e: &CertificateError) -> String {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        UnknownIssuer,
    };
    match e {
        Expired | ExpiredContext { .. } => "it has expired".into(),
        NotValidYet | NotValidYetContext { .. } => "it is not valid yet".into(),
        UnknownIssuer => "nobody whom this machine trusts vouches for it".into(),
        NotValidForName | NotValidForNameContext { .. } => "it is for another name".into(),
        other => other.to_string(),
    }
}

/// What is wrong with the other side's certificate, if that is the trouble.
fn certificate(e: &reqwest::Error) -> Option<&CertificateError> {
    let mut cause = e.source();
    while let Some(e) = cause {
        if let Some(rustls::Error::InvalidCertificate(why)) = e.downcast_ref() {
            return Some(why);
        }
        // What an I/O error calls its source is that of the error within, not that error itself.
        let within = e.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match within {
            Some(within) => Some(within),
            None => e.source(),
        };
    }
    None
}
