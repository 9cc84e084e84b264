//! Every parser of what comes from outside, each as a function that takes any bytes: the property
//! tests give them arbitrary and damaged ones, and so do the fuzz targets, which include this
//! file. Clients are driven whole, against a port here that answers with the bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clawdwako::api::client::Client;
use clawdwako::config::{Config, Flags, Parts};
use clawdwako::google::{Google, Polled};
use clawdwako::http::{Endpoints, Http};
use clawdwako::model::{ProviderKind, Reading, SshTarget};
use clawdwako::openclaw::gateway::{channels, turn, usage, wire};
use clawdwako::openclaw::health::{HealthReport, Turn, explain, judge, too_late};
use clawdwako::openclaw::look::Look;
use clawdwako::openclaw::{catalog, engines, packages, registry};
use clawdwako::provider::{OfferFilter, Provider, Tag};
use clawdwako::secrets::{Redactor, Secret};
use clawdwako::ssh::Output;
use clawdwako::ssh::lines::{Splitter, clean};
use clawdwako::ssh::{host_key, known_hosts};
use clawdwako::telegram::Telegram;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use url::Url;

/// A parser: takes any bytes, and neither panics nor takes long.
pub type Parser = fn(&[u8]);

/// All of them, by name.
pub const ALL: &[(&str, Parser)] = &[
    ("hetzner", hetzner),
    ("digitalocean", digitalocean),
    ("telegram", telegram),
    ("google", google),
    ("models", models),
    ("openclaw", openclaw),
    ("config", config),
    ("events", events),
    ("ssh_output", ssh_output),
];

/// How long a client may be at one answer: some ask again after a pause, and are cut off then.
const LIMIT: Duration = Duration::from_millis(250);
/// The statuses that the first byte chooses from.
const STATUSES: [u16; 8] = [200, 200, 400, 401, 403, 404, 422, 503];
const TOKEN: &str = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Answers every request at this address with the same status, type and body, until dropped.
struct Peer {
    base: Url,
    task: tokio::task::JoinHandle<()>,
}

impl Peer {
    async fn answering(bytes: &[u8], media: &str) -> Peer {
        let (choice, body) = bytes.split_first().unwrap_or((&0, &[]));
        let status = STATUSES[usize::from(*choice) % STATUSES.len()];
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {media}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let answer: Arc<[u8]> = [head.as_bytes(), body].concat().into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    // A request is small and comes in one piece or two; what is left is not needed.
                    let _ = stream.read(&mut [0; 8192]).await;
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Peer { base, task }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs what talks to a peer, cut off after the limit.
fn talk(work: impl Future<Output = ()>) {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| Runtime::new().unwrap());
    runtime.block_on(async {
        let _ = tokio::time::timeout(LIMIT, work).await;
    });
}

fn http() -> Http {
    static HTTP: OnceLock<Http> = OnceLock::new();
    HTTP.get_or_init(|| Http::new().unwrap().with_pause(Duration::from_millis(1)))
        .clone()
}

fn cloud(kind: ProviderKind, bytes: &[u8]) {
    talk(async {
        let peer = Peer::answering(bytes, "application/json").await;
        let endpoints = Endpoints {
            hetzner: peer.base.clone(),
            digitalocean: peer.base.clone(),
            ..Endpoints::default()
        };
        let provider = Provider::new(kind, &http(), &endpoints, Some(&Secret::new("t"))).unwrap();
        let tag = Tag {
            deployment_id: "0193aaaabbbb7ccc8ddd000000000001".into(),
            bot_name: "demo".into(),
        };
        let _ = provider.account().await;
        let _ = provider.regions().await;
        let _ = provider.sizes().await;
        let _ = provider.offers(&OfferFilter::default()).await;
        let _ = provider.find_instance(&tag).await;
        for resource in provider.resources(None).await.into_iter().flatten().take(2) {
            let _ = provider.delete(&resource).await;
        }
    });
}

pub fn hetzner(bytes: &[u8]) {
    cloud(ProviderKind::Hetzner, bytes);
}

pub fn digitalocean(bytes: &[u8]) {
    cloud(ProviderKind::DigitalOcean, bytes);
}

pub fn telegram(bytes: &[u8]) {
    talk(async {
        let peer = Peer::answering(bytes, "application/json").await;
        let telegram = Telegram::new(peer.base.clone(), &Secret::new(TOKEN))
            .unwrap()
            .with_pause(Duration::from_millis(1));
        let _ = telegram.get_me().await;
        let _ = telegram.webhook().await;
        let _ = telegram.delete_webhook().await;
    });
}

/// Answers of the sign-in, and id tokens: the bytes themselves, before any key is asked for.
pub fn google(bytes: &[u8]) {
    talk(async {
        let peer = Peer::answering(bytes, "application/json").await;
        let endpoints = Endpoints {
            google_device: peer.base.clone(),
            google_token: peer.base.clone(),
            google_jwks: peer.base.clone(),
            ..Endpoints::default()
        };
        let google = Google::new(http(), &endpoints, "client", None).unwrap();
        let _ = google.verify(&Secret::new(String::from_utf8_lossy(bytes)), None).await;
        let _ = google.refresh(&Secret::new("r")).await;
        if let Ok(mut login) = google.start().await
            && let Ok(Polled::Done(tokens)) = google.poll(&mut login).await
            && let Some(token) = tokens.id_token
        {
            let _ = google.verify(&token, None).await;
        }
    });
}

pub fn models(bytes: &[u8]) {
    talk(async {
        let peer = Peer::answering(bytes, "application/json").await;
        let endpoints = Endpoints {
            anthropic: peer.base.clone(),
            openai: peer.base.clone(),
            google_ai: peer.base.clone(),
            ..Endpoints::default()
        };
        for model in ["claude-opus", "gpt-5", "gemini"] {
            let model = catalog::parse_model(model).unwrap();
            let _ = clawdwako::models::prove(&http(), &endpoints, &model, &Secret::new("k")).await;
        }
    });
}

/// What the agent tells of itself, of the Node that it needs, and of what came with it.
pub fn openclaw(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for name in ["Ready", "Log", "Disk", "ActiveState"] {
        look(&[(name, STANDARD.encode(bytes)), (name, text.clone().into_owned())]);
    }
    if let Ok(head) = wire::Head::read(bytes) {
        let _ = head.outcome(bytes);
    }
    let telegram = wire::payload::<channels::Status>(bytes);
    let telegram = telegram.ok().and_then(channels::Status::telegram);
    let report = HealthReport {
        telegram,
        ..HealthReport::default()
    };
    let _ = (judge(&report), too_late(&report, "Telegram"));
    if let Ok(usage) = wire::payload::<usage::Usage>(bytes) {
        let mut reading = Reading::default();
        usage.note(&mut reading);
        assert!(reading.tokens.is_none_or(|n| n >= 0) && reading.cost_usd.is_none_or(|c| c >= 0.0));
    }
    if let Ok(answer) = wire::payload::<turn::Answer>(bytes) {
        let _ = Turn::from(answer).trouble();
    }
    let _ = Turn::failed(text.clone()).trouble();
    if let Ok(list) = packages::parse(&text) {
        assert_eq!(list.sum().count, list.all().len());
    }
    if let Ok(listed) = registry::parse("2026.9.6", &text) {
        // It becomes a folder of root's.
        assert!(!listed.version.contains(['/', ' ', '\n']), "{listed:?}");
    }
    let _ = explain(&text);
    let _ = engines::node_major_for(&text);
    let _ = engines::allows(&text, "26.1.0");
    let _ = engines::allows(">=24", &text);
}

/// A look with these facts among good ones.
fn look(facts: &[(&str, String)]) {
    for (name, value) in facts {
        let good = [("ActiveState", "active"), ("Port", "18789")];
        let mut told = Output::default();
        told.facts.extend(good.map(|(n, v)| (n.to_owned(), v.to_owned())));
        told.facts.insert((*name).to_owned(), value.clone());
        if let Ok(look) = Look::parse(&told) {
            let report = look.report("demo", &Redactor::new([Secret::new(TOKEN)]));
            assert!(report.log.iter().all(|line| !line.chars().any(char::is_control)));
            let _ = (judge(&report), look.reading(), look.can_be_asked());
        }
    }
}

pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for (flags, variable) in [
        (Flags::default(), None),
        (
            Flags {
                sandbox: true,
                ..Flags::default()
            },
            Some(text),
        ),
    ] {
        let env = |name: &str| variable.filter(|_| name != "CLAWDWAKO_HOME").map(str::to_owned);
        let _ = Config::from_parts(&Parts {
            env: &env,
            home: Path::new("/home/me"),
            read: &|_| Ok(Some(text.to_owned())),
            flags: &flags,
            sandbox: None,
        });
    }
}

/// A control server's event stream, and its other answers.
pub fn events(bytes: &[u8]) {
    for media in ["text/event-stream", "application/json"] {
        talk(async {
            let peer = Peer::answering(bytes, media).await;
            let client = Client::new(http(), peer.base.clone(), Some(Secret::new("t")));
            let mut events = client.events("b", 0);
            for _ in 0..100 {
                if !matches!(events.next().await, Ok(Some(_))) {
                    break;
                }
            }
            let _ = client.status("b").await;
        });
    }
}

/// A script's output, cut anywhere; and the keys that a server or a file shows.
pub fn ssh_output(bytes: &[u8]) {
    let (choice, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let mut splitter = Splitter::default();
    let mut check = |line: String| assert!(!line.chars().any(char::is_control), "{line:?}");
    for piece in rest.chunks(usize::from(*choice) + 1) {
        splitter.push(piece, &mut check);
    }
    splitter.end(&mut check);
    check(clean(rest));
    let text = String::from_utf8_lossy(rest);
    let _ = host_key::pin(&text);
    let _ = host_key::fingerprint(&text);
    let _ = host_key::public_of(&Secret::new(text.as_ref()));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rest).unwrap();
    let target = SshTarget {
        host: "example.org".into(),
        port: 22,
        user: "root".into(),
    };
    let _ = known_hosts::host_keys(&target, file.path());
}
