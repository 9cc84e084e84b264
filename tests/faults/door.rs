//! Ways to the outside that lead nowhere. They stand in the place of all addresses.

use crate::support::no_such_host;
use clawdwako::http::Endpoints;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use url::Url;

/// A way that leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Nobody listens there.
    Refused,
    /// Each connection is reset.
    Reset,
    /// No such name.
    Nowhere,
    /// The certificate ended in 2020.
    Expired,
}

impl Door {
    /// The outside world behind this door.
    pub fn endpoints(self) -> Endpoints {
        let base = match self {
            Door::Nowhere => format!("http://{}", no_such_host()),
            Door::Refused => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                format!("http://{}", listener.local_addr().unwrap())
            }
            Door::Reset => format!("http://{}", answering(reset)),
            Door::Expired => format!("https://localhost:{}", answering(expired).port()),
        };
        let at = |path: &str| -> Url { format!("{base}/{path}").parse().unwrap() };
        Endpoints {
            hetzner: at("hetzner/v1/"),
            digitalocean: at("digitalocean/v2/"),
            telegram: at("telegram/"),
            anthropic: at("anthropic/"),
            openai: at("openai/"),
            google_ai: at("google-ai/"),
            ..Endpoints::default()
        }
    }
}

/// Serves connections on a thread of its own for as long as the test lives.
fn answering(serve: fn(TcpStream)) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address
}

/// What was sent is left unread, so that the end of the connection is a reset.
fn reset(stream: TcpStream) {
    let mut byte = [0];
    let _ = stream.peek(&mut byte);
}

/// Shows a certificate that ended in 2020.
fn expired(mut stream: TcpStream) {
    let pem = include_bytes!("expired.pem");
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
    // The client turns away: that is the point.
    let _ = tls.complete_io(&mut stream);
}
