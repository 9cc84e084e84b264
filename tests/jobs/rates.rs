//! The rates of the clouds over all replicas.

use crate::support::engine::{Engine, on_both_engines};
use clawdwako::http::{Call, Http};
use clawdwako::jobs::Rates;
use clawdwako::secrets::Secret;
use clawdwako::store::Rate;
use std::time::{Duration, Instant};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

on_both_engines! {
    replicas_share_the_rate_of_an_account,
    an_account_does_not_wait_for_another,
}

const HOUR: Duration = Duration::from_secs(3600);

async fn a_cloud() -> MockServer {
    let cloud = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(204))
        .mount(&cloud)
        .await;
    cloud
}

fn call(cloud: &MockServer, peer: &'static str, token: &str) -> Call {
    Call::new(peer, reqwest::Method::GET, cloud.uri().parse().unwrap()).bearer(&Secret::new(token))
}

async fn replicas_share_the_rate_of_an_account(engine: Engine) {
    let cloud = a_cloud().await;
    // A bucket of 50, and 25 more a second.
    let rates = Rates::new([("Hetzner", vec![Rate::new(50, Duration::from_secs(2))])]);
    let mut replicas = Vec::new();
    for _ in 0..2 {
        let store = engine.open().await;
        replicas.push(Http::new().unwrap().with_gate(rates.clone().gate(&store)));
    }
    let begun = Instant::now();
    let calls: Vec<_> = (0..100)
        .map(|i| {
            let (http, call) = (replicas[i % 2].clone(), call(&cloud, "Hetzner", "one-account"));
            tokio::spawn(async move { http.send(&call).await.unwrap().status })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), 204, "each waits for its turn, none is refused");
    }
    let took = begun.elapsed();
    assert!(
        took >= Duration::from_millis(1900),
        "100 calls of 50 and 25/s: {took:?}"
    );
}

/// One account's calls are used up for minutes; another has its own, and who has no rate is not
/// held up.
async fn an_account_does_not_wait_for_another(engine: Engine) {
    let cloud = a_cloud().await;
    let rates = Rates::new([("Hetzner", vec![Rate::new(20, HOUR)])]);
    let http = Http::new().unwrap().with_gate(rates.gate(&engine.open().await));
    let all = async {
        for (peer, account) in [
            ("Hetzner", "one"),
            ("Hetzner", "another"),
            ("Telegram", "one"),
            ("Telegram", "one"),
        ] {
            for _ in 0..20 {
                http.send(&call(&cloud, peer, account)).await.unwrap();
            }
        }
    };
    // The next call of either account would wait for three minutes.
    tokio::time::timeout(HOUR / 40, all).await.expect("nobody waits");
}
