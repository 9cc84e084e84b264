//! The browser flow: what the browser is sent with, and what its code is exchanged for.

use super::{Field, endpoints, http};
use base64::prelude::*;
use clawdwako::error::Kind;
use clawdwako::google::Google;
use clawdwako::secrets::Secret;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use url::Url;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn google(server: &MockServer) -> Google {
    Google::new(
        http(),
        &endpoints(server),
        "web-1",
        Some(&Secret::new("GOCSPX-hunter2")),
    )
    .unwrap()
}

fn redirect() -> Url {
    "https://bots.example.org/api/auth/callback/google".parse().unwrap()
}

#[tokio::test]
async fn a_browser_is_sent_with_a_challenge_a_state_and_a_nonce_of_its_own() {
    let server = MockServer::start().await;
    let login = google(&server).browser_login(&redirect());
    let sent: BTreeMap<String, String> = login.link.query_pairs().into_owned().collect();
    assert!(login.link.as_str().starts_with(&format!("{}/auth?", server.uri())));
    for (name, value) in [
        ("client_id", "web-1"),
        ("response_type", "code"),
        ("scope", "openid email profile"),
        ("redirect_uri", redirect().as_str()),
        ("code_challenge_method", "S256"),
        ("state", login.state.expose()),
        ("nonce", &login.nonce),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(login.verifier.expose()));
    assert_eq!(sent["code_challenge"], challenge);
    assert!(!login.link.as_str().contains(login.verifier.expose()));
    let other = google(&server).browser_login(&redirect());
    assert_ne!(other.state, login.state);
    assert_ne!(other.nonce, login.nonce);
    assert_ne!(other.verifier, login.verifier);
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier_and_errors_tell_no_secret() {
    let server = MockServer::start().await;
    let tokens = json!({"access_token": "at", "token_type": "Bearer", "expires_in": 9, "id_token": "a.b.c"});
    Mock::given(path("/token"))
        .and(Field("grant_type", "authorization_code".into()))
        .and(Field("code", "good-hunter2".into()))
        .and(Field("code_verifier", "verifier-hunter2".into()))
        .and(Field("redirect_uri", redirect().into()))
        .and(Field("client_secret", "GOCSPX-hunter2".into()))
        .respond_with(ResponseTemplate::new(200).set_body_json(tokens))
        .mount(&server)
        .await;
    for (code, error) in [
        ("used", "invalid_grant"),
        ("odd", "something"),
        ("client", "invalid_client"),
    ] {
        Mock::given(path("/token"))
            .and(Field("code", code.into()))
            .respond_with(ResponseTemplate::new(400).set_body_json(json!({"error": error})))
            .mount(&server)
            .await;
    }
    let google = google(&server);
    let verifier = Secret::new("verifier-hunter2");
    let exchange = async |code: &str| google.exchange(&redirect(), &Secret::new(code), &verifier).await;
    let tokens = exchange("good-hunter2").await.unwrap();
    assert_eq!(tokens.id_token.unwrap().expose(), "a.b.c");
    assert!(tokens.refresh_token.is_none());
    for (code, kind) in [("used", Kind::Auth), ("odd", Kind::Upstream), ("client", Kind::Auth)] {
        let e = exchange(code).await.unwrap_err();
        assert_eq!(e.kind(), kind, "{code}: {e}");
        assert!(!format!("{e:?}").contains("hunter2"), "{e}");
        assert!(e.next_step().is_some());
    }
}
