//! The gateway's client against a recorded conversation with the real agent 2026.9.6, and against
//! listeners that mean harm.

use crate::support::gateway;
use clawdwako::error::{Error, Kind};
use clawdwako::openclaw::gateway::{Gateway, Refusal, channels, turn, usage};
use clawdwako::openclaw::health::{Cause, Turn, explain};
use clawdwako::secrets::Secret;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

const RECORDED: &str = include_str!("gateway-2026.9.6.jsonl");
const TOKEN: &str = "the-gateway-token";
/// How long a call of a test may take.
const LIMIT: Duration = Duration::from_secs(5);

pub type Connected = Result<Gateway<DuplexStream>, Refusal>;

/// The messages of a recorded conversation, each with who sent it.
fn recorded(name: &str) -> Vec<(bool, Value)> {
    let lines = RECORDED.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    let ours = lines.filter(|l| l["conversation"] == name);
    let messages: Vec<_> = ours.map(|mut l| (l["dir"] == "in", l["message"].take())).collect();
    assert!(!messages.is_empty(), "{name}");
    messages
}

/// Connects to the agent of a recorded conversation; every call has to be the recorded one.
pub async fn meet(name: &'static str) -> Connected {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let mut socket = accept_async(theirs).await.unwrap();
        for (theirs, message) in recorded(name) {
            if theirs {
                socket.send(Message::text(message.to_string())).await.unwrap();
                continue;
            }
            let Some(Ok(Message::Text(text))) = socket.next().await else {
                return;
            };
            let said: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(
                (&said["type"], &said["id"], &said["method"]),
                (&message["type"], &message["id"], &message["method"])
            );
            if said["method"] == "agent" {
                let keys = |v: &Value| v["params"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
                assert_eq!(keys(&said), keys(&message));
            }
        }
    });
    Gateway::connect(ours, &Secret::new(TOKEN)).await
}

#[tokio::test]
async fn the_real_agent_is_understood() {
    let mut gateway = meet("good").await.unwrap();
    let telegram = channels::telegram(&mut gateway).await.unwrap().unwrap();
    assert!(telegram.connected && !telegram.terminal, "{telegram:?}");
    assert_eq!(
        (telegram.lifecycle.as_deref(), telegram.last_error),
        (Some("ready"), None)
    );
    let health: Value = gateway.call("health", &json!({}), LIMIT).await.unwrap();
    assert_eq!(health["channels"]["telegram"]["connected"], true);
    let mut reading = clawdwako::model::Reading::default();
    usage::of(&mut gateway).await.unwrap().unwrap().note(&mut reading);
    assert_eq!(
        (reading.messages, reading.tokens, reading.cost_usd),
        (Some(0), Some(0), Some(0.0))
    );
    let turn = turn::ask(&mut gateway, "Answer", LIMIT).await.unwrap();
    assert_eq!(
        (turn.provider.as_deref(), turn.model.as_deref()),
        (Some("anthropic"), Some("claude-opus-5"))
    );
    assert!(turn.text.as_deref().unwrap().contains("ready") && turn.trouble().is_none());
    let unknown = gateway.call::<Value>("no.such", &json!({}), LIMIT).await.unwrap_err();
    let Refusal::Said { code, message } = unknown else {
        panic!("{unknown:?}")
    };
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("INVALID_REQUEST", "unknown method: no.such")
    );
}

/// What the model's provider refuses is told in words that have a name, and as what it is.
#[tokio::test]
async fn what_the_real_agent_says_of_its_model_has_a_name() {
    let paused = (Cause::ModelPaused, Kind::Auth);
    for (name, first, then) in [
        (
            "unknown-model",
            (Cause::ModelName, Kind::Agent),
            (Cause::ModelName, Kind::Agent),
        ),
        ("refused", (Cause::ModelKey, Kind::Auth), paused),
        ("credit", (Cause::NoCredit, Kind::Quota), paused),
    ] {
        let mut gateway = meet(name).await.unwrap();
        for (cause, kind) in [first, then] {
            let refusal = turn::ask(&mut gateway, "Answer", LIMIT).await.unwrap_err();
            let trouble = Turn::failed(refusal.words()).trouble().unwrap();
            assert_eq!(trouble.cause, cause, "{name}: {refusal:?}");
            let e = Error::from(trouble);
            assert_eq!(e.kind(), kind, "{name}");
            assert!(e.next_step().is_some());
        }
    }
}

#[tokio::test]
async fn a_refused_token_and_another_protocol_are_told_apart() {
    assert_eq!(meet("wrong-token").await.err(), Some(Refusal::Token));
    assert!(matches!(meet("other-protocol").await.err(), Some(Refusal::Stranger(_))));
}

/// Connects to what a test plays on the bare stream; answers with everything that was heard there.
async fn bare<F, P>(play: F) -> (Connected, Vec<u8>)
where
    F: FnOnce(DuplexStream) -> P,
    P: Future<Output = DuplexStream> + Send + 'static,
{
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let played = tokio::spawn(play(theirs));
    let connected = Gateway::connect(ours, &Secret::new(TOKEN)).await;
    let mut rest = Vec::new();
    if connected.is_err() {
        let mut theirs = played.await.unwrap();
        theirs.read_to_end(&mut rest).await.unwrap();
    }
    (connected, rest)
}

#[tokio::test]
async fn what_speaks_no_websocket_hears_no_token() {
    for words in [
        "220 mail.example.org ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
        "\r\n\r\n",
    ] {
        let (connected, heard) = bare(move |mut theirs| async move {
            theirs.write_all(words.as_bytes()).await.unwrap();
            theirs
        })
        .await;
        assert!(matches!(connected.err(), Some(Refusal::Stranger(_))), "{words}");
        let heard = String::from_utf8_lossy(&heard).into_owned();
        assert!(heard.starts_with("GET / HTTP/1.1") && !heard.contains(TOKEN), "{heard}");
    }
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    drop(theirs);
    let ended = Gateway::connect(ours, &Secret::new(TOKEN)).await;
    assert_eq!(ended.err(), Some(Refusal::Broken));
}

/// A head that never ends, and one that drips, cost neither memory nor more than the deadline.
#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let begun = Instant::now();
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let _ = theirs.write_all(b"HTTP/1.1 101 X\r\n").await;
        while theirs.write_all(b"x: ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
    });
    let dripped = Gateway::connect(ours, &Secret::new(TOKEN)).await.err();
    assert!(matches!(dripped, Some(Refusal::Stranger(_))), "{dripped:?}");
    assert!((9..13).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    let flood = tokio::spawn(async move {
        let mut sent = 0;
        while theirs.write_all(&[b'x'; 4096]).await.is_ok() {
            sent += 4096;
        }
        sent
    });
    assert!(Gateway::connect(ours, &Secret::new(TOKEN)).await.is_err());
    assert!(flood.await.unwrap() < 1024 * 1024, "it was read for long");
}

/// Connects to a WebSocket whose server does what a test says.
async fn websocket<F, P>(play: F) -> Connected
where
    F: FnOnce(WebSocketStream<DuplexStream>) -> P + Send + 'static,
    P: Future<Output = ()> + Send,
{
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let socket = accept_async(theirs).await.unwrap();
        play(socket).await;
    });
    Gateway::connect(ours, &Secret::new(TOKEN)).await
}

#[tokio::test]
async fn without_its_challenge_it_hears_no_token() {
    for first in [
        Message::text(r#"{"type":"event","event":"tick"}"#),
        Message::text(r#"{"type":"res","id":"1","ok":true,"payload":{"protocol":4}}"#),
        Message::text("{"),
        Message::text(""),
    ] {
        let (heard, told) = tokio::sync::oneshot::channel();
        let shown = first.to_string();
        let connected = websocket(async move |mut socket| {
            socket.send(first).await.unwrap();
            let next = socket.next().await;
            heard.send(format!("{next:?}")).unwrap();
        })
        .await;
        assert!(matches!(connected.err(), Some(Refusal::Stranger(_))), "{shown}");
        assert!(!told.await.unwrap().contains(TOKEN), "{shown}");
    }
    // It says nothing at all.
    let silent = websocket(async move |mut socket| {
        while let Some(Ok(message)) = socket.next().await {
            assert!(!message.to_string().contains(TOKEN));
        }
    });
    assert!(matches!(silent.await.err(), Some(Refusal::Stranger(_))));
}

/// A gateway that answers a call with these messages.
async fn answering(messages: Vec<Message>) -> Gateway<DuplexStream> {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let mut socket = accept_async(theirs).await.unwrap();
        let challenge = json!({"type": "event", "event": "connect.challenge", "payload": {}});
        let hello = json!({"type": "res", "id": "1", "ok": true, "payload": {"protocol": 4}});
        socket.send(Message::text(challenge.to_string())).await.unwrap();
        socket.next().await.unwrap().unwrap();
        socket.send(Message::text(hello.to_string())).await.unwrap();
        socket.next().await.unwrap().unwrap();
        for message in messages {
            if socket.send(message).await.is_err() {
                return;
            }
        }
        // Until the other side has enough.
        while let Some(Ok(_)) = socket.next().await {}
    });
    Gateway::connect(ours, &Secret::new(TOKEN)).await.unwrap()
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    let res = |payload: &str| Message::text(format!(r#"{{"type":"res","id":"2","ok":true,"payload":{payload}}}"#));
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let large = format!("\"{}\"", "x".repeat(5 * 1024 * 1024));
    for (what, message) in [
        ("garbage", Message::text("no json")),
        ("bytes", Message::binary(vec![0; 100])),
        ("another type", res(r#"{"channelAccounts":{"telegram":"yes"}}"#)),
        ("a list", res("[7]")),
        ("nothing", Message::text(r#"{"type":"res","id":"2"}"#)),
        ("deep", res(&deep)),
        ("large", res(&large)),
    ] {
        let mut gateway = answering(vec![message]).await;
        let told = channels::telegram(&mut gateway).await;
        assert_eq!(told, Err(Refusal::Garbled), "{what}");
    }
    let mut gateway = answering(vec![Message::Close(None)]).await;
    assert_eq!(channels::telegram(&mut gateway).await, Err(Refusal::Broken));
}

/// A frame says how long it is before it comes: one that is too long is not waited for.
#[tokio::test]
async fn a_huge_frame_is_refused_by_its_head() {
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let socket = accept_async(&mut theirs).await.unwrap();
        drop(socket);
        // A text of 2^40 bytes, of which 16 come.
        let mut frame = vec![0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0];
        frame.extend([b'x'; 16]);
        theirs.write_all(&frame).await.unwrap();
        theirs.read_to_end(&mut Vec::new()).await.unwrap();
    });
    let begun = Instant::now();
    let connected = Gateway::connect(ours, &Secret::new(TOKEN)).await;
    assert_eq!(connected.err(), Some(Refusal::Garbled));
    assert!(begun.elapsed() < LIMIT);
}

#[tokio::test]
async fn others_messages_are_skipped_but_not_for_ever() {
    let tick = || Message::text(r#"{"type":"event","event":"tick","payload":{"ts":1}}"#);
    let others = Message::text(r#"{"type":"res","id":"77","ok":true,"payload":{}}"#);
    let ours = gateway::channels(true, None);
    let ours = Message::text(json!({"type": "res", "id": "2", "ok": true, "payload": ours}).to_string());
    let mut patient = answering([vec![tick(); 50], vec![others], vec![ours]].concat()).await;
    assert!(channels::telegram(&mut patient).await.unwrap().unwrap().connected);
    let mut flooded = answering(vec![tick(); 5_000]).await;
    assert_eq!(channels::telegram(&mut flooded).await, Err(Refusal::Garbled));
    let mut pinged = answering(vec![Message::Ping(vec![0; 8].into()); 5_000]).await;
    assert_eq!(channels::telegram(&mut pinged).await, Err(Refusal::Garbled));
}

#[tokio::test]
async fn a_call_has_a_deadline() {
    let accepted = Message::text(r#"{"type":"res","id":"2","ok":true,"payload":{"status":"accepted"}}"#);
    let mut gateway = answering(vec![accepted]).await;
    let begun = Instant::now();
    let told = turn::ask(&mut gateway, "Answer", Duration::from_secs(1)).await;
    assert_eq!((told, begun.elapsed().as_secs()), (Err(Refusal::Overdue), 1));
}

/// The agent answers 0 while it still counts: that is asked again, and never believed.
#[tokio::test]
async fn usage_that_is_still_counted_is_asked_again() {
    let counted = |after: u32| async move {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let asked = std::sync::Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            let answer = |_, _| {
                let n = count.fetch_add(1, Ordering::SeqCst) + 1;
                let (status, tokens) = if n > after { ("fresh", 53) } else { ("refreshing", 0) };
                async move { Ok(json!({"cacheStatus": {"status": status}, "totals": {"totalTokens": tokens}})) }
            };
            gateway::serve(theirs, TOKEN, answer).await;
        });
        let mut gateway = Gateway::connect(ours, &Secret::new(TOKEN)).await.unwrap();
        let mut reading = clawdwako::model::Reading::default();
        if let Some(used) = usage::of(&mut gateway).await.unwrap() {
            used.note(&mut reading);
        }
        (reading.tokens, asked.load(Ordering::SeqCst))
    };
    assert_eq!(counted(2).await, (Some(53), 3));
    let (tokens, asked) = counted(1_000).await;
    assert_eq!(tokens, None);
    assert!((15..=21).contains(&asked), "{asked}");
}

#[test]
fn our_own_words_pass_for_no_trouble_of_others() {
    for refusal in [Refusal::Overdue, Refusal::Broken, Refusal::Garbled, Refusal::Token] {
        assert_eq!(explain(&refusal.words()).cause, Cause::Unknown, "{refusal:?}");
    }
}
