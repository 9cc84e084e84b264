//! Proving model keys: the right call for each maker, and what each refusal means.

use super::{endpoints, http};
use clawdwako::error::Kind;
use clawdwako::http::{Endpoints, Http};
use clawdwako::openclaw::catalog::{ModelProvider, ModelRef, parse_model};
use clawdwako::secrets::Secret;
use serde_json::{Value, json};
use wiremock::matchers::{any, body_partial_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "sk-test-hunter2-0123456789";

async fn prove(http: &Http, at: &Endpoints, model: &str, key: &Secret) -> clawdwako::error::Result<()> {
    clawdwako::models::prove(http, at, &parse_model(model).unwrap(), key).await
}

async fn answered(model: &str, status: u16, body: Value) -> clawdwako::error::Result<()> {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    prove(&http(), &endpoints(&server), model, &Secret::new(KEY)).await
}

#[tokio::test]
async fn each_maker_is_asked_in_its_own_protocol() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/messages"))
        .and(header("x-api-key", KEY))
        .and(header("anthropic-version", "2023-06-01"))
        .and(body_partial_json(json!({"model": "claude-opus-5", "max_tokens": 1})))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"type": "message", "content": []})))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/responses"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .and(body_partial_json(
            json!({"model": "gpt-6-astra", "max_output_tokens": 16}),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"object": "response", "status": "incomplete"})))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/ai/v1beta/models/gemini-3.7-flash:generateContent"))
        .and(header("x-goog-api-key", KEY))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"candidates": [{"finishReason": "MAX_TOKENS"}]})))
        .mount(&server)
        .await;
    for model in [
        "anthropic/claude-opus-5",
        "openai/gpt-6-astra",
        "google/gemini-3.7-flash",
    ] {
        prove(&http(), &endpoints(&server), model, &Secret::new(KEY))
            .await
            .unwrap();
    }
    for request in server.received_requests().await.unwrap() {
        assert!(
            !request.url.as_str().contains(KEY),
            "a key in an address ends up in logs"
        );
    }
}

fn anthropic(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}})
}

fn openai(code: &str, message: &str) -> Value {
    json!({"error": {"message": message, "type": "x", "param": null, "code": code}})
}

fn google(code: u16, status: &str, message: &str, reason: &str) -> Value {
    let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]);
    json!({"error": {"code": code, "status": status, "message": message, "details": details}})
}

#[tokio::test]
async fn refusals_are_told_apart_and_never_show_the_key() {
    let (claude, gpt, gemini) = ("anthropic/claude-opus-5", "openai/gpt-5.5", "google/gemini-2.5-pro");
    let quoted = format!("Incorrect API key provided: {KEY}");
    let cases = [
        (
            claude,
            401,
            anthropic("authentication_error", "invalid x-api-key"),
            Kind::Auth,
        ),
        (
            claude,
            400,
            anthropic(
                "invalid_request_error",
                "Your credit balance is too low to access the API",
            ),
            Kind::Quota,
        ),
        (claude, 400, anthropic("invalid_request_error", &quoted), Kind::Upstream),
        (claude, 402, anthropic("billing_error", "x"), Kind::Quota),
        (
            claude,
            403,
            anthropic("forbidden", "Request not allowed"),
            Kind::Unsupported,
        ),
        (claude, 403, anthropic("permission_error", "not this one"), Kind::Auth),
        (
            claude,
            404,
            anthropic("not_found_error", "model: claude-opus-5"),
            Kind::NotFound,
        ),
        (claude, 429, anthropic("rate_limit_error", "x"), Kind::RateLimited),
        (gpt, 401, openai("invalid_api_key", &quoted), Kind::Auth),
        (
            gpt,
            429,
            openai("insufficient_quota", "You exceeded your current quota"),
            Kind::Quota,
        ),
        (gpt, 429, openai("rate_limit_exceeded", &quoted), Kind::RateLimited),
        (
            gpt,
            403,
            openai("unsupported_country_region_territory", "x"),
            Kind::Unsupported,
        ),
        (gpt, 404, openai("model_not_found", &quoted), Kind::NotFound),
        (
            gemini,
            400,
            google(400, "INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID"),
            Kind::Auth,
        ),
        (
            gemini,
            400,
            google(
                400,
                "FAILED_PRECONDITION",
                "User location is not supported for the API use.",
                "",
            ),
            Kind::Unsupported,
        ),
        (
            gemini,
            403,
            google(403, "PERMISSION_DENIED", &quoted, "SERVICE_DISABLED"),
            Kind::Auth,
        ),
        (
            gemini,
            404,
            google(404, "NOT_FOUND", "models/x is not found", ""),
            Kind::NotFound,
        ),
        (
            gemini,
            429,
            google(429, "RESOURCE_EXHAUSTED", "quota", ""),
            Kind::RateLimited,
        ),
        (gemini, 418, json!("teapot"), Kind::Upstream),
    ];
    let asked = cases.map(|(model, status, body, kind)| async move {
        let e = answered(model, status, body).await.unwrap_err();
        assert_eq!(e.kind(), kind, "{model} {status}: {e}");
        assert!(e.next_step().is_some(), "{e}");
        assert!(!format!("{e} {:?}", e.next_step()).contains("hunter2"), "{e}");
    });
    futures_util::future::join_all(asked).await;
}

#[tokio::test]
async fn an_overloaded_model_is_asked_again_a_few_times() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(529)
        .insert_header("retry-after", "0")
        .set_body_json(anthropic("overloaded_error", "Overloaded"));
    Mock::given(any())
        .respond_with(busy.clone())
        .up_to_n_times(2)
        .mount(&server)
        .await;
    let yes = ResponseTemplate::new(200).set_body_json(json!({"type": "message"}));
    Mock::given(any()).respond_with(yes).mount(&server).await;
    let (model, key) = ("anthropic/claude-opus-5", Secret::new(KEY));
    prove(&http(), &endpoints(&server), model, &key).await.unwrap();

    let server = MockServer::start().await;
    Mock::given(any()).respond_with(busy).expect(3).mount(&server).await;
    let e = prove(&http(), &endpoints(&server), model, &key).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Unavailable);
}

#[tokio::test]
async fn an_answer_that_is_no_models_is_no_proof() {
    for model in ["anthropic/claude-opus-5", "openai/gpt-5.5", "google/gemini-2.5-pro"] {
        let e = answered(model, 200, json!({"ok": true})).await.unwrap_err();
        assert_eq!(e.kind(), Kind::Upstream, "{model}");
    }
}

#[tokio::test]
async fn a_name_cannot_lead_to_another_path() {
    let server = MockServer::start().await;
    for name in ["../../x", "a?key=b", "a#b", "a b", ""] {
        let model = ModelRef {
            provider: ModelProvider::Google,
            name: name.into(),
        };
        let e = clawdwako::models::prove(&http(), &endpoints(&server), &model, &Secret::new(KEY))
            .await
            .unwrap_err();
        assert_eq!(e.kind(), Kind::Usage, "{name}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}
