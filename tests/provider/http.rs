//! The HTTP client: what is sent again and what is not, pauses, and what errors tell.

use crate::support::port;
use clawdwako::error::{Kind, Result};
use clawdwako::http::{Answer, Call, Http};
use clawdwako::secrets::Secret;
use reqwest::Method;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn http() -> Http {
    Http::new().unwrap().with_pause(Duration::from_millis(1))
}

fn call(method: Method, base: &str) -> Call {
    Call::new(
        "Testcloud",
        method,
        format!("{base}/bot123:URLSECRET/x").parse().unwrap(),
    )
    .bearer(&Secret::new("HEADERSECRET"))
    .json(serde_json::json!({"key": "BODYSECRET"}))
}

/// A server that answers the given templates in turn, then 200.
async fn server(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    for answer in answers {
        Mock::given(any())
            .respond_with(answer)
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    server
}

async fn sent(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// Reads each request and hangs up without an answer; counts them.
async fn hangs_up() -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU32::new(0));
    let counter = count.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            if socket.read(&mut buffer).await.unwrap_or(0) > 0 {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    (base, count)
}

#[tokio::test]
async fn a_lost_reply_is_asked_for_again_only_where_that_is_harmless() {
    let (base, count) = hangs_up().await;
    let e = http().send(&call(Method::POST, &base)).await.unwrap_err();
    assert_eq!((e.kind(), count.load(Ordering::SeqCst)), (Kind::Network, 1));
    let e = http().send(&call(Method::PUT, &base)).await.unwrap_err();
    assert_eq!((e.kind(), count.load(Ordering::SeqCst)), (Kind::Network, 1 + 5));
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_even_for_a_post() {
    let address = SocketAddr::from(([127, 0, 0, 1], port::free()));
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        let listener = TcpListener::bind(address).await.unwrap();
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = socket.read(&mut buffer).await;
        socket
            .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
    });
    let patient = Http::new().unwrap().with_pause(Duration::from_millis(200));
    let answer = patient
        .send(&call(Method::POST, &format!("http://{address}")))
        .await
        .unwrap();
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_gateway_error_is_tried_again_only_where_that_is_harmless() {
    let bad = || ResponseTemplate::new(502);
    let s = server(vec![bad(), bad()]).await;
    assert_eq!(http().send(&call(Method::POST, &s.uri())).await.unwrap().status, 502);
    assert_eq!(sent(&s).await, 1);
    assert_eq!(http().send(&call(Method::GET, &s.uri())).await.unwrap().status, 200);
    assert_eq!(sent(&s).await, 3);
}

async fn timed(answers: Vec<ResponseTemplate>) -> (Result<Answer>, Duration) {
    let s = server(answers).await;
    let begun = Instant::now();
    let result = http().send(&call(Method::POST, &s.uri())).await;
    (result, begun.elapsed())
}

#[tokio::test]
async fn pauses_that_are_asked_for_are_kept() {
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let full = |name: &str, value: &str| ResponseTemplate::new(429).insert_header(name, value);
    let (result, took) = timed(vec![full("retry-after", "1")]).await;
    assert!(result.unwrap().status == 200 && took >= second, "{took:?}");
    let (result, took) = timed(vec![full("ratelimit-reset", "1")]).await;
    assert!(result.unwrap().status == 200 && took >= second, "{took:?}");
    // A moment in seconds since 1970, as both clouds tell it.
    let moment = (clawdwako::model::now() / 1000 + 2).to_string();
    let (result, took) = timed(vec![full("ratelimit-reset", &moment)]).await;
    assert!(result.unwrap().status == 200 && took >= second, "{took:?}");
    // When the whole allowance is back in an hour, the next single call may still pass at once.
    let moment = (clawdwako::model::now() / 1000 + 3600).to_string();
    let (result, took) = timed(vec![full("ratelimit-reset", &moment)]).await;
    assert!(result.unwrap().status == 200 && took < minute, "{took:?}");
    // Nobody sits through an hour.
    let (result, took) = timed(vec![full("retry-after", "3600")]).await;
    let e = result.unwrap_err();
    assert!(e.kind() == Kind::RateLimited && e.message().contains("3600 s") && took < minute);
}

#[tokio::test]
async fn tries_are_limited() {
    let s = server((0..9).map(|_| ResponseTemplate::new(429)).collect()).await;
    assert_eq!(http().send(&call(Method::GET, &s.uri())).await.unwrap().status, 429);
    assert_eq!(sent(&s).await, 5);
    let hurried = http().hurried();
    assert_eq!(hurried.send(&call(Method::GET, &s.uri())).await.unwrap().status, 429);
    assert_eq!(sent(&s).await, 5 + 2);
}

#[tokio::test]
async fn a_slow_answer_is_a_timeout() {
    let s = server(vec![ResponseTemplate::new(200).set_delay(Duration::from_secs(30))]).await;
    let mut slow = call(Method::POST, &s.uri());
    slow.deadline = Duration::from_millis(50);
    assert_eq!(http().send(&slow).await.unwrap_err().kind(), Kind::Timeout);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_and_not_asked_for_again() {
    let s = server(vec![ResponseTemplate::new(200).set_body_bytes(vec![b' '; 17 << 20])]).await;
    let e = http().send(&call(Method::GET, &s.uri())).await.unwrap_err();
    assert_eq!((e.kind(), sent(&s).await), (Kind::Upstream, 1));
    assert!(e.message().contains("over 16 MiB") && e.next_step().is_some(), "{e}");
}

#[tokio::test]
async fn a_credential_that_cannot_be_one_is_not_sent() {
    let s = server(vec![]).await;
    let mut call = call(Method::GET, &s.uri());
    call = call.bearer(&Secret::new("HEADERSECRET\nX: y"));
    let e = http().send(&call).await.unwrap_err();
    assert_eq!((e.kind(), sent(&s).await), (Kind::Usage, 0));
    assert!(!format!("{e:?}").contains("SECRET"));
}

#[tokio::test]
async fn neither_errors_nor_debug_output_tell_secrets() {
    let (lost, _) = hangs_up().await;
    for base in [lost.as_str(), "http://127.0.0.1:1"] {
        let call = call(Method::POST, base);
        let e = http().send(&call).await.unwrap_err();
        let text = format!("{e} {e:?} {:?} {call:?}", e.next_step());
        assert!(text.contains("Testcloud") && !text.contains("SECRET"), "{text}");
    }
}
