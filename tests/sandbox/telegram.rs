//! Telegram as the agent and the deployer see it, and the person who talks.

use super::stand_ins::StandIns;
use clawdwako::error::Kind;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Somebody who talks to bots.
const PERSON: i64 = 4242;

async fn call(on: &StandIns, token: &str, method: &str, params: Value) -> (u16, Value) {
    on.post(&format!("/telegram/bot{token}/{method}"), &params).await
}

/// A bot that somebody has written to, with that update confirmed.
async fn known_bot(on: &StandIns) -> (String, String) {
    let (token, bot) = on.bot().await;
    let update = on.world.telegram.say(&bot, PERSON, "/start").unwrap().unwrap();
    call(on, &token, "getUpdates", json!({"offset": update + 1})).await;
    (token, bot)
}

#[tokio::test]
async fn the_token_is_looked_at_before_the_method() {
    let on = StandIns::start().await;
    let (token, _) = on.bot().await;
    let other = format!("1{}", &token[1..]);
    for (token, method, status, description) in [
        ("123456", "getMe", 404, "Not Found"),
        ("abc:def", "getMe", 404, "Not Found"),
        (other.as_str(), "getMe", 401, "Unauthorized"),
        (other.as_str(), "noSuchMethod", 401, "Unauthorized"),
        (token.as_str(), "noSuchMethod", 404, "Not Found"),
    ] {
        let expected = json!({"ok": false, "error_code": status, "description": description});
        assert_eq!(
            call(&on, token, method, json!({})).await,
            (status, expected),
            "{method} {status}"
        );
    }
    // Any case, any way of asking, and a colon that was encoded.
    let encoded = token.replace(':', "%3A");
    let (status, me) = on.get(&format!("/telegram/bot{encoded}/GETME?x=1")).await;
    assert_eq!((status, me["result"]["username"].as_str()), (200, Some("demo_bot")));
    let (_, bots) = on.get("/_control/telegram/bots").await;
    assert_eq!(bots["bots"][0]["unknown"], json!({"nosuchmethod": 1}));
    assert!(!bots.to_string().contains(&token), "a status shows no token");
}

#[tokio::test]
async fn one_poller_a_second_one_ends_the_first() {
    let on = Arc::new(StandIns::start().await);
    let (token, bot) = on.bot().await;
    let first = {
        let (on, token) = (Arc::clone(&on), token.clone());
        tokio::spawn(async move { call(&on, &token, "getUpdates", json!({"timeout": 25})).await })
    };
    // The first one must be waiting before the second comes: its call is counted then.
    while on.world.telegram.summary()[0].calls.get("getupdates") != Some(&1) {
        tokio::task::yield_now().await;
    }
    let second = call(&on, &token, "getUpdates", json!({"timeout": 25}));
    let (second, talk) = tokio::join!(second, async {
        let refused = first.await.unwrap();
        on.world.telegram.say(&bot, PERSON, "hello").unwrap();
        refused
    });
    let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    assert_eq!(
        talk,
        (409, json!({"ok": false, "error_code": 409, "description": words}))
    );
    assert_eq!(second.1["result"][0]["message"]["text"], "hello");
}

#[tokio::test]
async fn updates_wait_until_they_are_confirmed() {
    let on = StandIns::start().await;
    let (token, bot) = on.bot().await;
    let ids: Vec<i64> = (0..3)
        .map(|n| on.world.telegram.say(&bot, PERSON, &format!("m{n}")).unwrap().unwrap())
        .collect();
    let poll = async |params| {
        let (status, answer) = call(&on, &token, "getUpdates", params).await;
        assert_eq!(status, 200);
        let list = answer["result"].as_array().unwrap().clone();
        list.iter()
            .map(|u| u["update_id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(poll(json!({})).await, ids);
    assert_eq!(poll(json!({"limit": 1})).await, ids[..1], "nothing was confirmed yet");
    assert_eq!(poll(json!({"offset": ids[1]})).await, ids[1..]);
    assert_eq!(poll(json!({"offset": -1})).await, ids[2..]);
    assert_eq!(
        poll(json!({})).await,
        ids[2..],
        "a negative offset forgets the older ones"
    );
    assert!(
        poll(json!({"offset": ids[2] + 1, "allowed_updates": ["callback_query"]}))
            .await
            .is_empty()
    );
    assert_eq!(on.world.telegram.say(&bot, PERSON, "unwanted").unwrap(), None);
    assert!(poll(json!({"allowed_updates": []})).await.is_empty());
    let (_, answer) = call(&on, &token, "getWebhookInfo", json!({})).await;
    assert_eq!(answer["result"]["pending_update_count"], 0);
}

#[tokio::test]
async fn webhooks_follow_telegrams_rules_and_exclude_polling() {
    let on = StandIns::start().await;
    let (token, bot) = on.bot().await;
    for (params, words) in [
        (
            json!({"url": "http://bot.example/"}),
            "bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            json!({"url": "https://bot.example:3000/"}),
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (json!({"url": "not an address"}), "invalid webhook URL specified"),
        (
            json!({"url": "https://bot.example/", "secret_token": "a b"}),
            "secret token contains unallowed characters",
        ),
        (
            json!({"url": "https://bot.example/", "secret_token": "a".repeat(257)}),
            "secret token is too long",
        ),
    ] {
        let (status, answer) = call(&on, &token, "setWebhook", params).await;
        assert_eq!(
            (status, answer["description"].as_str()),
            (400, Some(format!("Bad Request: {words}").as_str()))
        );
    }
    let set = json!({"url": "https://bot.example:8443/hook", "secret_token": "a_b-C1"});
    let (status, answer) = call(&on, &token, "setWebhook", set).await;
    assert_eq!((status, answer["description"].as_str()), (200, Some("Webhook was set")));
    let (status, answer) = call(&on, &token, "getUpdates", json!({})).await;
    let words = "Conflict: can't use getUpdates method while webhook is active; \
                 use deleteWebhook to delete the webhook first";
    assert_eq!((status, answer["description"].as_str()), (409, Some(words)));
    on.world.telegram.say(&bot, PERSON, "hello").unwrap();
    let (_, info) = call(&on, &token, "getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["url"], "https://bot.example:8443/hook");
    assert_eq!(info["result"]["pending_update_count"], 1);
    let drop = json!({"drop_pending_updates": true});
    let (_, answer) = call(&on, &token, "deleteWebhook", drop).await;
    assert_eq!(answer["description"], "Webhook was deleted");
    let (_, answer) = call(&on, &token, "deleteWebhook", json!({})).await;
    assert_eq!(
        answer,
        json!({"ok": true, "result": true, "description": "Webhook is already deleted"})
    );
    let (status, answer) = call(&on, &token, "getUpdates", json!({})).await;
    assert_eq!((status, &answer["result"]), (200, &json!([])));
}

#[tokio::test]
async fn messages_are_refused_as_telegram_refuses_them() {
    let on = StandIns::start().await;
    let (token, _) = known_bot(&on).await;
    let send = "sendMessage";
    let edit = "editMessageText";
    let (_, sent) = call(
        &on,
        &token,
        send,
        json!({"chat_id": PERSON, "text": "<b>hi</b>", "parse_mode": "HTML"}),
    )
    .await;
    let message = &sent["result"];
    assert_eq!(
        (&message["text"], &message["chat"]["id"]),
        (&json!("hi"), &json!(PERSON))
    );
    assert_eq!(message["entities"], json!([{"type": "bold", "offset": 0, "length": 2}]));
    let id = &message["message_id"];
    let cases = [
        (send, json!({"text": "x"}), 400, "Bad Request: chat_id is empty"),
        (
            send,
            json!({"chat_id": PERSON}),
            400,
            "Bad Request: message text is empty",
        ),
        (
            send,
            json!({"chat_id": PERSON, "text": "ä".repeat(4097)}),
            400,
            "Bad Request: message is too long",
        ),
        (
            send,
            json!({"chat_id": "@nobody", "text": "x"}),
            400,
            "Bad Request: chat not found",
        ),
        (
            send,
            json!({"chat_id": -100, "text": "x"}),
            400,
            "Bad Request: chat not found",
        ),
        (
            send,
            json!({"chat_id": 7, "text": "x"}),
            403,
            "Forbidden: bot can't initiate conversation with a user",
        ),
        (
            send,
            json!({"chat_id": PERSON, "text": "<p>x", "parse_mode": "HTML"}),
            400,
            "Bad Request: can't parse entities: Unsupported start tag \"p\" at byte offset 0",
        ),
        (
            edit,
            json!({"chat_id": PERSON, "message_id": 999, "text": "x"}),
            400,
            "Bad Request: message to edit not found",
        ),
        (
            edit,
            json!({"chat_id": PERSON, "message_id": id, "text": "<b>hi</b>", "parse_mode": "HTML"}),
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the \
             same as a current content and reply markup of the message",
        ),
        (
            "deleteMessage",
            json!({"chat_id": PERSON, "message_id": 999}),
            400,
            "Bad Request: message to delete not found",
        ),
        (
            "sendChatAction",
            json!({"chat_id": PERSON, "action": "dance"}),
            400,
            "Bad Request: wrong parameter action in request",
        ),
        (
            "setMyCommands",
            json!({"commands": [{"command": "Bad!", "description": "x"}]}),
            400,
            "Bad Request: BOT_COMMAND_INVALID",
        ),
        ("getChat", json!({"chat_id": 7}), 400, "Bad Request: chat not found"),
        ("getFile", json!({"file_id": "x"}), 400, "Bad Request: invalid file_id"),
    ];
    for (method, params, status, description) in cases {
        let (got, answer) = call(&on, &token, method, params).await;
        assert_eq!(
            (got, answer["description"].as_str()),
            (status, Some(description)),
            "{method}"
        );
    }
    let fits = json!({"chat_id": PERSON, "text": "ä".repeat(4096)});
    assert_eq!(call(&on, &token, send, fits).await.0, 200);
    let changed = json!({"chat_id": PERSON, "message_id": id, "text": "new"});
    assert_eq!(call(&on, &token, edit, changed).await.1["result"]["text"], "new");
    let gone = json!({"chat_id": PERSON, "message_id": id});
    assert_eq!(call(&on, &token, "deleteMessage", gone.clone()).await.1["result"], true);
    assert_eq!(call(&on, &token, "deleteMessage", gone).await.0, 400);
}

#[tokio::test]
async fn closing_and_logging_out_have_their_price() {
    let on = StandIns::start().await;
    let (token, _) = on.bot().await;
    let response = on
        .http
        .post(on.url(&format!("/telegram/bot{token}/close")))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 429);
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((590..=600).contains(&wait), "{wait}");
    assert_eq!(
        response.json::<Value>().await.unwrap()["parameters"]["retry_after"],
        wait
    );
    assert_eq!(call(&on, &token, "logOut", json!({})).await.0, 200);
    let (status, answer) = call(&on, &token, "getMe", json!({})).await;
    assert_eq!((status, answer["description"].as_str()), (400, Some("Logged out")));
}

#[tokio::test]
async fn commands_are_kept_by_scope() {
    let on = StandIns::start().await;
    let (token, _) = on.bot().await;
    let list = json!([{"command": "help", "description": "Helps."}]);
    let scope = json!({"type": "all_private_chats"});
    let set = json!({"commands": list, "scope": scope});
    assert_eq!(call(&on, &token, "setMyCommands", set).await.0, 200);
    let get = async |params| call(&on, &token, "getMyCommands", params).await.1["result"].clone();
    assert_eq!(get(json!({"scope": scope})).await, list);
    assert_eq!(get(json!({})).await, json!([]));
    call(&on, &token, "deleteMyCommands", json!({"scope": scope})).await;
    assert_eq!(get(json!({"scope": scope})).await, json!([]));
}

/// What a bot does with an update.
type Script = fn(String) -> Vec<(&'static str, Value)>;

/// An agent that polls, and plays its script for every message; `wait` is a method of its own.
fn agent(on: &Arc<StandIns>, token: &str, script: Script) -> tokio::task::JoinHandle<()> {
    let (on, token) = (Arc::clone(on), token.to_owned());
    tokio::spawn(async move {
        let mut offset = 0;
        loop {
            let poll = json!({"timeout": 20, "offset": offset});
            let (_, answer) = call(&on, &token, "getUpdates", poll).await;
            for update in answer["result"].as_array().unwrap() {
                offset = update["update_id"].as_i64().unwrap() + 1;
                let text = update["message"]["text"].as_str().unwrap().to_owned();
                let mut last = Value::Null;
                for (method, mut params) in script(text) {
                    if method == "wait" {
                        tokio::time::sleep(Duration::from_millis(params.as_u64().unwrap())).await;
                        continue;
                    }
                    params["chat_id"] = PERSON.into();
                    if params["message_id"] == "last" {
                        params["message_id"] = last.clone();
                    }
                    let (status, answer) = call(&on, &token, method, params).await;
                    assert_eq!(status, 200, "{answer}");
                    if method == "sendMessage" && last.is_null() {
                        last = answer["result"]["message_id"].clone();
                    }
                }
            }
        }
    })
}

async fn says(on: &StandIns, bot: &str, text: &str) -> String {
    let patience = Duration::from_secs(15);
    on.world.telegram.chat(bot, PERSON, text, patience).await.unwrap().reply
}

#[tokio::test]
async fn a_chat_waits_for_the_whole_answer_and_skips_progress_notes() {
    let on = Arc::new(StandIns::start().await);
    let (token, bot) = on.bot().await;
    let task = agent(&on, &token, |text| match text.as_str() {
        "tools" => vec![
            ("sendChatAction", json!({"action": "typing"})),
            ("sendMessage", json!({"text": "<b>Working</b>", "parse_mode": "HTML"})),
            ("wait", json!(1500)),
            (
                "editMessageText",
                json!({"message_id": "last", "text": "Working…\nexec: ls"}),
            ),
            ("wait", json!(50)),
            ("sendMessage", json!({"text": "the answer"})),
            ("wait", json!(1000)),
            ("deleteMessage", json!({"message_id": "last"})),
        ],
        "long" => vec![
            ("sendMessage", json!({"text": "first"})),
            ("wait", json!(50)),
            ("sendMessage", json!({"text": "second"})),
        ],
        "typing" => vec![
            ("sendMessage", json!({"text": "let me look"})),
            ("sendChatAction", json!({"action": "typing"})),
            ("wait", json!(2000)),
            ("sendMessage", json!({"text": "found"})),
        ],
        "edit" => vec![
            ("sendMessage", json!({"text": "You sa"})),
            ("wait", json!(50)),
            (
                "editMessageText",
                json!({"message_id": "last", "text": "You said: edit"}),
            ),
        ],
        other => vec![("sendMessage", json!({"text": format!("echo {other}")}))],
    });
    assert_eq!(says(&on, &bot, "tools").await, "the answer");
    assert_eq!(says(&on, &bot, "long").await, "first\nsecond");
    assert_eq!(says(&on, &bot, "typing").await, "let me look\nfound");
    assert_eq!(says(&on, &bot, "edit").await, "You said: edit");
    // Through the control route, with an own sender's default and the time it took.
    let talk = json!({"bot": bot, "text": "hi", "from": PERSON, "timeout_s": 15});
    let begun = Instant::now();
    let (status, answer) = on.post("/_control/telegram/chat", &talk).await;
    assert_eq!((status, answer["reply"].as_str()), (200, Some("echo hi")));
    let settled = begun.elapsed() - Duration::from_millis(answer["ms"].as_u64().unwrap());
    assert!(
        settled >= Duration::from_millis(690),
        "settling does not count: {answer}"
    );
    let (_, sent) = on.get(&format!("/_control/telegram/sent?bot={bot}")).await;
    let notes: Vec<&Value> = sent["sent"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["deleted"] == true)
        .collect();
    assert_eq!(notes.len(), 1);
    task.abort();
}

#[tokio::test]
async fn silence_is_told_with_what_was_seen() {
    let on = Arc::new(StandIns::start().await);
    let (token, bot) = on.bot().await;
    let hint = async || {
        let short = Duration::from_millis(300);
        let e = on.world.telegram.chat(&bot, PERSON, "hi", short).await.unwrap_err();
        assert_eq!(e.kind(), Kind::Timeout);
        e.next_step().unwrap().to_owned()
    };
    assert!(hint().await.contains("never fetched"));
    // An agent may need more than one of these short times.
    let becomes = async |words: &str| {
        for _ in 0..50 {
            if hint().await.contains(words) {
                return;
            }
        }
        panic!("never told: {words}");
    };
    let task = agent(&on, &token, |_| Vec::new());
    becomes("kept silent").await;
    task.abort();
    let _ = task.await;
    let task = agent(&on, &token, |_| vec![("sendMessage", json!({"text": "Working"}))]);
    becomes("only showed that it is working").await;
    task.abort();
    let e = on
        .world
        .telegram
        .chat("nobody_bot", PERSON, "hi", Duration::from_secs(1))
        .await;
    assert_eq!(e.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn deep_links_reach_a_bot_that_never_answers() {
    let on = StandIns::start().await;
    let (token, bot) = on.bot().await;
    let talk = json!({"bot": format!("@{bot}"), "text": "/start code-123", "timeout_s": 0});
    let (status, answer) = on.post("/_control/telegram/chat", &talk).await;
    assert_eq!((status, &answer["reply"]), (200, &Value::Null));
    let (_, updates) = call(&on, &token, "getUpdates", json!({})).await;
    let message = &updates["result"][0]["message"];
    assert_eq!(message["from"]["id"], on.world.credentials.owner);
    assert_eq!(message["text"], "/start code-123");
    assert_eq!(
        message["entities"],
        json!([{"type": "bot_command", "offset": 0, "length": 6}])
    );
}
