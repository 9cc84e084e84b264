//! A cloud that answers what a test tells it to, call by call.

use clawdwako::http::{Endpoints, Http};
use clawdwako::model::ProviderKind;
use clawdwako::provider::{InstanceSpec, LABEL, Offer, Provider, Tag};
use clawdwako::secrets::Secret;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub const TOKEN: &str = "token-0123456789abcdef";
pub const ID: &str = "0193aaaabbbb7ccc8ddd000000000001";
pub const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmcVdzydp72a/B69nmENZvCvjuk7xGpKdi5CvhkmNsv clawdwako";
pub const FINGERPRINT: &str = "af:0d:c5:57:a8:fd:b2:82:5e:d4:c1:65:f0:0c:8a:9d";

pub struct Cloud {
    server: MockServer,
}

/// Answers in order; the last one again and again.
struct Script {
    answers: Vec<(u16, Value)>,
    next: AtomicUsize,
}

impl Respond for Script {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let n = self.next.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let (status, body) = &self.answers[n];
        let answer = ResponseTemplate::new(*status).insert_header("X-Correlation-Id", "corr-1");
        match body {
            Value::Null => answer,
            body => answer.set_body_json(body),
        }
    }
}

impl Cloud {
    pub async fn start() -> Self {
        Cloud {
            server: MockServer::start().await,
        }
    }

    /// `what` is like `GET /servers` or `GET /servers?name=x`. The first that matches answers.
    pub async fn on(&self, what: &str, answers: impl IntoIterator<Item = (u16, Value)>) -> &Self {
        let (verb, rest) = what.split_once(' ').unwrap();
        let (at, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut mock = Mock::given(method(verb)).and(path(format!("/api{at}")));
        for (k, v) in url::form_urlencoded::parse(query.as_bytes()) {
            mock = mock.and(query_param(k, v));
        }
        let answers: Vec<_> = answers.into_iter().collect();
        let next = AtomicUsize::new(0);
        mock.respond_with(Script { answers, next }).mount(&self.server).await;
        self
    }

    /// A list that is the whole answer.
    pub async fn list(&self, what: &str, items: Value) -> &Self {
        let path = what.split('?').next().unwrap();
        let key = match path {
            "/account/keys" => "ssh_keys",
            path => path.trim_start_matches('/'),
        };
        self.on(&format!("GET {what}"), [(200, json!({ key: items }))]).await
    }

    pub async fn requests(&self, verb: &str, at: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        let at = format!("/api{at}");
        all.into_iter()
            .filter(|r| r.method.as_str() == verb && r.url.path() == at)
            .collect()
    }

    pub async fn count(&self, verb: &str, at: &str) -> usize {
        self.requests(verb, at).await.len()
    }

    /// The bodies that were sent.
    pub async fn bodies(&self, verb: &str, at: &str) -> Vec<Value> {
        let requests = self.requests(verb, at).await;
        requests
            .iter()
            .map(|r| serde_json::from_slice(&r.body).unwrap())
            .collect()
    }

    pub fn provider(&self, kind: ProviderKind) -> Provider {
        let base: url::Url = format!("{}/api/", self.server.uri()).parse().unwrap();
        let endpoints = Endpoints {
            hetzner: base.clone(),
            digitalocean: base,
            ..Endpoints::default()
        };
        // Deadlines are counted in pauses: short enough to be quick, long enough for a machine
        // that is busy with other tests.
        let http = Http::new().unwrap().with_pause(Duration::from_millis(10));
        Provider::new(kind, &http, &endpoints, Some(&Secret::new(TOKEN))).unwrap()
    }
}

pub fn tag() -> Tag {
    Tag {
        deployment_id: ID.into(),
        bot_name: "demo".into(),
    }
}

pub fn labels() -> Value {
    json!({ LABEL: ID })
}

pub fn do_tag() -> String {
    format!("{LABEL}:{ID}")
}

pub fn spec() -> InstanceSpec {
    InstanceSpec {
        image: "ubuntu-24.04".into(),
        ssh_key_id: "11".into(),
        firewall_id: "22".into(),
        user_data: Secret::new("#cloud-config\n"),
    }
}

pub fn offer(size: &str, region: &str, arch: &str) -> Offer {
    Offer {
        size: size.into(),
        region: region.into(),
        vcpus: 2,
        memory_mb: 4096,
        disk_gb: 40,
        arch: arch.into(),
        price_month: 5.0,
        currency: "EUR".into(),
        available: true,
    }
}
