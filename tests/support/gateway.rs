//! An agent's gateway as it is played: the protocol up to the sign-in, and answers that a test gives.

use serde_json::{Value, json};
use std::future::Future;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

use futures_util::{SinkExt, StreamExt};

/// What a call is answered with: a payload, or the words of a refusal.
pub type Answer = Result<Value, String>;

/// Speaks on one connection until it ends. `answer` gets method and parameters; a turn of the model
/// is accepted first.
pub async fn serve<S, F, A>(stream: S, token: &str, answer: F)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Fn(String, Value) -> A,
    A: Future<Output = Answer>,
{
    let Ok(mut socket) = accept_async(stream).await else {
        return;
    };
    let challenge = json!({"type": "event", "event": "connect.challenge", "payload": {"nonce": "n", "ts": 1}});
    send(&mut socket, &challenge).await;
    let mut signed_in = false;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let request: Value = serde_json::from_str(&text).unwrap();
        let (id, method) = (request["id"].clone(), request["method"].as_str().unwrap().to_owned());
        let reply = match method.as_str() {
            "connect" if request["params"]["auth"]["token"] == token => {
                signed_in = true;
                Ok(json!({"type": "hello-ok", "protocol": 4}))
            }
            "connect" => Err("AUTH_TOKEN_MISMATCH".to_owned()),
            _ if !signed_in => Err("unauthorized".to_owned()),
            _ => {
                if method == "agent" {
                    let begun = json!({"type": "res", "id": id, "ok": true, "payload": {"status": "accepted"}});
                    send(&mut socket, &begun).await;
                }
                // What an agent tells meanwhile is not for us.
                send(
                    &mut socket,
                    &json!({"type": "event", "event": "tick", "payload": {"ts": 1}}),
                )
                .await;
                answer(method, request["params"].clone()).await
            }
        };
        let reply = match reply {
            Ok(payload) => json!({"type": "res", "id": id, "ok": true, "payload": payload}),
            Err(words) => {
                let details = (!signed_in).then(|| json!({"code": words}));
                let error = json!({"code": "UNAVAILABLE", "message": words, "details": details});
                json!({"type": "res", "id": id, "ok": false, "error": error})
            }
        };
        send(&mut socket, &reply).await;
    }
}

async fn send<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>, message: &Value) {
    // A client that is gone hears nothing more.
    let _ = socket.send(Message::text(message.to_string())).await;
}

/// Refuses whoever comes, as a gateway does that speaks another version of the protocol.
pub async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(stream: S) {
    let Ok(mut socket) = accept_async(stream).await else {
        return;
    };
    let challenge = json!({"type": "event", "event": "connect.challenge", "payload": {}});
    send(&mut socket, &challenge).await;
    if let Some(Ok(_)) = socket.next().await {
        let error = json!({"code": "INVALID_REQUEST", "message": "protocol mismatch",
            "details": {"code": "PROTOCOL_MISMATCH", "expectedProtocol": 5}});
        send(
            &mut socket,
            &json!({"type": "res", "id": "1", "ok": false, "error": error}),
        )
        .await;
    }
}

/// Lets anybody in, says that Telegram is not connected, and goes on to talk.
pub async fn flood<S: AsyncRead + AsyncWrite + Unpin>(stream: S) {
    let Ok(mut socket) = accept_async(stream).await else {
        return;
    };
    let challenge = json!({"type": "event", "event": "connect.challenge", "payload": {}});
    send(&mut socket, &challenge).await;
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let request: Value = serde_json::from_str(&text).unwrap();
        let payload = match request["method"].as_str() {
            Some("connect") => json!({"type": "hello-ok", "protocol": 4}),
            _ => channels(false, None),
        };
        let reply = json!({"type": "res", "id": request["id"], "ok": true, "payload": payload});
        send(&mut socket, &reply).await;
        for _ in 0..300 {
            // Each goes out by itself.
            send(
                &mut socket,
                &json!({"type": "event", "event": "tick", "payload": {"ts": 1}}),
            )
            .await;
            tokio::task::yield_now().await;
        }
    }
}

/// What `agent` answers at last when the model said a text.
pub fn turned(model: &str, text: &str) -> Value {
    json!({"status": "ok", "summary": "completed", "result": {
        "payloads": [{"text": text, "mediaUrl": null}],
        "meta": {"agentMeta": {"provider": model.split('/').next(), "model": model.split('/').nth(1)}},
    }})
}

/// What `channels.status` answers where Telegram has refused the token, as recorded.
pub fn given_up(error: &str) -> Value {
    json!({"channelAccounts": {"telegram": [{
        "accountId": "default", "lifecycle": "blocked", "terminalDisconnect": true, "lastError": error,
    }]}})
}

/// What `channels.status` answers.
pub fn channels(connected: bool, error: Option<&str>) -> Value {
    json!({"channelAccounts": {"telegram": [{
        "accountId": "default", "connected": connected,
        "lifecycle": if connected { "ready" } else { "recovering" }, "lastError": error,
    }]}})
}
