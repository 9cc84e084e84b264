//! Plans, use, audit, and what admins do with users.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, at_google, open};
use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::config::ServerSettings;
use clawdwako::model::{Plan, Reading, Role, Sample, Scope, SshTarget, TokenKind, User, now};
use clawdwako::secrets::Secret;
use clawdwako::secrets::keyring::SecretName;
use clawdwako::store::Owner;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_engines!(
    admins_change_users_and_who_is_out_is_out_at_once,
    a_subscription_is_set_and_told,
    use_counts_bots_servers_and_money,
    samples_are_listed_in_pages_and_times,
    the_audit_tells_who_did_what_to_whom,
    the_use_of_a_secret_is_in_the_audit,
    the_use_of_the_operators_credentials_is_in_the_audit,
    tokens_are_made_listed_and_revoked,
);

async fn admins_change_users_and_who_is_out_is_out_at_once(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (root, admin) = api.user("root@example.org", Role::Admin).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let path = format!("/api/admin/users/{}", ada.id);
    let own = format!("/api/admin/users/{}", root.id);
    let put = async |path: &str, body: Value| api.with(&admin, "PUT", path, body).await;
    put(&own, json!({"role": "member"})).await.refused(409, "wrong_state");
    put(&own, json!({"disabled": true})).await.refused(409, "wrong_state");
    put(&path, json!({})).await.refused(422, "usage");
    put(&path, json!({"role": "king"})).await.refused(422, "usage");
    put("/api/admin/users/nobody", json!({"role": "member"}))
        .await
        .refused(404, "not_found");
    assert_eq!(put(&path, json!({"role": "support"})).await.ok()["role"], "support");
    let users = api.get(&token, "/api/admin/users?limit=1").await;
    assert_eq!(users["items"][0]["email"], "root@example.org");
    let next = format!("/api/admin/users?cursor={}", users["next_cursor"].as_str().unwrap());
    let users = api.get(&token, &next).await;
    assert_eq!(
        (&users["items"][0]["email"], &users["next_cursor"]),
        (&json!("ada@example.org"), &Value::Null)
    );
    api.with(&token, "PUT", &path, json!({"role": "admin"}))
        .await
        .refused(403, "refused");

    assert_eq!(put(&path, json!({"disabled": true})).await.ok()["disabled"], true);
    api.with(&token, "GET", "/api/auth/session", Value::Null)
        .await
        .refused(401, "needs_user");
    put(&path, json!({"disabled": false})).await.ok();
    api.with(&token, "GET", "/api/auth/session", Value::Null)
        .await
        .refused(401, "needs_user");
    // By Google, too, and the sandbox's Google knows the same person by another number.
    assert_eq!(api.sign_in("bob@example.org").await.status, 303);
    let bob = api.store.user("bob@example.org").await.unwrap();
    put(&format!("/api/admin/users/{}", bob.id), json!({"disabled": true}))
        .await
        .ok();
    api.sign_in("bob@example.org").await.refused(403, "refused");
}

async fn a_subscription_is_set_and_told(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (_, admin) = api.user("root@example.org", Role::Admin).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let path = format!("/api/admin/users/{}/subscription", ada.id);
    let told = api.get(&token, "/api/subscription").await;
    assert_eq!(
        (&told["plan"], &told["limits"]["max_bots"]),
        (&json!("starter"), &json!(1))
    );
    let pro = json!({"plan": "pro", "status": "active", "period_end": "2999-01-01T00:00:00Z"});
    let set = api.with(&admin, "PUT", &path, pro).await.ok();
    assert_eq!(set, api.get(&token, "/api/subscription").await);
    assert_eq!(
        (&set["plan"], &set["period_end"]),
        (&json!("pro"), &json!("2999-01-01T00:00:00Z"))
    );
    assert_eq!(set, api.get(&admin, &path).await);
    let over = json!({"plan": "pro", "status": "cancelled", "period_end": "2020-01-01T00:00:00Z"});
    let set = api.with(&admin, "PUT", &path, over).await.ok();
    assert_eq!((&set["status"], &set["may_deploy"]), (&json!("expired"), &json!(false)));
    for wrong in [
        json!({"plan": "gold", "status": "active"}),
        json!({"plan": "pro", "status": "active", "period_end": "tomorrow"}),
        json!({"plan": "pro"}),
    ] {
        api.with(&admin, "PUT", &path, wrong).await.refused(422, "usage");
    }
    let nobody = "/api/admin/users/nobody/subscription";
    let pro = json!({"plan": "pro", "status": "active"});
    api.with(&admin, "PUT", nobody, pro).await.refused(404, "not_found");
    api.with(&admin, "GET", nobody, Value::Null)
        .await
        .refused(404, "not_found");
}

async fn use_counts_bots_servers_and_money(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let (bob, _) = api.user("bob@example.org", Role::Member).await;
    for (name, id, user, server, price) in [
        ("a", 1, &ada, Some("1"), Some((5.99, "EUR"))),
        ("b", 2, &ada, Some("2"), Some((4.02, "EUR"))),
        ("c", 3, &ada, Some("3"), Some((12.0, "USD"))),
        ("d", 4, &ada, None, None),
        ("e", 5, &bob, Some("4"), Some((99.0, "EUR"))),
    ] {
        let (mut bot, mut deployment) = a_bot(name, id);
        bot.user_id = user.id.clone();
        deployment.facts.instance_id = server.map(str::to_owned);
        deployment.facts.price_month = price.map(|p| p.0);
        deployment.facts.currency = price.map(|p| p.1.to_owned());
        let mut tx = api.store.begin().await.unwrap();
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        // The last look of the first did not reach its server: what it told before counts.
        for (minutes, told) in [(20, Some(1)), (10, Some(100 * id)), (0, (id != 1).then_some(100 * id))] {
            let sample = Sample {
                at: now() - minutes * 60_000,
                reading: Reading {
                    messages: told,
                    tokens: told.map(|n| n * 10),
                    cost_usd: told.map(|n| n as f64 / 4.0),
                    ..Reading::default()
                },
                ..Sample::default()
            };
            if id != 4 {
                tx.put_sample(&bot.id, &sample).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }
    let used = api.get(&token, "/api/usage").await;
    let costs = json!([{"currency": "EUR", "price_month": 10.01}, {"currency": "USD", "price_month": 12.0}]);
    assert_eq!(
        used,
        json!({"bots": 4, "max_bots": 1, "servers": 3, "costs": costs, "api_tokens": 1,
            "messages": 600, "tokens": 6_000, "cost_usd": 150.0})
    );
}

async fn samples_are_listed_in_pages_and_times(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let (_, support) = api.user("sue@example.org", Role::Support).await;
    let (_, bobs) = api.user("bob@example.org", Role::Member).await;
    let (mut bot, deployment) = a_bot("demo", 7);
    bot.user_id = ada.id.clone();
    let mut tx = api.store.begin().await.unwrap();
    tx.insert_bot(&bot).await.unwrap();
    tx.insert_deployment(&deployment).await.unwrap();
    // Each a minute into its five.
    let first = 1_764_000_000_000;
    for i in 0..7 {
        let mut sample = Sample {
            at: first + i * 300_000 + 60_000,
            reached: true,
            well: i != 3,
            cpu_percent: Some(1.5),
            ..Sample::default()
        };
        sample.reading.messages = Some(i);
        tx.put_sample(&bot.id, &sample).await.unwrap();
    }
    tx.commit().await.unwrap();
    let path = format!("/api/bots/{}/samples", bot.id);
    let page = async |query: &str| {
        let told = api.get(&token, &format!("{path}{query}")).await;
        let messages: Vec<i64> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["messages"].as_i64().unwrap())
            .collect();
        (messages, told["next_cursor"].as_str().map(str::to_owned))
    };
    let (mut all, mut cursor) = page("?limit=3").await;
    assert_eq!(all, [6, 5, 4]);
    while let Some(place) = cursor {
        let (more, next) = page(&format!("?limit=3&cursor={place}")).await;
        (all, cursor) = ([all, more].concat(), next);
    }
    assert_eq!(all, [6, 5, 4, 3, 2, 1, 0]);
    // 16:05 up to 16:20, which is not among it.
    let (some, next) = page("?since=2025-11-24T16:05:00Z&until=2025-11-24T16:20:00Z").await;
    assert_eq!((some, next), (vec![3, 2, 1], None));
    let one = api
        .get(&support, &format!("{path}?limit=1&until=2025-11-24T16:20:00Z"))
        .await;
    assert_eq!(
        one["items"][0],
        json!({"at": "2025-11-24T16:16:00Z", "reached": true, "well": false, "restarted": false,
            "memory_bytes": null, "memory_total_bytes": null, "disk_bytes": null, "disk_total_bytes": null,
            "cpu_percent": 1.5, "messages": 3, "tokens": null, "cost_usd": null})
    );
    api.with(&bobs, "GET", &path, Value::Null)
        .await
        .refused(404, "not_found");
    for wrong in ["cursor=x", "cursor=-1", "since=yesterday", "limit=0", "colour=red"] {
        let told = api.with(&token, "GET", &format!("{path}?{wrong}"), Value::Null).await;
        told.refused(422, "usage");
    }
}

async fn the_audit_tells_who_did_what_to_whom(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (root, admin) = api.user("root@example.org", Role::Admin).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let (bob, bobs) = api.user("bob@example.org", Role::Member).await;
    let secret = json!({"value": "hunter2-hunter2"});
    api.with(&token, "PUT", "/api/secrets/hetzner", secret).await.ok();
    let path = format!("/api/admin/users/{}", ada.id);
    api.with(&token, "PUT", &path, json!({"role": "admin"})).await;
    api.with(&admin, "PUT", &path, json!({"role": "king"})).await;
    api.with(&admin, "PUT", &path, json!({"role": "support"})).await.ok();
    let seen = async |token: &str, query: &str| -> Vec<Value> {
        api.get(token, &format!("/api/audit{query}")).await["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    let all = seen(&admin, "").await;
    assert!(!Value::from(all.clone()).to_string().contains("hunter2"));
    let short = |e: &Value| {
        let text = |name: &str| e[name].as_str().unwrap_or_default().to_owned();
        (
            text("actor"),
            text("user_id"),
            text("action"),
            text("object"),
            text("result"),
        )
    };
    let users = "PUT /api/admin/users/{id}";
    let own = "PUT /api/secrets/{name}";
    let told = |actor: &User, whose: &User, action: &str, object: &str, result: &str| {
        let texts = [&actor.id, &whose.id, action, object, result].map(str::to_owned);
        let [actor, whose, action, object, result] = texts;
        (actor, whose, action, object, result)
    };
    let name = "/api/secrets/hetzner";
    let expected = [
        told(&root, &ada, users, &ada.id, "ok"),
        told(&root, &root, users, &path, "begun"),
        told(&root, &root, users, &path, "usage"),
        told(&root, &root, users, &path, "begun"),
        // Refused to begin with.
        told(&ada, &ada, users, &path, "refused"),
        told(&ada, &ada, own, "hetzner", "ok"),
        told(&ada, &ada, own, name, "begun"),
    ];
    assert_eq!(all.iter().map(short).collect::<Vec<_>>(), expected);
    let requests: Vec<&str> = all.iter().map(|e| e["request_id"].as_str().unwrap()).collect();
    assert_eq!(
        (requests[0], requests[2], requests[5]),
        (requests[1], requests[3], requests[6])
    );
    assert_eq!(
        requests.iter().collect::<BTreeSet<_>>().len(),
        4,
        "one for each request"
    );
    assert!(all.iter().all(|e| e["address"] == "127.0.0.1"));
    // Ada is support now, and sees all; Bob sees what is his, which is nothing.
    assert_eq!(seen(&token, "").await.len(), 7);
    assert!(seen(&bobs, "").await.is_empty());
    assert!(
        seen(&bobs, &format!("?user_id={}", ada.id)).await.is_empty(),
        "not even by asking"
    );
    assert_eq!(seen(&admin, &format!("?user_id={}", ada.id)).await.len(), 4);
    assert!(seen(&admin, &format!("?user_id={}", bob.id)).await.is_empty());
    let first = api.get(&admin, "/api/audit?limit=6").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = api.get(&admin, &format!("/api/audit?limit=6&cursor={cursor}")).await;
    assert_eq!(
        (rest["items"][0].clone(), &rest["next_cursor"]),
        (all[6].clone(), &Value::Null)
    );
    // A character that one of the databases cannot keep names nobody, and breaks nothing.
    for path in [
        "/api/admin/users/a%00b",
        "/api/admin/users?cursor=%00",
        "/api/audit?user_id=%00&cursor=%00",
    ] {
        let told = api.with(&admin, "GET", path, Value::Null).await;
        assert!([200, 404, 422].contains(&told.status), "{told:?}");
    }
    for wrong in ["limit=0", "limit=201", "limit=x", "colour=red"] {
        let told = api
            .with(&admin, "GET", &format!("/api/audit?{wrong}"), Value::Null)
            .await;
        told.refused(422, "usage");
    }
}

async fn the_use_of_a_secret_is_in_the_audit(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let (telegram, _) = google.bot().await;
    let (mut bot, mut deployment) = a_bot("demo", telegram.split_once(':').unwrap().0.parse().unwrap());
    bot.user_id = ada.id.clone();
    deployment.facts.ssh = Some(SshTarget {
        host: "127.0.0.1".into(),
        port: 9,
        user: "root".into(),
    });
    deployment.facts.host_key = Some("no key".into());
    let mut tx = api.store.begin().await.unwrap();
    tx.insert_bot(&bot).await.unwrap();
    tx.insert_deployment(&deployment).await.unwrap();
    let owner = Owner::Bot(bot.id.clone());
    tx.put_secret(&owner, "ssh_private_key", &Secret::new("no key either"))
        .await
        .unwrap();
    tx.put_secret(&owner, "telegram", &Secret::new(telegram.as_str()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // Support looks on, and Ada sees that they did.
    let (eve, eves) = api.user("eve@example.org", Role::Support).await;
    for (name, path) in [
        ("telegram", format!("/api/telegram/bot-info?bot_id={}", bot.id)),
        ("ssh_private_key", format!("/api/deploy/{}/logs?kind=agent", bot.id)),
    ] {
        let told = api.with(&eves, "GET", &path, Value::Null).await;
        let used = api.get(&token, "/api/audit").await["items"][0].clone();
        assert_eq!(
            (&used["actor"], &used["action"], &used["address"]),
            (&json!(eve.id), &json!("use secret"), &json!("127.0.0.1"))
        );
        assert_eq!(used["object"], format!("bot/{}/{name}", bot.id));
        assert_eq!(used["request_id"], told.header("x-request-id"));
    }
    let audit = api.get(&token, "/api/audit").await["items"].clone();
    assert!(!audit.to_string().contains(&telegram));
}

async fn the_use_of_the_operators_credentials_is_in_the_audit(engine: Engine) {
    let google = StandIns::start().await;
    let (endpoints, mut operator) = at_google(&google);
    operator.insert(SecretName::Anthropic, Secret::new("sk-of-the-operator"));
    operator.insert(SecretName::Hetzner, Secret::new("cloud-of-the-operator"));
    let operators = json!({"model_keys": "operator", "cloud_tokens": "operator"});
    let settings = ServerSettings {
        plans: [(Plan::Starter, serde_json::from_value(operators).unwrap())].into(),
        ..open()
    };
    let api = Api::start_with(&engine, endpoints, operator, settings).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let bot = json!({
        "name": "demo", "token": google.bot().await.0, "model": "claude-opus", "audience": "everyone",
    });
    let made = api.with(&token, "POST", "/api/bots/create", bot).await.ok();
    let asked = json!({"bot_id": made["id"]});
    api.with(&token, "POST", "/api/deploy", asked).await.ok();
    let told = api.get(&token, "/api/audit").await["items"].clone();
    assert!(!told.to_string().contains("of-the-operator"), "{told}");
    let used: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["action"] == "use secret")
        .map(|e| (e["object"].as_str().unwrap(), e["actor"] == ada.id))
        .collect();
    assert_eq!(used, [("operator/hetzner", true), ("operator/anthropic", true)]);
}

async fn tokens_are_made_listed_and_revoked(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (ada, token) = api.user("ada@example.org", Role::Member).await;
    let (_, bobs) = api.user("bob@example.org", Role::Member).await;
    api.token(&ada, TokenKind::Session, Scope::Admin).await;
    let asked = json!({"name": "robot", "scope": "read", "expires_in_days": 1});
    let made = api.with(&token, "POST", "/api/auth/tokens", asked).await.ok();
    let robot = made["token"].as_str().unwrap();
    let list = api.get(&token, "/api/auth/tokens").await["items"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(list.len(), 3);
    assert!(!Value::from(list.clone()).to_string().contains(robot), "told once");
    assert_eq!(list.iter().filter(|t| t["current"] == true).count(), 1);
    let sessions = api.get(&token, "/api/auth/tokens?kind=session").await;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1);
    // It reads, and nothing else.
    api.get(robot, "/api/bots").await;
    let path = format!("/api/auth/tokens/{}", made["kept"]["id"].as_str().unwrap());
    for (method, path) in [
        ("POST", "/api/auth/tokens"),
        ("PUT", "/api/secrets/hetzner"),
        ("DELETE", path.as_str()),
    ] {
        api.with(robot, method, path, json!({})).await.refused(403, "refused");
    }
    api.with(&bobs, "DELETE", &path, Value::Null)
        .await
        .refused(404, "not_found");
    assert_eq!(api.with(&token, "DELETE", &path, Value::Null).await.status, 204);
    api.with(&token, "DELETE", &path, Value::Null)
        .await
        .refused(404, "not_found");
    api.with(robot, "GET", "/api/bots", Value::Null)
        .await
        .refused(401, "needs_user");
    for wrong in [
        json!({"name": "x", "scope": "read", "expires_in_days": 0}),
        json!({"name": "x", "scope": "read", "expires_in_days": 367}),
        json!({"name": "", "scope": "read"}),
        json!({"name": "x", "scope": "all"}),
    ] {
        api.with(&token, "POST", "/api/auth/tokens", wrong)
            .await
            .refused(422, "usage");
    }
}
