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
    for (method, path, body, status, code) in [
        // A NUL, which PostgreSQL has no text for, and what is no UTF-8.
        ("GET", "/api/bots/%00", Value::Null, 404, "not_found"),
        ("DELETE", "/api/bots/%ff", Value::Null, 404, "not_found"),
        ("DELETE", "/api/auth/tokens/a%00b", Value::Null, 404, "not_found"),
        (
            "PUT",
            "/api/admin/users/%00",
            json!({"disabled": true}),
            404,
            "not_found",
        ),
        ("GET", "/api/bots?cursor=%00", Value::Null, 422, "usage"),
        ("GET", "/api/audit?user_id=%00", Value::Null, 422, "usage"),
        ("GET", "/api/admin/users?cursor=x", Value::Null, 422, "usage"),
        ("GET", "/api/sync?cursor=%ff", Value::Null, 422, "usage"),
        (
            "GET",
            "/api/telegram/bot-info?bot_id=%00",
            Value::Null,
            404,
            "not_found",
        ),
        ("POST", "/api/deploy", json!({"bot_id": nul}), 404, "not_found"),
        (
            "POST",
            "/api/auth/tokens",
            json!({"name": nul, "scope": "read"}),
            422,
            "usage",
        ),
        (
            "POST",
            "/api/sync",
            json!({"origin": nul, "machine": "m", "bots": []}),
            422,
            "usage",
        ),
        ("PUT", "/api/secrets/openai", json!({"value": nul}), 422, "usage"),
        (
            "POST",
            "/api/telegram/verify-token",
            json!({"token": nul}),
            422,
            "usage",
        ),
        // Numbers and texts beyond all bounds.
        ("GET", "/api/bots?limit=99999999999999999999", Value::Null, 422, "usage"),
        (
            "POST",
            "/api/auth/tokens",
            json!({"name": "x", "scope": "read", "expires_in_days": 1e300}),
            422,
            "usage",
        ),
        (
            "PUT",
            "/api/secrets/openai",
            json!({"value": "x".repeat(5_000)}),
            422,
            "usage",
        ),
        (
            "PUT",
            "/api/secrets/openai",
            json!({"value": "x".repeat(70_000)}),
            413,
            "usage",
        ),
        // Methods and paths that there are not.
        ("TRACE", "/api/bots", Value::Null, 405, "usage"),
        ("OPTIONS", "/healthz", Value::Null, 405, "usage"),
        ("BREW", "/api/deploy", Value::Null, 405, "usage"),
        ("GET", "/api//bots", Value::Null, 404, "not_found"),
        ("GET", "/api/bots/", Value::Null, 404, "not_found"),
    ] {
        let told = api.with(&token, method, path, body).await;
        told.refused(status, code);
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
    let asked = json!({"name": "x", "scope": "read", "expires_in_days": 1.0});
    api.with(&token, "POST", "/api/auth/tokens", asked).await.ok();
    // A name that no bot can have is that of none.
    for name in ["%00", "Not-A-Name", "a%20b", ""] {
        let told = api.get(&token, &format!("/api/bots?name={name}")).await;
        assert_eq!(told, json!({"items": [], "next_cursor": null}), "{name:?}");
    }
    // However deep in what is sent.
    let (bot, deployment) = a_bot("local", 7);
    let mut view = serde_json::to_value(BotView::of(&bot, &deployment)).unwrap();
    view["telegram_id"] = json!(7.0);
    view["owner"] = json!(42.0);
    let told = json!({"origin": "o", "machine": "m", "bots": [view]});
    let taken = api.with(&token, "POST", "/api/sync", told.clone()).await.ok();
    assert_eq!(taken["taken"], 1);
    let kept = api.get(&token, "/api/sync").await;
    assert_eq!(kept["items"][0]["bot"]["telegram_id"], json!(7));
    let mut told = told;
    told["bots"][0]["telegram_id"] = json!(7.5);
    api.with(&token, "POST", "/api/sync", told).await.refused(422, "usage");
}
