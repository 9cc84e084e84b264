//! Certificates: who may be spoken to. The authority of this test is among those that the binary
//! trusts, so that what is left to refuse is the one thing that is wrong.
//!
//! Made with `openssl ca`: `authority.pem` signed both of the others, `valid.pem` up to 2119 and
//! `expired.pem` up to 2020; each is for `localhost`, with its key.

use crate::support::cli::{Home, Ran};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/certificates/authority.pem");
/// What both services say of a credential that they do not know.
const REFUSAL: &str =
    r#"{"ok":false,"error_code":401,"description":"Unauthorized","error":{"code":"unauthorized","message":"no"}}"#;

/// Answers every request at `localhost` with a refusal, showing this certificate. Counts the
/// connections.
fn serve(pem: &'static [u8]) -> (String, Arc<AtomicU32>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(pem).unwrap()],
            PrivateKeyDer::from_pem_slice(pem).unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let count = Arc::new(AtomicU32::new(0));
    let counter = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::SeqCst);
            // Who turns away at the certificate hears nothing more.
            let _ = answer(stream, config.clone());
        }
    });
    (base, count)
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    // A request is small and comes in one piece.
    let _ = tls.read(&mut [0; 8192])?;
    let length = REFUSAL.len();
    write!(
        tls,
        "HTTP/1.1 401 X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{REFUSAL}"
    )?;
    tls.conn.send_close_notify();
    tls.flush()
}

/// Asks a cloud and Telegram, which are at these addresses.
struct Asker(Home);

impl Asker {
    fn of(cloud: &str, telegram: &str, trusts: bool) -> Asker {
        let home = Home::new()
            .env("CLAWDWAKO_HETZNER_URL", cloud)
            .env("CLAWDWAKO_TELEGRAM_URL", telegram)
            .env("HETZNER_API_TOKEN", &"h".repeat(64))
            .env("CLAWDWAKO_TELEGRAM_TOKEN", &format!("110201543:{}", "A".repeat(35)))
            .env("ANTHROPIC_API_KEY", "sk-ant-api03-x");
        Asker(match trusts {
            true => home.env("SSL_CERT_FILE", AUTHORITY),
            false => home,
        })
    }

    fn cloud(&self) -> Ran {
        self.0.run(&["servers", "--provider", "hetzner", "--json"])
    }

    fn telegram(&self) -> Ran {
        let plan = ["deploy", "demo", "--dry-run", "--json", "--provider", "hetzner"];
        let who = ["--model", "claude-opus", "--owner", "42"];
        self.0.run(&[&plan[..], &who].concat())
    }
}

#[test]
fn who_shows_a_valid_certificate_is_spoken_to() {
    let (base, _) = serve(include_bytes!("certificates/valid.pem"));
    let asker = Asker::of(&base, &base, true);
    for ran in [asker.cloud(), asker.telegram()] {
        assert_eq!(ran.json()["error"]["code"], "refused", "{ran:?}");
    }
}

#[test]
fn an_expired_certificate_is_refused_and_named() {
    let (cloud, lists) = serve(include_bytes!("certificates/expired.pem"));
    let (telegram, calls) = serve(include_bytes!("certificates/expired.pem"));
    let asker = Asker::of(&cloud, &telegram, true);
    refused(&asker.cloud(), "Hetzner", "expired");
    refused(&asker.telegram(), "Telegram", "expired");
    // Asking at once again would not help. Of a cloud, four lists are asked for.
    assert!(lists.load(Ordering::SeqCst) <= 4, "{lists:?}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused_and_named() {
    let (base, _) = serve(include_bytes!("certificates/valid.pem"));
    let asker = Asker::of(&base, &base, false);
    refused(&asker.cloud(), "Hetzner", "vouches");
    refused(&asker.telegram(), "Telegram", "vouches");
}

#[track_caller]
fn refused(ran: &Ran, peer: &str, why: &str) {
    let error = &ran.json()["error"];
    let (message, hint) = (error["message"].as_str().unwrap(), error["hint"].as_str().unwrap());
    assert_eq!((ran.code, error["code"].as_str()), (1, Some("network")), "{ran:?}");
    assert!(message.contains(&format!("{peer} shows a certificate")), "{ran:?}");
    assert!(message.contains(why), "{ran:?}");
    assert!(hint.contains("clock") && hint.contains("proxy"), "{ran:?}");
}
