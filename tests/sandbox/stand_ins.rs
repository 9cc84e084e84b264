//! All stand-ins on a free port, for one test.

use axum::{extract::Request, middleware::Next};
use clawdwako::sandbox::{control, digitalocean, fault, google, hetzner, hosts::Hosts, models, telegram, world::World};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct StandIns {
    pub base: String,
    pub world: Arc<World>,
    pub http: reqwest::Client,
    /// Every call so far: method and path.
    pub calls: Arc<Mutex<Vec<(String, String)>>>,
    server: tokio::task::JoinHandle<()>,
    _dir: tempfile::TempDir,
}

impl StandIns {
    pub async fn start() -> Self {
        Self::start_with(Hosts::paper(), |routes| routes).await
    }

    /// The same with other hosts, and something around all routes.
    pub async fn start_with(hosts: Hosts, around: impl FnOnce(axum::Router) -> axum::Router) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::new(dir.path().to_owned(), hosts);
        let calls: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let noted = Arc::clone(&calls);
        let note = move |request: Request, next: Next| {
            let call = (request.method().to_string(), request.uri().path().to_owned());
            noted.lock().unwrap().push(call);
            next.run(request)
        };
        let routes = axum::Router::new()
            .merge(models::router(Arc::clone(&world)))
            .nest("/telegram", telegram::router(Arc::clone(&world)))
            .nest("/hetzner", hetzner::router(Arc::clone(&world)))
            .nest("/digitalocean", digitalocean::router(Arc::clone(&world)))
            .nest("/google", google::router(Arc::clone(&world)))
            .nest("/_control", control::router(Arc::clone(&world)))
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&world), fault::layer))
            .layer(axum::middleware::from_fn(note));
        let routes = around(routes);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .no_proxy()
            .build()
            .unwrap();
        StandIns {
            base,
            world,
            http,
            calls,
            server,
            _dir: dir,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Posts JSON and reads JSON.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.http.post(self.url(path)).json(body)).await
    }

    /// Gets JSON.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.http.get(self.url(path))).await
    }

    /// Posts a form and reads JSON.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        read(self.http.post(self.url(path)).form(fields)).await
    }

    pub async fn fault(&self, rule: Value) {
        let (status, answer) = self.post("/_control/faults", &rule).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// A new bot's token and user name.
    pub async fn bot(&self) -> (String, String) {
        let (status, bot) = self.post("/_control/telegram/bots", &json!({"name": "demo"})).await;
        assert_eq!(status, 200);
        let text = |name: &str| bot[name].as_str().unwrap().to_owned();
        (text("token"), text("username"))
    }
}

pub async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

impl Drop for StandIns {
    fn drop(&mut self) {
        self.server.abort();
    }
}
