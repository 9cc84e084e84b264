//! The device flow, call by call and as a whole.

use super::google_identity::{Signer, claims};
use super::{Field, endpoints, http};
use clawdwako::error::Kind;
use clawdwako::google::flow::{self, Prompt};
use clawdwako::google::{DeviceLogin, Google, Polled};
use clawdwako::secrets::Secret;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECRET: &str = "GOCSPX-client-hunter2";

fn google(server: &MockServer) -> Google {
    Google::new(http(), &endpoints(server), "client-1", Some(&Secret::new(SECRET))).unwrap()
}

fn answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// A stand-in that gives out a code, as Google does.
async fn with_code(expires_in: u64, interval: u64) -> MockServer {
    let server = MockServer::start().await;
    let body = json!({
        "device_code": "dev-hunter2", "user_code": "ABCD-EFGH", "expires_in": expires_in, "interval": interval,
        "verification_url": "https://www.google.com/device",
    });
    Mock::given(path("/device/code"))
        .and(Field("client_id", "client-1".into()))
        .and(Field("scope", "openid email profile".into()))
        .respond_with(answer(200, body))
        .mount(&server)
        .await;
    server
}

async fn polls(server: &MockServer, answers: &[(u16, Value)]) {
    for (i, (status, body)) in answers.iter().enumerate() {
        let mock = Mock::given(path("/token"))
            .and(Field("client_secret", SECRET.into()))
            .and(Field("device_code", "dev-hunter2".into()))
            .and(Field(
                "grant_type",
                "urn:ietf:params:oauth:grant-type:device_code".into(),
            ))
            .respond_with(answer(*status, body.clone()));
        if i + 1 < answers.len() {
            mock.up_to_n_times(1).mount(server).await;
        } else {
            mock.mount(server).await;
        }
    }
}

async fn begun(server: &MockServer) -> (Google, DeviceLogin) {
    let google = google(server);
    let login = google.start().await.unwrap();
    (google, login)
}

#[tokio::test]
async fn a_sign_in_waits_slows_down_and_ends_with_tokens() {
    let server = with_code(1800, 5).await;
    polls(
        &server,
        &[
            (
                428,
                json!({"error": "authorization_pending", "error_description": "Precondition Required"}),
            ),
            (403, json!({"error": "slow_down"})),
            (403, json!({"error": "slow_down"})),
            (428, json!({"error": "authorization_pending"})),
            (
                200,
                json!({"access_token": "at", "expires_in": 3599, "refresh_token": "rt", "token_type": "Bearer",
                    "scope": "openid", "id_token": "header.claims.signature"}),
            ),
        ],
    )
    .await;
    let (google, mut login) = begun(&server).await;
    assert_eq!(
        (login.user_code.as_str(), login.link.as_str()),
        ("ABCD-EFGH", "https://www.google.com/device")
    );
    for seconds in [5, 10, 15, 15] {
        assert!(matches!(google.poll(&mut login).await.unwrap(), Polled::Pending));
        assert_eq!(login.interval, Duration::from_secs(seconds));
    }
    let Polled::Done(tokens) = google.poll(&mut login).await.unwrap() else {
        panic!("still pending")
    };
    assert_eq!(tokens.id_token.as_ref().unwrap().expose(), "header.claims.signature");
    assert_eq!(tokens.refresh_token.as_ref().unwrap().expose(), "rt");
    assert!(tokens.expires_at.unwrap() > clawdwako::model::now() + 3_500_000);
    assert!(!format!("{tokens:?} {login:?}").contains("hunter2"));
}

#[tokio::test]
async fn what_ends_a_sign_in_is_read_from_the_body_whatever_the_status() {
    for (status, error, kind) in [
        (403, "access_denied", Kind::Auth),
        (400, "access_denied", Kind::Auth),
        (400, "expired_token", Kind::NeedsUser),
        (400, "invalid_grant", Kind::NeedsUser),
        (401, "invalid_client", Kind::Auth),
        (400, "something_new", Kind::Upstream),
    ] {
        let server = with_code(1800, 5).await;
        polls(&server, &[(status, json!({"error": error}))]).await;
        let (google, mut login) = begun(&server).await;
        let e = google.poll(&mut login).await.unwrap_err();
        assert_eq!(e.kind(), kind, "{error}: {e}");
        assert!(e.next_step().is_some());
        assert!(!format!("{e:?}").contains("hunter2"), "{e}");
    }
}

#[tokio::test]
async fn a_code_that_is_too_old_is_not_even_asked_about() {
    let server = with_code(0, 5).await;
    let (google, mut login) = begun(&server).await;
    assert_eq!(google.poll(&mut login).await.unwrap_err().kind(), Kind::NeedsUser);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_not_quoted() {
    let server = with_code(1800, 5).await;
    let page = ResponseTemplate::new(200).set_body_raw("{\"access_token\": \"hunter2\", ", "application/json");
    Mock::given(path("/token")).respond_with(page).mount(&server).await;
    let (google, mut login) = begun(&server).await;
    let e = google.poll(&mut login).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Upstream);
    assert!(!format!("{e:?}").contains("hunter2"), "{e}");
}

#[tokio::test]
async fn a_lost_connection_is_not_yet_an_end() {
    let server = with_code(1800, 5).await;
    let (_, mut login) = begun(&server).await;
    let port = crate::support::port::free();
    let mut endpoints = endpoints(&server);
    endpoints.google_token = format!("http://127.0.0.1:{port}/token").parse().unwrap();
    let google = Google::new(http(), &endpoints, "client-1", None).unwrap();
    assert!(matches!(google.poll(&mut login).await.unwrap(), Polled::Pending));
    assert_eq!(login.interval, Duration::from_secs(10));
}

#[tokio::test]
async fn tokens_are_renewed_until_the_sign_in_is_gone() {
    let server = MockServer::start().await;
    Mock::given(path("/token"))
        .and(Field("grant_type", "refresh_token".into()))
        .and(Field("refresh_token", "good".into()))
        .and(Field("client_secret", SECRET.into()))
        .respond_with(answer(
            200,
            json!({"access_token": "new", "token_type": "Bearer", "expires_in": 10}),
        ))
        .mount(&server)
        .await;
    Mock::given(path("/token"))
        .respond_with(answer(400, json!({"error": "invalid_grant"})))
        .mount(&server)
        .await;
    let google = google(&server);
    let tokens = google.refresh(&Secret::new("good")).await.unwrap();
    assert_eq!(tokens.access_token.expose(), "new");
    assert_eq!(tokens.refresh_token.unwrap().expose(), "good");
    let e = google.refresh(&Secret::new("bad")).await.unwrap_err();
    assert_eq!(e.kind(), Kind::NeedsUser);
}

#[tokio::test]
async fn taking_a_token_back_can_be_repeated() {
    let server = MockServer::start().await;
    for (token, status) in [("live", 200), ("gone", 400), ("odd", 503)] {
        Mock::given(path("/revoke"))
            .and(Field("token", token.into()))
            .respond_with(answer(status, json!({"error": "invalid_token"})))
            .mount(&server)
            .await;
    }
    let google = google(&server);
    google.revoke(&Secret::new("live")).await.unwrap();
    google.revoke(&Secret::new("gone")).await.unwrap();
    assert_eq!(
        google.revoke(&Secret::new("odd")).await.unwrap_err().kind(),
        Kind::Upstream
    );
}

#[tokio::test]
async fn a_whole_sign_in_shows_code_and_link_and_tells_who_it_was() {
    let server = with_code(1800, 0).await;
    let signer = Signer::new("kid-1");
    signer.publish(&server).await;
    let id_token = signer.sign(&claims());
    polls(
        &server,
        &[
            (428, json!({"error": "authorization_pending"})),
            (
                200,
                json!({"access_token": "at", "token_type": "Bearer", "refresh_token": "rt", "id_token": id_token}),
            ),
        ],
    )
    .await;
    let mut shown: Vec<Prompt> = Vec::new();
    let done = flow::sign_in(&google(&server), &mut |prompt| shown.push(prompt.clone()))
        .await
        .unwrap();
    assert_eq!(done.identity.email, "ada@example.org");
    assert_eq!(done.tokens.refresh_token.unwrap().expose(), "rt");
    assert_eq!((shown.len(), shown[0].code.as_str()), (1, "ABCD-EFGH"));
    assert_eq!(shown[0].link, "https://www.google.com/device");
    assert!((1700..=1800).contains(&shown[0].seconds));
    assert!(shown[0].qr.lines().count() > 10 && shown[0].qr.contains('█'));
}

#[test]
fn a_browser_is_opened_for_web_pages_only() {
    for link in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://example.org",
        "--help",
        "",
    ] {
        assert!(!flow::open_browser(link), "{link}");
    }
}
