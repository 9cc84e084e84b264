//! A Telegram token occupies nothing before Telegram has proved it, and no answer tells whether
//! somebody else's bot is here.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, Told, open};
use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::config::ServerSettings;
use clawdwako::deploy::Step;
use clawdwako::model::{BotStatus, DeploymentStatus, JobKind, Plan, Role};
use clawdwako::secrets::Secret;
use clawdwako::store::Owner;
use serde_json::{Value, json};

on_both_engines!(
    a_made_up_token_occupies_nothing_and_learns_nothing,
    a_proved_token_learns_nothing_of_another_users_bot,
    without_telegram_nothing_is_kept_and_the_same_request_goes_on_later,
    proofs_are_counted_like_guesses,
    who_proves_a_token_is_not_held_up_by_one_that_never_was,
);

const CREATE: &str = "/api/bots/create";
const VERIFY: &str = "/api/telegram/verify-token";

/// Settings under which a user may have some bots.
fn roomy() -> ServerSettings {
    let limits = serde_json::from_value(json!({"max_bots": 10})).unwrap();
    ServerSettings {
        plans: [(Plan::Starter, limits)].into(),
        ..open()
    }
}

fn wanted(name: &str, token: &str) -> Value {
    json!({"name": name, "token": token, "model": "claude-opus", "model_key": "sk-x", "audience": 42})
}

fn made_up(number: &str) -> String {
    format!("{number}:{}", "A".repeat(35))
}

fn number(token: &str) -> &str {
    token.split_once(':').unwrap().0
}

/// What an answer says, without what is the request's own.
fn said(told: &Told) -> (u16, Value) {
    let mut error = told.body["error"].clone();
    error.as_object_mut().unwrap().remove("request_id");
    (told.status, error)
}

/// How often Telegram was asked since the last time.
fn asked(world: &StandIns) -> usize {
    let mut calls = world.calls.lock().unwrap();
    let asked = calls
        .iter()
        .filter(|(_, path)| path.starts_with("/telegram/bot"))
        .count();
    calls.clear();
    asked
}

async fn count(api: &Api) -> i64 {
    let rows = api.store.query("SELECT COUNT(*) FROM bots", &[]).await.unwrap();
    rows[0].int(0).unwrap()
}

async fn a_made_up_token_occupies_nothing_and_learns_nothing(engine: Engine) {
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, open()).await;
    let (_, owner) = api.user("ada@example.org", Role::Member).await;
    let (_, other) = api.user("eve@example.org", Role::Member).await;
    let (here, elsewhere) = (world.bot().await.0, world.bot().await.0);
    let made = api.with(&owner, "POST", CREATE, wanted("demo", &here)).await.ok();
    assert!(made["username"].is_string(), "{made}");
    asked(&world);

    let mut answers = Vec::new();
    // A bot that is here, one that is only at Telegram, and one that is nowhere.
    for token in [number(&here), number(&elsewhere), "987654321"].map(made_up) {
        for (path, body) in [(CREATE, wanted("mine", &token)), (VERIFY, json!({"token": token}))] {
            let told = api.with(&other, "POST", path, body).await;
            told.refused(403, "refused");
            assert_eq!(asked(&world), 1, "the same way to the answer");
            answers.push(said(&told));
        }
    }
    assert!(answers.iter().all(|a| a == &answers[0]), "{answers:#?}");
    assert_eq!(count(&api).await, 1);
    // Whose the bot is can use it: nobody was in the way.
    api.with(&other, "POST", CREATE, wanted("mine", &elsewhere)).await.ok();
}

async fn a_proved_token_learns_nothing_of_another_users_bot(engine: Engine) {
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, roomy()).await;
    let (_, one) = api.user("ada@example.org", Role::Admin).await;
    let (_, other) = api.user("eve@example.org", Role::Member).await;
    let token = world.bot().await.0;
    api.with(&one, "POST", CREATE, wanted("demo", &token)).await.ok();
    // Both in front of it and in the transaction, it is the same to the other user.
    let told = api.with(&other, "POST", CREATE, wanted("mine", &token)).await;
    told.refused(403, "refused");
    let text = told.body.to_string();
    for telling in ["demo", "ada", "exist", "already", "in use", "used by", "another user"] {
        assert!(!text.contains(telling), "{text}");
    }
    let seen = api.with(&other, "POST", VERIFY, json!({"token": token})).await.ok();
    assert_eq!(seen["free"], true, "{seen}");
    let own = api.with(&one, "POST", VERIFY, json!({"token": token})).await.ok();
    assert_eq!(own["free"], false, "{own}");
    // To its own user it says which bot that is.
    let told = api.with(&one, "POST", CREATE, wanted("again", &token)).await;
    told.refused(409, "exists");
    assert!(told.body.to_string().contains("demo"), "{told:?}");
    assert_eq!(count(&api).await, 1);
}

async fn without_telegram_nothing_is_kept_and_the_same_request_goes_on_later(engine: Engine) {
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, open()).await;
    let (_, token) = api.user("ada@example.org", Role::Member).await;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "once")];
    let body = wanted("demo", &world.bot().await.0);
    let broken = json!({"path": "/telegram/*", "times": 3, "kind": {"status": 502}});
    world.fault(broken).await;
    let told = api.call("POST", CREATE, &headers, &body).await;
    told.refused(502, "upstream");
    let message = told.body["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("could not be proved, and nothing was changed"),
        "{message}"
    );
    assert!(told.body["error"]["hint"].as_str().unwrap().contains("try again"));
    assert_eq!(count(&api).await, 0);
    // The same request, once Telegram is back, and once more.
    let made = api.call("POST", CREATE, &headers, &body).await;
    assert_eq!((made.status, made.header("idempotency-replayed")), (201, ""));
    asked(&world);
    let again = api.call("POST", CREATE, &headers, &body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(
        (again.body, asked(&world)),
        (made.body, 0),
        "what is done is not proved again"
    );
    assert_eq!(count(&api).await, 1);
}

async fn proofs_are_counted_like_guesses(engine: Engine) {
    let world = StandIns::start().await;
    let settings = ServerSettings {
        guarded_per_minute: 3,
        ..open()
    };
    let api = Api::start(&engine, &world, settings).await;
    let (_, token) = api.user("ada@example.org", Role::Member).await;
    let guess = wanted("demo", &made_up("987654321"));
    for (path, body) in [
        (CREATE, &guess),
        (VERIFY, &json!({"token": made_up("1")})),
        (CREATE, &guess),
    ] {
        api.with(&token, "POST", path, body.clone())
            .await
            .refused(403, "refused");
    }
    asked(&world);
    for (path, body) in [(CREATE, &guess), (VERIFY, &json!({"token": made_up("1")}))] {
        let told = api.with(&token, "POST", path, body.clone()).await;
        told.refused(429, "rate_limited");
        assert_ne!(told.header("retry-after"), "");
    }
    assert_eq!(asked(&world), 0, "Telegram is not asked on behalf of who guesses");
}

/// Versions before this one took any token: what they left behind must not block its owner.
async fn who_proves_a_token_is_not_held_up_by_one_that_never_was(engine: Engine) {
    use BotStatus as B;
    use DeploymentStatus as D;
    let world = StandIns::start().await;
    let api = Api::start(&engine, &world, roomy()).await;
    let (_, owner) = api.user("ada@example.org", Role::Member).await;
    let (eve, _) = api.user("eve@example.org", Role::Member).await;
    let free = [(B::Pending, D::Pending), (B::Failed, D::Failed)];
    for (n, (status, proved, made, at_work, wanted_status)) in [
        (free[0], false, false, false, 201),
        (free[1], false, false, false, 201),
        // Proved after all; something may be there that costs money; somebody is at it.
        (free[1], true, false, false, 403),
        (free[1], false, true, false, 403),
        (free[0], false, false, true, 403),
    ]
    .into_iter()
    .enumerate()
    {
        let token = world.bot().await.0;
        let (mut bot, mut deployment) = a_bot(&format!("squat-{n}"), number(&token).parse().unwrap());
        bot.user_id.clone_from(&eve.id);
        (bot.status, deployment.status) = status;
        bot.username = proved.then(|| "demo_bot".to_owned());
        let mut tx = api.store.begin().await.unwrap();
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        let secret = Secret::new(made_up(number(&token)));
        tx.put_secret(&Owner::Bot(bot.id.clone()), "telegram", &secret)
            .await
            .unwrap();
        tx.enqueue(&deployment.id, JobKind::ProvisionServer, 1).await.unwrap();
        let id = deployment.id.clone();
        if made {
            let begun = "INSERT INTO steps (deployment_id, name, status, started_at) VALUES ($1, $2, 'failed', 1)";
            let step = Step::CreateServer.name();
            tx.execute(begun, &[id.clone().into(), step.into()]).await.unwrap();
        }
        if at_work {
            let held = "UPDATE jobs SET status = 'running' WHERE deployment_id = $1";
            tx.execute(held, &[id.into()]).await.unwrap();
        }
        tx.commit().await.unwrap();

        let told = api
            .with(&owner, "POST", CREATE, wanted(&format!("mine-{n}"), &token))
            .await;
        assert_eq!(told.status, wanted_status, "{n}: {told:?}");
        let kept = api.store.bot_by_id(&bot.id).await.unwrap();
        let secrets = api.store.secret_names(&Owner::Bot(bot.id.clone())).await.unwrap();
        let audit = api.store.audit(Some(&eve.id), None, 1).await.unwrap();
        let ended = audit
            .first()
            .is_some_and(|e| e.action == "end unproved bot" && e.object.as_ref() == Some(&bot.id));
        if wanted_status == 201 {
            assert_eq!((kept.status, secrets.len(), ended), (B::Destroyed, 0, true), "{n}");
        } else {
            assert_eq!((kept.status, secrets.len(), ended), (status.0, 1, false), "{n}");
        }
    }
}
