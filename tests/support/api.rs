//! The real control server on a port of its own, with the sandbox's Google beside it.

use super::engine::Engine;
use super::people;
use crate::sandbox::stand_ins::StandIns;
use clawdwako::api::server::{App, Parts, serve};
use clawdwako::config::ServerSettings;
use clawdwako::google::{Google, Polled};
use clawdwako::http::Endpoints;
use clawdwako::model::{Role, Scope, TokenKind, User};
use clawdwako::secrets::Secret;
use clawdwako::secrets::keyring::SecretName;
use clawdwako::store::Store;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// Where browsers sign in.
pub const CALLBACK: &str = "/api/auth/callback/google";

/// A control server, one of perhaps several over the same store.
pub struct Api {
    pub base: String,
    pub store: Store,
    pub http: reqwest::Client,
    server: JoinHandle<()>,
}

/// What came back.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

/// Settings under which everybody may sign in.
pub fn open() -> ServerSettings {
    ServerSettings {
        open_registration: true,
        guarded_per_minute: 1_000,
        ..ServerSettings::default()
    }
}

/// The addresses and clients of the sandbox's Google.
pub fn at_google(google: &StandIns) -> (Endpoints, BTreeMap<SecretName, Secret>) {
    let at = |path: &str| google.url(&format!("/google/{path}")).parse().unwrap();
    let endpoints = Endpoints {
        google_auth: at("auth"),
        google_device: at("device/code"),
        google_token: at("token"),
        google_jwks: at("certs"),
        telegram: google.url("/telegram/").parse().unwrap(),
        // A test never leaves this machine.
        hetzner: google.url("/hetzner/v1/").parse().unwrap(),
        digitalocean: google.url("/digitalocean/v2/").parse().unwrap(),
        anthropic: google.url("/anthropic/").parse().unwrap(),
        openai: google.url("/openai/").parse().unwrap(),
        google_ai: google.url("/google-ai/").parse().unwrap(),
        ..Endpoints::default()
    };
    let keys = &google.world.credentials;
    let operator = [
        (SecretName::GoogleClientId, &keys.google_client_id),
        (SecretName::GoogleClientSecret, &keys.google_client_secret),
        (SecretName::GoogleWebClientId, &keys.google_web_client_id),
        (SecretName::GoogleWebClientSecret, &keys.google_web_client_secret),
    ];
    let operator = operator.map(|(name, value)| (name, Secret::new(value.as_str())));
    (endpoints, operator.into())
}

impl Api {
    /// A server over the engine's store, with the sandbox's Google.
    pub async fn start(engine: &Engine, google: &StandIns, settings: ServerSettings) -> Api {
        let (endpoints, operator) = at_google(google);
        Api::start_with(engine, endpoints, operator, settings).await
    }

    pub async fn start_with(
        engine: &Engine,
        endpoints: Endpoints,
        operator: BTreeMap<SecretName, Secret>,
        settings: ServerSettings,
    ) -> Api {
        let store = engine.open().await;
        let app = App::new(Parts {
            store: store.clone(),
            http: crate::clients::http(),
            endpoints,
            plans: settings.plans(),
            settings,
            offers: Default::default(),
            operator,
        })
        .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            serve(app, listener, std::future::pending()).await.unwrap();
        });
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Api {
            base,
            store,
            http,
            server,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Calls with headers, and with a body if it is not null.
    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Told {
        let mut request = self
            .http
            .request(Method::from_bytes(method.as_bytes()).unwrap(), self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        Told::of(request.send().await.unwrap()).await
    }

    /// Calls with an API token.
    pub async fn with(&self, token: &str, method: &str, path: &str, body: Value) -> Told {
        let bearer = format!("Bearer {token}");
        self.call(method, path, &[("authorization", bearer.as_str())], &body)
            .await
    }

    /// Gets with an API token, and demands success.
    pub async fn get(&self, token: &str, path: &str) -> Value {
        self.with(token, "GET", path, Value::Null).await.ok()
    }

    /// A user with an API token for everything, without any sign-in.
    pub async fn user(&self, email: &str, role: Role) -> (User, String) {
        let user = people::add_user(&self.store, email, role).await;
        let token = self.token(&user, TokenKind::Api, Scope::Admin).await;
        (user, token)
    }

    /// One more token of a user.
    pub async fn token(&self, user: &User, kind: TokenKind, scope: Scope) -> String {
        let mut tx = self.store.begin().await.unwrap();
        let given = people::add_token(&mut tx, user, kind, scope).await;
        tx.commit().await.unwrap();
        given
    }

    /// Sends a browser to Google, where it agrees as `email`. Answers the address that Google
    /// sends it back to, and the cookie that it has from here.
    pub async fn to_google(&self, email: &str) -> (Url, String) {
        let begun = self.call("GET", CALLBACK, &[], &Value::Null).await;
        assert_eq!(begun.status, 302, "{begun:?}");
        let cookie = begun.cookie("__Host-clawdwako-login").expect("a cookie");
        let form = [("email", email), ("action", "allow")];
        let agreed = self
            .http
            .post(begun.header("location"))
            .form(&form)
            .send()
            .await
            .unwrap();
        let back: Url = agreed.headers()["location"].to_str().unwrap().parse().unwrap();
        assert_eq!(back.as_str().split('?').next().unwrap(), self.url(CALLBACK));
        (back, cookie)
    }

    /// The end of a browser's sign-in.
    pub async fn back(&self, back: &Url, cookie: &str) -> Told {
        let path = format!("{}?{}", back.path(), back.query().unwrap());
        self.call("GET", &path, &[("cookie", cookie)], &Value::Null).await
    }

    /// A browser's whole sign-in.
    pub async fn sign_in(&self, email: &str) -> Told {
        let (back, cookie) = self.to_google(email).await;
        self.back(&back, &cookie).await
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Told {
    async fn of(response: Response) -> Told {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{e}: {bytes:?}")),
        };
        Told { status, headers, body }
    }

    /// Demands success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// Demands a status and an error's code, and that the error tells what to do.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &Told {
        let error = &self.body["error"];
        assert_eq!((self.status, error["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(error["request_id"].as_str(), Some(self.header("x-request-id")));
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// A cookie that is set, as the browser sends it back.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.set_cookie(name).map(|c| c.split(';').next().unwrap().to_owned())
    }

    pub fn set_cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap());
        cookies
            .into_iter()
            .find(|c| c.starts_with(&format!("{name}=")))
            .map(str::to_owned)
    }
}

/// Signs in by the device flow at the sandbox's Google, as the command line does, and answers
/// the id token.
pub async fn device_proof(google: &StandIns, email: &str) -> String {
    google.world.google.lock().unwrap().interval_s = 0;
    let (endpoints, operator) = at_google(google);
    let client = Google::new(
        crate::clients::http(),
        &endpoints,
        operator[&SecretName::GoogleClientId].expose(),
        operator.get(&SecretName::GoogleClientSecret),
    )
    .unwrap();
    let mut login = client.start().await.unwrap();
    let approval = json!({"user_code": login.user_code, "email": email});
    assert_eq!(google.post("/_control/google/approve", &approval).await.0, 200);
    match client.poll(&mut login).await.unwrap() {
        Polled::Done(tokens) => tokens.id_token.unwrap().expose().to_owned(),
        Polled::Pending => panic!("it was approved"),
    }
}
