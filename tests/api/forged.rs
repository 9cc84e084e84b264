//! Proofs that are not what they seem, brought to the real server: none of them lets anybody in.

use crate::clients::endpoints;
use crate::clients::google_identity::{Signer, claims};
use crate::support::api::{Api, CALLBACK, open};
use crate::support::engine::{Engine, on_both_engines};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clawdwako::secrets::Secret;
use clawdwako::secrets::keyring::SecretName;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

on_both_engines!(
    no_forged_proof_makes_a_token,
    a_browser_is_not_signed_in_with_a_proof_of_another_sign_in,
);

/// A server whose Google is a stand-in that signs what a test likes.
async fn start(engine: &Engine) -> (Api, MockServer, Signer) {
    let (google, signer) = (MockServer::start().await, Signer::new("kid-1"));
    signer.publish(&google).await;
    let operator: BTreeMap<SecretName, Secret> = [
        (SecretName::GoogleClientId, Secret::new("client-1")),
        (SecretName::GoogleClientSecret, Secret::new("GOCSPX-1")),
        (SecretName::GoogleWebClientId, Secret::new("web-1")),
        (SecretName::GoogleWebClientSecret, Secret::new("GOCSPX-2")),
    ]
    .into();
    let api = Api::start_with(engine, endpoints(&google), operator, open()).await;
    (api, google, signer)
}

fn changed(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn no_forged_proof_makes_a_token(engine: Engine) {
    let (api, _google, signer) = start(&engine).await;
    let bring = async |id_token: &str| {
        let body = json!({"id_token": id_token, "name": "laptop"});
        api.call("POST", CALLBACK, &[], &body).await
    };
    let good = signer.sign(&claims());
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let now = clawdwako::model::now() / 1000;
    let unsigned = json!({"alg": "none", "typ": "JWT"});
    let symmetric = json!({"alg": "HS256", "kid": "kid-1"});
    let other = part(&changed("email", json!("root@example.org")));
    for (why, forged) in [
        ("tampered", format!("{head}.{other}.{signature}")),
        ("cut", format!("{head}.{body}.")),
        ("unsigned", format!("{}.{body}.", part(&unsigned))),
        (
            "unsigned with the old signature",
            format!("{}.{body}.{signature}", part(&unsigned)),
        ),
        ("another algorithm", format!("{}.{body}.{signature}", part(&symmetric))),
        ("another's key", Signer::new("kid-1").sign(&claims())),
        ("an unknown key", Signer::new("kid-2").sign(&claims())),
        ("expired", signer.sign(&changed("exp", json!(now - 60)))),
        ("for another program", signer.sign(&changed("aud", json!("client-2")))),
        ("for the web page", signer.sign(&changed("aud", json!("web-1")))),
        (
            "by another issuer",
            signer.sign(&changed("iss", json!("https://evil.example"))),
        ),
        (
            "of an address not verified",
            signer.sign(&changed("email_verified", json!(false))),
        ),
        ("nothing", String::new()),
    ] {
        let told = bring(&forged).await;
        told.refused(403, "refused");
        assert!(
            !told.body.to_string().contains(&forged) || forged.is_empty(),
            "{why}: it is quoted"
        );
    }
    assert_eq!(api.store.count_users().await.unwrap(), 0);
    assert_eq!(bring(&good).await.status, 201, "the good one does");
    bring(&good).await.refused(403, "refused");
}

async fn a_browser_is_not_signed_in_with_a_proof_of_another_sign_in(engine: Engine) {
    let (api, google, signer) = start(&engine).await;
    let web = changed("aud", json!("web-1"));
    for (why, given) in [
        ("no nonce", Some(web.clone())),
        ("another nonce", {
            let mut claims = web.clone();
            claims["nonce"] = json!("another");
            Some(claims)
        }),
        ("for command lines", Some(claims())),
        ("no proof at all", None),
    ] {
        let begun = api.call("GET", CALLBACK, &[], &Value::Null).await;
        let cookie = begun.cookie("__Host-clawdwako-login").unwrap();
        let state = cookie.split_once('=').unwrap().1.to_owned();
        let mut tokens = json!({"access_token": "at", "token_type": "Bearer"});
        if let Some(claims) = &given {
            tokens["id_token"] = json!(signer.sign(claims));
        }
        let _answer = Mock::given(path("/token"))
            .respond_with(ResponseTemplate::new(200).set_body_json(tokens))
            .mount_as_scoped(&google)
            .await;
        let address = format!("{CALLBACK}?code=c&state={state}");
        let told = api.call("GET", &address, &[("cookie", &cookie)], &Value::Null).await;
        assert!([403, 502].contains(&told.status), "{why}: {told:?}");
        assert!(told.cookie("__Host-clawdwako").is_none(), "{why}");
    }
    assert_eq!(api.store.count_users().await.unwrap(), 0);
}
