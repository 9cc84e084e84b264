//! What no client of ours sends is refused in the form of every other error, on both engines.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, open};
use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::api::types::BotView;
use clawdwako::model::Role;
use serde_json::{Value, json};

on_both_engines!(what_nobody_can_mean_is_refused);

async fn what_nobody_can_mean_is_refused(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (_, token) = api.user("root@example.org", Role::Admin).await;
    let nul = "a\0b";
    let named = |name: &str| json!({"name": name, "scope": "read"});
    let valued = |value: &str| json!({"value": value});
    for (status, method, path, body) in [
        // A NUL, which PostgreSQL has no text for, and what is no UTF-8.
        (404, "GET", "/api/bots/%00", Value::Null),
        (404, "DELETE", "/api/bots/%ff", Value::Null),
        (404, "DELETE", "/api/auth/tokens/a%00b", Value::Null),
        (404, "PUT", "/api/admin/users/%00", json!({"disabled": true})),
        (422, "GET", "/api/bots?cursor=%00", Value::Null),
        (422, "GET", "/api/audit?user_id=%00", Value::Null),
        (422, "GET", "/api/admin/users?cursor=x", Value::Null),
        (422, "GET", "/api/sync?cursor=%ff", Value::Null),
        (404, "GET", "/api/telegram/bot-info?bot_id=%00", Value::Null),
        (404, "POST", "/api/deploy", json!({"bot_id": nul})),
        (422, "POST", "/api/auth/tokens", named(nul)),
        (
            422,
            "POST",
            "/api/sync",
            json!({"origin": nul, "machine": "m", "bots": []}),
        ),
        (422, "PUT", "/api/secrets/openai", valued(nul)),
        (422, "POST", "/api/telegram/verify-token", json!({"token": nul})),
        // Numbers and texts beyond all bounds.
        (422, "GET", "/api/bots?limit=99999999999999999999", Value::Null),
        (422, "POST", "/api/auth/tokens", lasting(json!(1e300))),
        (422, "PUT", "/api/secrets/openai", valued(&"x".repeat(5_000))),
        (413, "PUT", "/api/secrets/openai", valued(&"x".repeat(70_000))),
        // Methods and paths that there are not.
        (405, "TRACE", "/api/bots", Value::Null),
        (405, "OPTIONS", "/healthz", Value::Null),
        (405, "BREW", "/api/deploy", Value::Null),
        (404, "GET", "/api//bots", Value::Null),
        (404, "GET", "/api/bots/", Value::Null),
    ] {
        let told = api.with(&token, method, path, body).await;
        told.refused(status, if status == 404 { "not_found" } else { "usage" });
        assert_eq!(told.header("allow").is_empty(), status != 405, "{method} {path}");
    }
    let bearer = format!("Bearer {token}");
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", "[]", 422),
        ("text/plain", "{}", 415),
    ] {
        let request = api.http.post(api.url("/api/auth/tokens")).header("content-type", kind);
        let told = request
            .header("authorization", &bearer)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(told.status().as_u16(), status, "{kind} {body:?}");
        let told: Value = told.json().await.unwrap();
        assert_eq!(told["error"]["code"], "usage");
    }
    // A whole number may be written with a point.
    api.with(&token, "POST", "/api/auth/tokens", lasting(json!(1.0)))
        .await
        .ok();
    // A name that no bot can have is that of none.
    for name in ["%00", "Not-A-Name", "a%20b", ""] {
        let told = api.get(&token, &format!("/api/bots?name={name}")).await;
        assert_eq!(told, json!({"items": [], "next_cursor": null}), "{name:?}");
    }
    // However deep in what is sent.
    let (bot, deployment) = a_bot("local", 7);
    let mut view = serde_json::to_value(BotView::of(&bot, &deployment)).unwrap();
    view["telegram_id"] = json!(7.0);
    view["audience"] = json!(42.0);
    let told = json!({"origin": "o", "machine": "m", "bots": [view]});
    let taken = api.with(&token, "POST", "/api/sync", told.clone()).await.ok();
    assert_eq!(taken["taken"], 1);
    let kept = api.get(&token, "/api/sync").await;
    assert_eq!(kept["items"][0]["bot"]["telegram_id"], json!(7));
    let mut told = told;
    told["bots"][0]["telegram_id"] = json!(7.5);
    api.with(&token, "POST", "/api/sync", told).await.refused(422, "usage");
}

/// An API token that is asked for, for so many days.
fn lasting(days: Value) -> Value {
    json!({"name": "x", "scope": "read", "expires_in_days": days})
}
