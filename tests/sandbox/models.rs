//! The model services: keys, refusals, answers that come from the question, streams.

use super::stand_ins::{StandIns, read};
use serde_json::{Value, json};

async fn anthropic(on: &StandIns, body: &Value) -> reqwest::Response {
    on.http
        .post(on.url("/anthropic/v1/messages"))
        .header("x-api-key", &on.world.credentials.anthropic)
        .header("anthropic-version", "2023-06-01")
        .json(body)
        .send()
        .await
        .unwrap()
}

fn ask(text: &str) -> Value {
    json!({"model": "claude-opus-5", "max_tokens": 64, "messages": [{"role": "user", "content": text}]})
}

/// The `data:` of a stream, as JSON.
fn events(stream: &str) -> Vec<Value> {
    stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

async fn stream(response: reqwest::Response) -> Vec<Value> {
    assert_eq!(response.status(), 200);
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    events(&response.text().await.unwrap())
}

#[tokio::test]
async fn anthropic_answers_what_it_was_asked_whole_and_streamed() {
    let on = StandIns::start().await;
    let whole: Value = anthropic(&on, &ask("blue 42")).await.json().await.unwrap();
    let text = whole["content"][0]["text"].as_str().unwrap();
    assert_eq!(text, "You said: \"blue 42\" (claude-opus-5)");
    assert_eq!(whole["stop_reason"], "end_turn");
    let mut asked = ask("blue 42");
    asked["stream"] = true.into();
    let events = stream(anthropic(&on, &asked).await).await;
    let kinds: Vec<&str> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], *kinds.last().unwrap()), ("message_start", "message_stop"));
    let joined: String = events.iter().filter_map(|e| e["delta"]["text"].as_str()).collect();
    assert_eq!(joined, text);
    assert!(
        kinds.iter().filter(|k| **k == "content_block_delta").count() > 2,
        "it comes in pieces"
    );
}

#[tokio::test]
async fn anthropic_refuses_what_the_real_one_refuses() {
    let on = StandIns::start().await;
    let key = on.world.credentials.anthropic.clone();
    let post = |key: Option<&str>, bearer: bool, version: bool| {
        let mut request = on.http.post(on.url("/anthropic/v1/messages")).json(&ask("x"));
        if let Some(key) = key {
            request = match bearer {
                true => request.bearer_auth(key),
                false => request.header("x-api-key", key),
            };
        }
        if version {
            request.header("anthropic-version", "2023-06-01")
        } else {
            request
        }
    };
    for (request, status, kind, message) in [
        (
            post(None, false, true),
            401,
            "authentication_error",
            "x-api-key header is required",
        ),
        (
            post(Some("sk-wrong"), false, true),
            401,
            "authentication_error",
            "invalid x-api-key",
        ),
        (
            post(Some("sk-wrong"), true, true),
            401,
            "authentication_error",
            "invalid x-api-key",
        ),
        (
            post(Some(&key), false, false),
            400,
            "invalid_request_error",
            "anthropic-version: header is required",
        ),
    ] {
        let expected = json!({"type": "error", "error": {"type": kind, "message": message}});
        assert_eq!(read(request).await, (status, expected));
    }
    assert_eq!(
        read(post(Some(&key), true, true)).await.0,
        200,
        "a bearer key is taken too"
    );
    let call = json!([{"type": "tool_use", "id": "toolu_1", "name": "exec", "input": {}}]);
    let unanswered = json!([
        {"role": "user", "content": "x"}, {"role": "assistant", "content": call}, {"role": "user", "content": "y"},
    ]);
    for (field, value, status, message) in [
        ("max_tokens", Value::Null, 400, "max_tokens: Field required"),
        (
            "max_tokens",
            json!(0),
            400,
            "max_tokens: Input should be greater than or equal to 1",
        ),
        ("messages", json!([]), 400, "messages: at least one message is required"),
        (
            "messages",
            json!([{"role": "system", "content": "x"}]),
            400,
            "messages.0.role: Input should be",
        ),
        (
            "messages",
            unanswered,
            400,
            "messages.1: `tool_use` ids were found without `tool_result`",
        ),
        ("model", json!("claude-2"), 404, "model: claude-2"),
    ] {
        let mut body = ask("x");
        body[field] = value;
        let response = anthropic(&on, &body).await;
        assert_eq!(response.status(), status, "{field}");
        let answer: Value = response.json().await.unwrap();
        let told = answer["error"]["message"].as_str().unwrap();
        assert!(told.starts_with(message), "{told}");
    }
}

#[tokio::test]
async fn anthropic_calls_the_exec_tool_when_asked_and_tells_its_result() {
    let on = StandIns::start().await;
    let mut body = ask("exec: echo hi");
    let plain: Value = anthropic(&on, &body).await.json().await.unwrap();
    assert_eq!(plain["stop_reason"], "end_turn", "without the tool there is no call");
    body["tools"] = json!([{"name": "exec", "input_schema": {"type": "object"}}]);
    let whole: Value = anthropic(&on, &body).await.json().await.unwrap();
    let block = &whole["content"][0];
    assert_eq!(
        (&whole["stop_reason"], &block["input"]),
        (&json!("tool_use"), &json!({"command": "echo hi"}))
    );
    body["stream"] = true.into();
    let events = stream(anthropic(&on, &body).await).await;
    let input: String = events
        .iter()
        .filter_map(|e| e["delta"]["partial_json"].as_str())
        .collect();
    assert_eq!(input, r#"{"command":"echo hi"}"#);
    body["stream"] = false.into();
    let result = json!([{"type": "tool_result", "tool_use_id": block["id"], "content": "hi from sh"}]);
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": [block]}));
    messages.push(json!({"role": "user", "content": result}));
    let end: Value = anthropic(&on, &body).await.json().await.unwrap();
    assert_eq!(
        end["content"][0]["text"],
        "The tool said: \"hi from sh\" (claude-opus-5)"
    );
}

#[tokio::test]
async fn openai_answers_by_both_of_its_apis() {
    let on = StandIns::start().await;
    let key = on.world.credentials.openai.clone();
    let post = |path: &str, body: Value| {
        on.http
            .post(on.url(&format!("/openai/v1/{path}")))
            .bearer_auth(&key)
            .json(&body)
    };
    let text = "You said: \"red 7\" (gpt-6-sol)";
    let input = json!([{"role": "user", "content": [{"type": "input_text", "text": "red 7"}]}]);
    let (status, whole) = read(post("responses", json!({"model": "gpt-6-sol", "input": input}))).await;
    assert_eq!(
        (status, whole["output"][0]["content"][0]["text"].as_str()),
        (200, Some(text))
    );
    let asked = json!({"model": "gpt-6-sol", "input": "red 7", "stream": true});
    let events = stream(post("responses", asked).send().await.unwrap()).await;
    let joined: String = events.iter().filter_map(|e| e["delta"].as_str()).collect();
    assert_eq!(joined, text);
    let numbers: Vec<u64> = events.iter().map(|e| e["sequence_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
    assert_eq!(events.last().unwrap()["response"]["status"], "completed");

    let messages = json!([{"role": "system", "content": "be brief"}, {"role": "user", "content": "red 7"}]);
    let mut asked = json!({"model": "gpt-6-sol", "messages": messages});
    let (_, whole) = read(post("chat/completions", asked.clone())).await;
    assert_eq!(whole["choices"][0]["message"]["content"], text);
    asked["stream"] = true.into();
    let events = stream(post("chat/completions", asked).send().await.unwrap()).await;
    let joined: String = events
        .iter()
        .filter_map(|e| e["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(joined, text);

    let asked = json!({"model": "text-embedding-3-small", "input": ["a", "b", "a"]});
    let (_, found) = read(post("embeddings", asked)).await;
    let vector = |n: usize| found["data"][n]["embedding"].as_array().unwrap();
    assert_eq!(
        (vector(0).len(), vector(0) == vector(2), vector(0) == vector(1)),
        (1536, true, false)
    );
}

#[tokio::test]
async fn openai_refuses_what_the_real_one_refuses() {
    let on = StandIns::start().await;
    let url = on.url("/openai/v1/responses");
    let good = json!({"model": "gpt-6-sol", "input": "x"});
    let (status, answer) = read(on.http.post(&url).bearer_auth("sk-wrong").json(&good)).await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (401, Some("invalid_api_key"))
    );
    assert_eq!(read(on.http.post(&url).json(&good)).await.0, 401);
    for (body, status, code) in [
        (json!({"model": "gpt-2", "input": "x"}), 404, json!("model_not_found")),
        (json!({"input": "x"}), 400, Value::Null),
        (json!({"model": "gpt-6-sol"}), 400, json!("missing_required_parameter")),
        (
            json!({"model": "gpt-6-sol", "input": "x", "max_output_tokens": 1}),
            400,
            json!("integer_below_min_value"),
        ),
    ] {
        let (got, answer) = read(on.http.post(&url).bearer_auth(&on.world.credentials.openai).json(&body)).await;
        assert_eq!((got, &answer["error"]["code"]), (status, &code), "{body}");
    }
}

#[tokio::test]
async fn google_answers_and_refuses() {
    let on = StandIns::start().await;
    let key = &on.world.credentials.google_ai;
    let url = |target: &str| on.url(&format!("/google-ai/v1beta/models/{target}"));
    let body = json!({"contents": [{"role": "user", "parts": [{"text": "green 9"}]}]});
    let text = "You said: \"green 9\" (gemini-3.7-flash)";
    let whole = on
        .http
        .post(url("gemini-3.7-flash:generateContent"))
        .header("x-goog-api-key", key)
        .json(&body);
    let (status, answer) = read(whole).await;
    assert_eq!(
        (status, answer["candidates"][0]["content"]["parts"][0]["text"].as_str()),
        (200, Some(text))
    );
    let target = format!("{}?alt=sse&key={key}", url("gemini-3.7-flash:streamGenerateContent"));
    let events = stream(on.http.post(target).json(&body).send().await.unwrap()).await;
    let part = |e: &Value| {
        e["candidates"][0]["content"]["parts"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(events.iter().map(part).collect::<String>(), text);
    assert_eq!(events.last().unwrap()["candidates"][0]["finishReason"], "STOP");
    let post = |target: &str, key: &str, body: &Value| {
        let request = on.http.post(url(target)).json(body);
        if key.is_empty() {
            request
        } else {
            request.header("x-goog-api-key", key)
        }
    };
    for (request, status, word) in [
        (
            post("gemini-3.7-flash:generateContent", "", &body),
            403,
            "PERMISSION_DENIED",
        ),
        (
            post("gemini-3.7-flash:generateContent", "AIzaWrong", &body),
            400,
            "INVALID_ARGUMENT",
        ),
        (post("gemini-1:generateContent", key, &body), 404, "NOT_FOUND"),
        (post("gemini-3.7-flash:dance", key, &body), 404, "NOT_FOUND"),
        (
            post("gemini-3.7-flash:generateContent", key, &json!({})),
            400,
            "INVALID_ARGUMENT",
        ),
    ] {
        let (got, answer) = read(request).await;
        assert_eq!((got, answer["error"]["status"].as_str()), (status, Some(word)));
    }
}

#[tokio::test]
async fn lists_of_models_need_the_key_and_calls_are_written_down_without_it() {
    let on = StandIns::start().await;
    let keys = &on.world.credentials;
    for (path, header, key) in [
        ("/anthropic/v1/models", "x-api-key", keys.anthropic.clone()),
        ("/openai/v1/models", "authorization", format!("Bearer {}", keys.openai)),
        ("/google-ai/v1beta/models", "x-goog-api-key", keys.google_ai.clone()),
    ] {
        let request = || on.http.get(on.url(path)).header("anthropic-version", "2023-06-01");
        assert_eq!(read(request().header(header, key)).await.0, 200, "{path}");
        assert!(read(request()).await.0 >= 400, "{path}");
    }
    anthropic(&on, &ask("x")).await;
    let mut unknown = ask("x");
    unknown["model"] = "claude-2".into();
    anthropic(&on, &unknown).await;
    let (_, calls) = on.get("/_control/models/calls").await;
    let list = calls["calls"].as_array().unwrap();
    let seen: Vec<(&str, u64)> = list
        .iter()
        .map(|c| (c["model"].as_str().unwrap(), c["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(seen, [("claude-opus-5", 200), ("claude-2", 404)]);
    assert!(list[0]["bytes"].as_u64() > Some(50) && list[0]["provider"] == "anthropic");
    assert!(!calls.to_string().contains(&keys.anthropic));
}
