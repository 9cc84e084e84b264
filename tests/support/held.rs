//! A Telegram that keeps whoever removes a webhook waiting until it may answer.

use clawdwako::http::Endpoints;
use serde_json::{Value, json};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub struct HeldTelegram {
    server: MockServer,
    /// Told once the request has come, which it does exactly once.
    pub asked: Arc<Notify>,
    /// Lets it answer.
    pub go_on: Sender<()>,
}

impl HeldTelegram {
    /// Waits no longer than `patience` for the word to go on, and answers so long after it.
    pub async fn start(patience: Duration, delay: Duration) -> HeldTelegram {
        let (server, asked) = (MockServer::start().await, Arc::new(Notify::new()));
        let (go_on, may_go_on) = channel();
        let (heard, may_go_on) = (asked.clone(), Mutex::new(may_go_on));
        let well = |result: Value| ResponseTemplate::new(200).set_body_json(json!({"ok": true, "result": result}));
        Mock::given(path_regex("(?i)/deletewebhook$"))
            .respond_with(move |_: &Request| {
                heard.notify_one();
                may_go_on.lock().unwrap().recv_timeout(patience).unwrap();
                well(json!(true)).set_delay(delay)
            })
            .expect(1)
            .mount(&server)
            .await;
        let none = json!({"url": "", "has_custom_certificate": false, "pending_update_count": 0});
        Mock::given(path_regex("(?i)/getwebhookinfo$"))
            .respond_with(well(none))
            .expect(1)
            .mount(&server)
            .await;
        HeldTelegram { server, asked, go_on }
    }

    /// The outside world with this Telegram.
    pub fn in_place(&self, world: Endpoints) -> Endpoints {
        Endpoints {
            telegram: self.server.uri().parse().unwrap(),
            ..world
        }
    }
}
