//! Id tokens: the one good way, and every bad one.

use super::{endpoints, http};
use base64::prelude::*;
use clawdwako::error::{Kind, Result};
use clawdwako::google::{Google, Identity};
use clawdwako::secrets::Secret;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// An RSA key of our own that plays Google's.
pub struct Signer {
    kid: String,
    key: EncodingKey,
}

impl Signer {
    pub fn new(kid: &str) -> Signer {
        use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // The library wants the PKCS#1 key that stands in the PKCS#8 one behind 26 bytes.
        let der = der.as_ref()[26..].to_vec();
        Signer {
            kid: kid.into(),
            key: EncodingKey::from_rsa_der(&der),
        }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::RS256).unwrap();
        jwk.common.key_id = Some(self.kid.clone());
        serde_json::to_value(jwk).unwrap()
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.kid, claims)
    }

    fn sign_as(&self, kid: &str, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(kid.into());
        encode(&header, claims, &self.key).unwrap()
    }

    /// Publishes its key as the only one.
    pub async fn publish(&self, server: &MockServer) {
        keys(server, &[self.jwk()], u64::MAX).await;
    }
}

async fn keys(server: &MockServer, keys: &[Value], times: u64) {
    let answer = ResponseTemplate::new(200)
        .insert_header("cache-control", "public, max-age=19000, must-revalidate")
        .set_body_json(json!({"keys": keys}));
    Mock::given(path("/certs"))
        .respond_with(answer)
        .up_to_n_times(times)
        .mount(server)
        .await;
}

/// Claims with nothing wrong.
pub fn claims() -> Value {
    let now = clawdwako::model::now() / 1000;
    json!({
        "iss": "https://accounts.google.com", "aud": "client-1", "sub": "1234567890", "iat": now, "exp": now + 3600,
        "email": "ada@example.org", "email_verified": true, "name": "Ada", "hd": "example.org",
    })
}

struct World {
    server: MockServer,
    signer: Signer,
    google: Google,
}

impl World {
    async fn new() -> World {
        let (server, signer) = (MockServer::start().await, Signer::new("kid-1"));
        signer.publish(&server).await;
        let google = Google::new(http(), &endpoints(&server), "client-1", None).unwrap();
        World { server, signer, google }
    }

    async fn verify(&self, token: impl Into<String>) -> Result<Identity> {
        self.google.verify(&Secret::new(token), None).await
    }

    async fn refuses(&self, token: impl Into<String>, why: &str) {
        assert!(!why.is_empty(), "any message at all would do");
        let e = self.verify(token).await.expect_err(why);
        assert_eq!(e.kind(), Kind::Auth, "{why}: {e}");
        assert!(e.message().contains(why), "{why}: {e}");
    }

    /// The good claims with one of them changed.
    async fn refuses_claim(&self, name: &str, value: Value, why: &str) {
        let mut claims = claims();
        claims[name] = value;
        self.refuses(self.signer.sign(&claims), why).await;
    }
}

#[tokio::test]
async fn a_good_token_tells_who_it_is_and_the_keys_are_fetched_once() {
    let world = World::new().await;
    let identity = Identity {
        sub: "1234567890".into(),
        email: "ada@example.org".into(),
        name: Some("Ada".into()),
        hd: Some("example.org".into()),
    };
    assert_eq!(world.verify(world.signer.sign(&claims())).await.unwrap(), identity);
    let mut bare = claims();
    bare["iss"] = json!("accounts.google.com");
    bare["email_verified"] = json!("true");
    world.verify(world.signer.sign(&bare)).await.unwrap();
    assert_eq!(world.server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_claim_is_checked() {
    let world = World::new().await;
    let now = clawdwako::model::now() / 1000;
    world.refuses_claim("aud", json!("client-2"), "another program").await;
    world.refuses_claim("aud", json!(["client-2"]), "another program").await;
    world
        .refuses_claim(
            "iss",
            json!("https://accounts.google.com.evil.example"),
            "somebody else",
        )
        .await;
    world.refuses_claim("exp", json!(now - 100), "expired").await;
    world.refuses_claim("exp", json!("soon"), "lacks").await;
    world.refuses_claim("nbf", json!(now + 1000), "not valid yet").await;
    world
        .refuses_claim("email_verified", json!(false), "no verified e-mail")
        .await;
    world.refuses_claim("email", json!(null), "no verified e-mail").await;
    for (name, why) in [
        ("aud", "lacks what it must say"),
        ("iss", "lacks what it must say"),
        ("exp", "lacks what it must say"),
        ("sub", "cannot be read"),
    ] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        world.refuses(world.signer.sign(&claims), why).await;
    }
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("email_verified");
    world.refuses(world.signer.sign(&claims), "no verified e-mail").await;
}

#[tokio::test]
async fn a_nonce_must_match_if_one_was_sent() {
    let world = World::new().await;
    let mut claims = claims();
    claims["nonce"] = json!("n-1");
    let token = Secret::new(world.signer.sign(&claims));
    world.google.verify(&token, Some("n-1")).await.unwrap();
    assert_eq!(
        world.google.verify(&token, Some("n-2")).await.unwrap_err().kind(),
        Kind::Auth
    );
    let without = Secret::new(world.signer.sign(&super::google_identity::claims()));
    let e = world.google.verify(&without, Some("n-1")).await.unwrap_err();
    assert!(
        e.kind() == Kind::Auth && e.message().contains("another sign-in"),
        "{e:?}"
    );
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let world = World::new().await;
    let token = world.signer.sign(&claims());
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = claims();
    other["email"] = json!("eve@example.org");
    let forged = BASE64_URL_SAFE_NO_PAD.encode(other.to_string());
    world
        .refuses(format!("{}.{forged}.{}", parts[0], parts[2]), "signature is wrong")
        .await;
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    world.refuses(unsigned, "signature is wrong").await;
    for no_token in [format!("{}.{}", parts[0], parts[1]), "not a token".to_owned()] {
        world.refuses(no_token, "it is not a signed token").await;
    }
    // Signed by somebody else under Google's key id.
    let eve = Signer::new("kid-1");
    world.refuses(eve.sign(&claims()), "signature is wrong").await;
}

#[tokio::test]
async fn no_other_algorithm_is_accepted() {
    let world = World::new().await;
    let body = BASE64_URL_SAFE_NO_PAD.encode(claims().to_string());
    for alg in ["none", "None", "NONE"] {
        let header = BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": "kid-1", "typ": "JWT"}).to_string());
        world
            .refuses(format!("{header}.{body}."), "it is not a signed token")
            .await;
    }
    // The public key used as a shared secret: in the forms that an attacker can know.
    let modulus = world.signer.jwk()["n"].as_str().unwrap().to_owned();
    let raw = BASE64_URL_SAFE_NO_PAD.decode(&modulus).unwrap();
    for secret in [modulus.as_bytes(), &raw] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("kid-1".into());
        let token = encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap();
        world.refuses(token, "not signed with RS256").await;
    }
    let mut header = Header::new(Algorithm::RS512);
    header.kid = Some("kid-1".into());
    let token = encode(&header, &claims(), &world.signer.key).unwrap();
    world.refuses(token, "not signed with RS256").await;
    let token = encode(&Header::new(Algorithm::RS256), &claims(), &world.signer.key).unwrap();
    world.refuses(token, "names no signing key").await;
}

#[tokio::test]
async fn unknown_keys_are_refused_without_asking_google_each_time() {
    let world = World::new().await;
    let token = world.signer.sign_as("kid-invented", &claims());
    for _ in 0..5 {
        world.refuses(token.clone(), "does not publish").await;
    }
    assert_eq!(world.server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_is_meant_for_something_else_is_not_used() {
    let (server, signer) = (MockServer::start().await, Signer::new("kid-1"));
    let mut jwk = signer.jwk();
    jwk["alg"] = json!("RS512");
    keys(&server, &[jwk], u64::MAX).await;
    let google = Google::new(http(), &endpoints(&server), "client-1", None).unwrap();
    let e = google
        .verify(&Secret::new(signer.sign(&claims())), None)
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Auth);
}

#[tokio::test]
async fn a_broken_key_server_is_not_the_users_fault() {
    let server = MockServer::start().await;
    let signer = Signer::new("kid-1");
    Mock::given(path("/certs"))
        .respond_with(ResponseTemplate::new(500))
        .mount(&server)
        .await;
    let google = Google::new(http(), &endpoints(&server), "client-1", None).unwrap();
    let e = google
        .verify(&Secret::new(signer.sign(&claims())), None)
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Upstream);
}

#[tokio::test]
async fn a_new_key_of_googles_is_noticed_before_the_old_ones_run_out() {
    let server = MockServer::start().await;
    let (old, new) = (Signer::new("kid-1"), Signer::new("kid-2"));
    keys(&server, &[old.jwk()], 1).await;
    keys(&server, &[old.jwk(), new.jwk()], u64::MAX).await;
    let google = Google::new(http(), &endpoints(&server), "client-1", None).unwrap();
    let token = Secret::new(new.sign(&claims()));
    google.verify(&Secret::new(old.sign(&claims())), None).await.unwrap();
    assert_eq!(google.verify(&token, None).await.unwrap_err().kind(), Kind::Auth);
    let google = google.with_key_pause(std::time::Duration::ZERO);
    google.verify(&token, None).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}
