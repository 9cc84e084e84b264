//! Google's sign-in: statuses, polling, tokens that verify.

use super::stand_ins::{StandIns, read};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const SCOPE: &str = "openid email profile";

/// The stand-ins, where a device may ask as often as it likes.
async fn start() -> StandIns {
    let on = StandIns::start().await;
    on.world.google.lock().unwrap().interval_s = 0;
    on
}

async fn code(on: &StandIns) -> (String, String) {
    let fields = [
        ("client_id", on.world.credentials.google_client_id.as_str()),
        ("scope", SCOPE),
    ];
    let (status, answer) = on.form("/google/device/code", &fields).await;
    assert_eq!(status, 200, "{answer}");
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    assert_eq!(answer["expires_in"], 1800);
    assert_eq!(text("verification_url"), on.url("/google/device"));
    assert!(
        answer.get("verification_uri").is_none(),
        "Google names it verification_url"
    );
    (text("device_code"), text("user_code"))
}

async fn grant(on: &StandIns, grant: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let keys = &on.world.credentials;
    let mut all = vec![
        ("client_id", keys.google_client_id.as_str()),
        ("client_secret", keys.google_client_secret.as_str()),
        ("grant_type", grant),
    ];
    all.extend(fields);
    on.form("/google/token", &all).await
}

async fn poll(on: &StandIns, code: &str) -> (u16, Value) {
    grant(on, DEVICE, &[("device_code", code)]).await
}

fn error((status, answer): (u16, Value)) -> (u16, String) {
    (status, answer["error"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_device_signs_somebody_in_and_the_id_token_verifies() {
    let on = start().await;
    let (device, user) = code(&on).await;
    assert_eq!(
        error(poll(&on, &device).await),
        (428, "authorization_pending".to_owned())
    );
    let typed = user.to_lowercase().replace('-', "");
    let approval = json!({"user_code": typed, "email": "ada@example.org"});
    assert_eq!(on.post("/_control/google/approve", &approval).await.0, 200);
    let (status, tokens) = poll(&on, &device).await;
    assert_eq!((status, tokens["token_type"].as_str()), (200, Some("Bearer")));
    assert_eq!(
        error(poll(&on, &device).await),
        (400, "invalid_grant".to_owned()),
        "a code is good once"
    );

    let id_token = tokens["id_token"].as_str().unwrap();
    let keys: JwkSet = serde_json::from_value(on.get("/google/certs").await.1).unwrap();
    let kid = decode_header(id_token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&["https://accounts.google.com"]);
    rules.set_audience(&[&on.world.credentials.google_client_id]);
    let claims = decode::<Value>(id_token, &key, &rules).unwrap().claims;
    assert_eq!(
        (&claims["email"], &claims["email_verified"]),
        (&json!("ada@example.org"), &json!(true))
    );
    assert_eq!(claims["hd"], "example.org");
    let (body, signature) = id_token.rsplit_once('.').unwrap();
    let forged = format!("{}A.{signature}", &body[..body.len() - 1]);
    assert!(decode::<Value>(&forged, &key, &rules).is_err());

    // Renewing gives no second refresh token; revoking ends it.
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let (status, renewed) = grant(&on, "refresh_token", &[("refresh_token", refresh)]).await;
    assert_eq!((status, renewed.get("refresh_token")), (200, None));
    let again = decode::<Value>(renewed["id_token"].as_str().unwrap(), &key, &rules).unwrap();
    assert_eq!(again.claims["sub"], claims["sub"], "the same person");
    let access = renewed["access_token"].as_str().unwrap();
    assert_eq!(on.form("/google/revoke", &[("token", access)]).await.0, 200);
    let after = grant(&on, "refresh_token", &[("refresh_token", refresh)]).await;
    assert_eq!(error(after), (400, "invalid_grant".to_owned()));
    assert_eq!(
        error(on.form("/google/revoke", &[("token", access)]).await).1,
        "invalid_token"
    );
}

#[tokio::test]
async fn polling_too_fast_denied_and_expired_have_their_own_answers() {
    let on = start().await;
    let (device, user) = code(&on).await;
    on.world.google.lock().unwrap().interval_s = 5;
    assert_eq!(
        error(poll(&on, &device).await),
        (428, "authorization_pending".to_owned())
    );
    assert_eq!(error(poll(&on, &device).await), (403, "slow_down".to_owned()));
    let denial = json!({"user_code": user});
    assert_eq!(on.post("/_control/google/deny", &denial).await.0, 200);
    assert_eq!(error(poll(&on, &device).await), (403, "access_denied".to_owned()));
    assert_eq!(on.post("/_control/google/deny", &denial).await.0, 404, "it is decided");
    on.world.google.lock().unwrap().expires_in_s = 0;
    let fields = [
        ("client_id", on.world.credentials.google_client_id.as_str()),
        ("scope", SCOPE),
    ];
    let (_, answer) = on.form("/google/device/code", &fields).await;
    let late = answer["device_code"].as_str().unwrap();
    assert_eq!(error(poll(&on, late).await), (400, "expired_token".to_owned()));
}

#[tokio::test]
async fn wrong_clients_codes_and_scopes_are_refused() {
    let on = start().await;
    let keys = on.world.credentials.clone();
    let id = keys.google_client_id.as_str();
    for (fields, status, word) in [
        (vec![("scope", SCOPE)], 400, "invalid_request"),
        (vec![("client_id", id)], 400, "invalid_request"),
        (vec![("client_id", "other"), ("scope", SCOPE)], 401, "invalid_client"),
        (
            vec![("client_id", id), ("scope", "https://mail.google.com/")],
            400,
            "invalid_scope",
        ),
    ] {
        assert_eq!(
            error(on.form("/google/device/code", &fields).await),
            (status, word.to_owned())
        );
    }
    let (device, _) = code(&on).await;
    let base = [("grant_type", DEVICE), ("device_code", device.as_str())];
    for (more, status, word) in [
        (vec![], 400, "invalid_request"),
        (vec![("client_id", id)], 400, "invalid_request"),
        (
            vec![("client_id", id), ("client_secret", "wrong")],
            401,
            "invalid_client",
        ),
        (
            vec![("client_id", "other"), ("client_secret", "x")],
            401,
            "invalid_client",
        ),
    ] {
        let fields: Vec<(&str, &str)> = base.iter().copied().chain(more).collect();
        assert_eq!(
            error(on.form("/google/token", &fields).await),
            (status, word.to_owned())
        );
    }
    assert_eq!(
        error(poll(&on, "no-such-code").await),
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(
        error(grant(&on, "password", &[]).await),
        (400, "unsupported_grant_type".to_owned())
    );
    // The client may show itself by HTTP Basic as well.
    let request = on
        .http
        .post(on.url("/google/token"))
        .basic_auth(id, Some(&keys.google_client_secret));
    assert_eq!(
        error(read(request.form(&base)).await),
        (428, "authorization_pending".to_owned())
    );
}

#[tokio::test]
async fn the_page_takes_a_code_and_an_address() {
    let on = start().await;
    let (device, user) = code(&on).await;
    let page = on
        .http
        .get(on.url("/google/device?user_code=%22%3E%3Cscript%3E"))
        .send()
        .await
        .unwrap();
    let html = page.text().await.unwrap();
    assert!(
        html.contains("name=\"user_code\"") && !html.contains("<script>"),
        "{html}"
    );
    let send = async |code: &str| {
        let fields = [("user_code", code), ("email", "bob@gmail.com"), ("action", "allow")];
        on.http
            .post(on.url("/google/device"))
            .form(&fields)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(send("XXXX-XXXX").await, 400);
    assert_eq!(send(&user).await, 200);
    assert_eq!(poll(&on, &device).await.0, 200);
}

/// A browser that asks for the page with these fields beside the usual ones, and agrees.
/// Answers the page's status and where the browser is sent.
async fn browse(on: &StandIns, changed: &[(&str, &str)], form: &[(&str, &str)]) -> (u16, Option<Url>) {
    let id = on.world.credentials.google_web_client_id.clone();
    let mut fields: BTreeMap<&str, &str> = [
        ("client_id", id.as_str()),
        ("redirect_uri", "http://127.0.0.1:8080/back"),
        ("response_type", "code"),
        ("scope", SCOPE),
        ("state", "st"),
    ]
    .into();
    fields.extend(changed.iter().copied());
    fields.retain(|_, value| !value.is_empty());
    let mut page: Url = on.url("/google/auth").parse().unwrap();
    page.query_pairs_mut().extend_pairs(fields);
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let shown = http.get(page.clone()).send().await.unwrap().status().as_u16();
    let sent = http.post(page).form(form).send().await.unwrap();
    let back = sent
        .headers()
        .get("location")
        .map(|l| l.to_str().unwrap().parse().unwrap());
    assert_eq!(shown == 200, sent.status() == 302, "page and form refuse alike");
    (shown, back)
}

const AGREE: [(&str, &str); 2] = [("email", "ada@example.org"), ("action", "allow")];

fn part(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
}

async fn exchange(on: &StandIns, code: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let keys = &on.world.credentials;
    let mut all = vec![
        ("client_id", keys.google_web_client_id.as_str()),
        ("client_secret", keys.google_web_client_secret.as_str()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "http://127.0.0.1:8080/back"),
        ("code", code),
    ];
    all.extend(fields);
    on.form("/google/token", &all).await
}

#[tokio::test]
async fn a_browser_comes_back_with_a_code_that_is_good_once_for_who_asked() {
    let on = start().await;
    // The pair of RFC 7636, appendix B.
    let challenge = [
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("nonce", "n-1"),
    ];
    let verifier = ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let code = async || {
        let (status, back) = browse(&on, &challenge, &AGREE).await;
        let back = back.unwrap();
        assert_eq!(
            (status, back.path(), part(&back, "state").as_deref()),
            (200, "/back", Some("st"))
        );
        part(&back, "code").unwrap()
    };
    let first = code().await;
    let (status, tokens) = exchange(&on, &first, &[verifier]).await;
    assert_eq!(status, 200, "{tokens}");
    assert!(tokens.get("refresh_token").is_none(), "only with access_type=offline");
    let claims = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(
        (&claims["nonce"], &claims["aud"]),
        (&json!("n-1"), &json!(on.world.credentials.google_web_client_id))
    );
    let refused = |word: &str| (400, word.to_owned());
    assert_eq!(
        error(exchange(&on, &first, &[verifier]).await),
        refused("invalid_grant"),
        "used"
    );
    let wrong = ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX");
    assert_eq!(
        error(exchange(&on, &code().await, &[wrong]).await),
        refused("invalid_grant")
    );
    assert_eq!(error(exchange(&on, &code().await, &[]).await), refused("invalid_grant"));
    let elsewhere = [verifier, ("redirect_uri", "https://other.example/back")];
    let keys = &on.world.credentials;
    let fields: Vec<(&str, &str)> = [
        ("client_id", keys.google_web_client_id.as_str()),
        ("client_secret", keys.google_web_client_secret.as_str()),
        ("grant_type", "authorization_code"),
    ]
    .into_iter()
    .chain(elsewhere)
    .collect();
    let stolen = code().await;
    let with_code: Vec<(&str, &str)> = fields.into_iter().chain([("code", stolen.as_str())]).collect();
    assert_eq!(
        error(on.form("/google/token", &with_code).await),
        refused("redirect_uri_mismatch")
    );
    // Without PKCE it works too, and a verifier is too much then.
    let plain = async || {
        let (_, back) = browse(&on, &[("access_type", "offline")], &AGREE).await;
        part(&back.unwrap(), "code").unwrap()
    };
    assert!(exchange(&on, &plain().await, &[]).await.1["refresh_token"].is_string());
    assert_eq!(
        error(exchange(&on, &plain().await, &[verifier]).await),
        refused("invalid_grant")
    );
}

#[tokio::test]
async fn the_browsers_page_sends_nobody_on_to_where_it_should_not() {
    let on = start().await;
    let device = on.world.credentials.google_client_id.clone();
    for (changed, status) in [
        (("client_id", "other"), 401),
        (("client_id", device.as_str()), 400),
        (("client_id", ""), 400),
        (("redirect_uri", "http://evil.example/"), 400),
        (("redirect_uri", "https://a.example/#x"), 400),
        (("redirect_uri", "javascript:alert(1)"), 400),
        (("response_type", "token"), 400),
        (("scope", ""), 400),
        (("code_challenge_method", "S512"), 400),
    ] {
        assert_eq!(browse(&on, &[changed], &AGREE).await, (status, None), "{changed:?}");
    }
    for fine in ["http://localhost:9/x", "https://a.example/back"] {
        assert_eq!(browse(&on, &[("redirect_uri", fine)], &AGREE).await.0, 200);
    }
    let (_, back) = browse(&on, &[], &[("action", "deny")]).await;
    let back = back.unwrap();
    assert_eq!(part(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(
        (part(&back, "state").as_deref(), part(&back, "code")),
        (Some("st"), None)
    );
    // A web application's client cannot begin as a device.
    let web = on.world.credentials.google_web_client_id.clone();
    let fields = [("client_id", web.as_str()), ("scope", SCOPE)];
    assert_eq!(
        error(on.form("/google/device/code", &fields).await),
        (401, "invalid_client".to_owned())
    );
}
