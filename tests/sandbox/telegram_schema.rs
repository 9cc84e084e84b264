//! Telegram's answers against the Bot API's published description.

use super::stand_ins::StandIns;
use crate::support::spec::kept;
use serde_json::{Value, json};

/// What is wrong with a value of a type; types that the description leaves out are objects.
fn wrong(spec: &Value, kind: &str, value: &Value, at: &str) -> Vec<String> {
    if let Some(of) = kind.strip_prefix("Array of ") {
        return match value.as_array() {
            None => vec![format!("{at} is no list")],
            Some(list) => list
                .iter()
                .enumerate()
                .flat_map(|(n, v)| wrong(spec, of, v, &format!("{at}[{n}]")))
                .collect(),
        };
    }
    let fits = match kind {
        "Integer" => value.is_i64() || value.is_u64(),
        "Boolean" | "True" => value.is_boolean(),
        "String" => value.is_string(),
        _ => value.is_object(),
    };
    if !fits {
        return vec![format!("{at} is no {kind}: {value}")];
    }
    let Some(fields) = spec["types"][kind]["fields"].as_array() else {
        return Vec::new();
    };
    let named = |name: &str| fields.iter().find(|f| f["name"] == name);
    let mut faults: Vec<String> = fields
        .iter()
        .filter(|f| f["required"] == true && value[f["name"].as_str().unwrap()].is_null())
        .map(|f| format!("{at}.{} is missing", f["name"]))
        .collect();
    for (name, inner) in value.as_object().unwrap() {
        let at = format!("{at}.{name}");
        match named(name) {
            None => faults.push(format!("{at} is not in the description")),
            Some(field) => {
                let kinds = field["types"].as_array().unwrap();
                let all: Vec<Vec<String>> = kinds
                    .iter()
                    .map(|k| wrong(spec, k.as_str().unwrap(), inner, &at))
                    .collect();
                if !all.iter().any(Vec::is_empty) {
                    faults.extend(all.into_iter().flatten());
                }
            }
        }
    }
    faults
}

#[tokio::test]
async fn answers_fit_the_published_description() {
    let spec = kept("telegram.json");
    let on = StandIns::start().await;
    let (token, bot) = on.bot().await;
    on.world.telegram.say(&bot, 7, "/start x").unwrap();
    let commands = json!([{"command": "a", "description": "b"}]);
    let calls = [
        ("getMe", json!({})),
        ("getUpdates", json!({"allowed_updates": ["message"]})),
        ("sendMessage", json!({"chat_id": 7, "text": "x"})),
        ("getChat", json!({"chat_id": 7})),
        ("setMyCommands", json!({"commands": commands})),
        ("getMyCommands", json!({})),
        ("getWebhookInfo", json!({})),
        ("setWebhook", json!({"url": "https://bot.example/"})),
        ("getWebhookInfo", json!({})),
        ("deleteWebhook", json!({})),
        ("logOut", json!({})),
    ];
    for (method, params) in calls {
        let path = format!("/telegram/bot{token}/{method}");
        let (status, answer) = on.post(&path, &params).await;
        assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{method}: {answer}");
        let kind = spec["methods"][method]["returns"][0].as_str().unwrap();
        assert_eq!(wrong(&spec, kind, &answer["result"], method), Vec::<String>::new());
    }
    // The check itself can fail.
    assert_eq!(
        wrong(&spec, "User", &json!({"id": "1", "is_bot": true, "x": 1}), "u").len(),
        3
    );
}
