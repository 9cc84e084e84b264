//! A stand-in cloud on a port of its own, with machines on paper, and a client for it.

use clawdwako::sandbox::{digitalocean, hetzner, hosts::Hosts, world::World};
use serde_json::Value;
use std::{
    sync::{Arc, MutexGuard},
    time::{Duration, Instant},
};

/// Both stand-ins, served until this is dropped.
pub struct Clouds {
    pub world: Arc<World>,
    base: String,
    server: tokio::task::JoinHandle<()>,
    http: reqwest::Client,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// `null` if the answer has no body.
    pub body: Value,
}

impl Drop for Clouds {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Clouds {
    /// Starts both under `/hetzner` and `/digitalocean`, as the sandbox does; actions take 20 ms.
    pub async fn start() -> Self {
        let world = World::new(std::env::temp_dir(), Hosts::paper());
        world.hetzner.lock().unwrap().set_pace(Duration::from_millis(20));
        world.digitalocean.lock().unwrap().set_pace(Duration::from_millis(20));
        let router = axum::Router::new()
            .nest("/hetzner", hetzner::router(Arc::clone(&world)))
            .nest("/digitalocean", digitalocean::router(Arc::clone(&world)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Clouds {
            world,
            base,
            server,
            http: reqwest::Client::new(),
        }
    }

    /// Hetzner's address, with `/v1`.
    pub fn hetzner_url(&self) -> String {
        format!("{}/hetzner/v1", self.base)
    }

    /// DigitalOcean's address, without `/v2`.
    pub fn digitalocean_url(&self) -> String {
        format!("{}/digitalocean", self.base)
    }

    /// Hetzner's project.
    pub fn hetzner_state(&self) -> MutexGuard<'_, hetzner::State> {
        self.world.hetzner.lock().unwrap()
    }

    /// DigitalOcean's account.
    pub fn digitalocean_state(&self) -> MutexGuard<'_, digitalocean::State> {
        self.world.digitalocean.lock().unwrap()
    }

    /// Calls Hetzner with the right token; `path` begins after `/v1`.
    pub async fn hetzner(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = self.world.credentials.hetzner.clone();
        self.call(method, &format!("{}{path}", self.hetzner_url()), Some(&token), body)
            .await
    }

    /// Calls DigitalOcean with the right token; `path` begins with `/v2`.
    pub async fn digitalocean(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = self.world.credentials.digitalocean.clone();
        let url = format!("{}{path}", self.digitalocean_url());
        self.call(method, &url, Some(&token), body).await
    }

    /// Calls any address.
    pub async fn call(&self, method: &str, url: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            text,
            body,
        }
    }

    /// Waits for one of Hetzner's actions to end; answers its last view.
    pub async fn hetzner_action(&self, action: &Value) -> Value {
        let path = format!("/actions/{}", action["id"]);
        self.until(|| async {
            let answer = self.hetzner("GET", &path, None).await;
            (answer.body["action"]["status"] != "running").then(|| answer.body["action"].clone())
        })
        .await
    }

    /// Waits for one of DigitalOcean's actions to end; answers its last view.
    pub async fn digitalocean_action(&self, id: &Value) -> Value {
        let path = format!("/v2/actions/{id}");
        self.until(|| async {
            let answer = self.digitalocean("GET", &path, None).await;
            (answer.body["action"]["status"] != "in-progress").then(|| answer.body["action"].clone())
        })
        .await
    }

    /// Asks until there is an answer, for ten seconds at most.
    async fn until<F, T>(&self, ask: impl Fn() -> F) -> T
    where
        F: Future<Output = Option<T>>,
    {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            assert!(Instant::now() < deadline, "it did not end within 10 s");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Answer {
    /// The code of one of Hetzner's refusals.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Demands a status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Demands a status and one of Hetzner's codes.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        self
    }
}
