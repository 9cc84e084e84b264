//! Signing in with the sandbox's Google, by browser and by command line.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, CALLBACK, device_proof, open};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::config::ServerSettings;
use clawdwako::model::{Role, now};
use clawdwako::store::{Store, Value as Cell};
use serde_json::{Value, json};

on_both_engines!(
    a_browser_signs_in_and_out,
    a_browsers_sign_in_ends_once_in_the_browser_that_began_it,
    a_command_line_gets_a_token_and_each_proof_signs_in_once,
    the_first_user_is_admin_and_registration_is_closed_after_that,
    named_people_are_admins_and_strangers_are_never_the_first,
    only_allowed_organisations_are_let_in,
    a_session_ends_by_disuse_and_by_age,
    two_replicas_share_sign_ins_and_sessions,
);

async fn session(api: &Api, cookie: &str) -> u16 {
    api.call("GET", "/api/auth/session", &[("cookie", cookie)], &Value::Null)
        .await
        .status
}

async fn a_browser_signs_in_and_out(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let done = api.sign_in("ada@example.org").await;
    assert_eq!((done.status, done.header("location")), (303, "/"));
    let set = done.set_cookie("__Host-clawdwako").unwrap();
    for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    assert!(done.set_cookie("__Host-clawdwako-login").unwrap().contains("Max-Age=0"));
    let cookie = done.cookie("__Host-clawdwako").unwrap();
    let headers = [("cookie", cookie.as_str())];
    let told = api.call("GET", "/api/auth/session", &headers, &Value::Null).await.ok();
    assert_eq!(
        (&told["user"]["email"], &told["scope"]),
        (&json!("ada@example.org"), &json!("admin"))
    );
    // A session's cookie is no bearer, and an API token no cookie.
    let value = cookie.split_once('=').unwrap().1;
    api.with(value, "GET", "/api/auth/session", Value::Null)
        .await
        .refused(401, "needs_user");
    let (_, token) = api.user("bob@example.org", Role::Member).await;
    assert_eq!(session(&api, &format!("__Host-clawdwako={token}")).await, 401);

    let out = api.call("POST", "/api/auth/logout", &headers, &Value::Null).await;
    assert_eq!(out.status, 204);
    assert!(out.set_cookie("__Host-clawdwako").unwrap().contains("Max-Age=0"));
    assert_eq!(session(&api, &cookie).await, 401, "the server has forgotten it, too");
}

async fn a_browsers_sign_in_ends_once_in_the_browser_that_began_it(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let (back, cookie) = api.to_google("eve@example.org").await;
    let (_, other) = api.to_google("ada@example.org").await;
    for wrong in ["", other.as_str()] {
        api.back(&back, wrong).await.refused(403, "refused");
    }
    assert_eq!(api.store.count_users().await.unwrap(), 0);
    assert_eq!(api.back(&back, &cookie).await.status, 303);
    api.back(&back, &cookie).await.refused(403, "refused");
    // Somebody who declines, and addresses that Google would not send anybody to.
    let path = |query: &str| format!("{CALLBACK}?{query}");
    let get = async |query: &str| api.call("GET", &path(query), &[], &Value::Null).await;
    get("error=access_denied&state=x").await.refused(403, "refused");
    get("code=x").await.refused(422, "usage");
    get("code=x&state=y").await.refused(403, "refused");
    // Too late: the row is aged.
    let (back, cookie) = api.to_google("eve@example.org").await;
    change(&api.store, "UPDATE logins SET expires_at = $1", &[Cell::Int(now())]).await;
    api.back(&back, &cookie).await.refused(403, "refused");
}

async fn change(store: &Store, sql: &str, values: &[Cell]) {
    let mut tx = store.begin().await.unwrap();
    assert!(tx.execute(sql, values).await.unwrap() > 0);
    tx.commit().await.unwrap();
}

async fn bring(api: &Api, id_token: &str) -> crate::support::api::Told {
    let body = json!({"id_token": id_token, "name": "laptop"});
    api.call("POST", CALLBACK, &[], &body).await
}

async fn a_command_line_gets_a_token_and_each_proof_signs_in_once(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let proof = device_proof(&google, "ada@example.org").await;
    let made = bring(&api, &proof).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let token = made["token"].as_str().unwrap();
    assert_eq!(
        (&made["kept"]["name"], &made["kept"]["scope"]),
        (&json!("laptop"), &json!("deploy"))
    );
    let told = api.get(token, "/api/auth/session").await;
    assert_eq!((&told["user"], &told["token_id"]), (&made["user"], &made["kept"]["id"]));
    bring(&api, &proof).await.refused(403, "refused");
    // A token for deployments makes no other token.
    let more = json!({"name": "more", "scope": "deploy"});
    api.with(token, "POST", "/api/auth/tokens", more)
        .await
        .refused(403, "refused");
    let wide = device_proof(&google, "ada@example.org").await;
    let body = json!({"id_token": wide, "name": "admin", "scope": "admin"});
    let wide = api.call("POST", CALLBACK, &[], &body).await.ok();
    assert_eq!(wide["user"], made["user"], "the same person");
    let old = format!("/api/auth/tokens/{}", made["kept"]["id"].as_str().unwrap());
    let revoked = api
        .with(wide["token"].as_str().unwrap(), "DELETE", &old, Value::Null)
        .await;
    assert_eq!(revoked.status, 204);
    api.with(token, "GET", "/api/auth/session", Value::Null)
        .await
        .refused(401, "needs_user");
    for body in [
        json!({"id_token": "x", "name": ""}),
        json!({"id_token": "x", "name": "a\u{1b}[0m"}),
        json!({"id_token": "x", "name": "a", "more": 1}),
        json!({"name": "a"}),
    ] {
        api.call("POST", CALLBACK, &[], &body).await.refused(422, "usage");
    }
}

async fn who(api: &Api, cookie: &str) -> Value {
    api.call("GET", "/api/auth/session", &[("cookie", cookie)], &Value::Null)
        .await
        .ok()["user"]
        .clone()
}

async fn the_first_user_is_admin_and_registration_is_closed_after_that(engine: Engine) {
    let google = StandIns::start().await;
    let closed = ServerSettings {
        open_registration: false,
        ..open()
    };
    let api = Api::start(&engine, &google, closed).await;
    let first = api.sign_in("ada@gmail.com").await;
    let cookie = first.cookie("__Host-clawdwako").unwrap();
    assert_eq!(who(&api, &cookie).await["role"], "admin");
    api.sign_in("bob@gmail.com").await.refused(403, "refused");
    let proof = device_proof(&google, "bob@gmail.com").await;
    bring(&api, &proof).await.refused(403, "refused");
    assert_eq!(api.store.count_users().await.unwrap(), 1);
    assert_eq!(
        api.sign_in("ada@gmail.com").await.status,
        303,
        "who is known comes back"
    );
    // Opened: a member, with the first plan.
    let api = Api::start(&engine, &google, open()).await;
    let second = api.sign_in("bob@gmail.com").await;
    let cookie = second.cookie("__Host-clawdwako").unwrap();
    assert_eq!(who(&api, &cookie).await["role"], "member");
    let headers = [("cookie", cookie.as_str())];
    let plan = api.call("GET", "/api/subscription", &headers, &Value::Null).await.ok();
    assert_eq!((&plan["plan"], &plan["may_deploy"]), (&json!("starter"), &json!(true)));
    // Who did not get in is in the audit.
    let refused = api.store.audit(Some(""), None, 10).await.unwrap();
    assert_eq!(refused.len(), 2);
    assert_eq!(
        (refused[0].object.as_deref(), refused[0].result.as_str()),
        (Some("bob@gmail.com"), "refused")
    );
}

async fn named_people_are_admins_and_strangers_are_never_the_first(engine: Engine) {
    let google = StandIns::start().await;
    let settings = ServerSettings {
        admins: vec!["Root@Example.org".into()],
        open_registration: false,
        ..open()
    };
    let api = Api::start(&engine, &google, settings).await;
    api.sign_in("eve@example.org").await.refused(403, "refused");
    let named = api.sign_in("root@example.org").await;
    assert_eq!(
        who(&api, &named.cookie("__Host-clawdwako").unwrap()).await["role"],
        "admin"
    );
}

async fn only_allowed_organisations_are_let_in(engine: Engine) {
    let google = StandIns::start().await;
    let settings = ServerSettings {
        domains: vec!["Example.org".into()],
        ..open()
    };
    let api = Api::start(&engine, &google, settings).await;
    api.sign_in("eve@gmail.com").await.refused(403, "refused");
    api.sign_in("eve@example.org.evil.example")
        .await
        .refused(403, "refused");
    assert_eq!(api.sign_in("ada@example.org").await.status, 303);
}

async fn a_session_ends_by_disuse_and_by_age(engine: Engine) {
    let google = StandIns::start().await;
    let api = Api::start(&engine, &google, open()).await;
    let day = 24 * 3_600_000;
    for (sql, days, good) in [
        ("UPDATE tokens SET used_at = used_at - $1", 6, true),
        ("UPDATE tokens SET used_at = used_at - $1", 7, false),
        ("UPDATE tokens SET expires_at = expires_at - $1", 29, true),
        ("UPDATE tokens SET expires_at = expires_at - $1", 30, false),
    ] {
        let cookie = api.sign_in("ada@example.org").await.cookie("__Host-clawdwako").unwrap();
        assert_eq!(session(&api, &cookie).await, 200);
        change(&api.store, sql, &[Cell::Int(days * day)]).await;
        assert_eq!(
            session(&api, &cookie).await,
            if good { 200 } else { 401 },
            "{sql} {days}"
        );
        // Used a moment ago: the disuse is over.
        if good && sql.contains("used_at") {
            let used = api.store.query("SELECT MAX(used_at) FROM tokens", &[]).await.unwrap();
            assert!(used[0].int(0).unwrap() > now() - 60_000);
        }
    }
}

async fn two_replicas_share_sign_ins_and_sessions(engine: Engine) {
    let google = StandIns::start().await;
    let one = Api::start(&engine, &google, open()).await;
    let two = Api::start(&engine, &google, open()).await;
    // Begun at the one, ended at the other: as a balancer would have it. The redirect has to be
    // the same for both, as it is with a public address; here it is the first one's.
    let (back, cookie) = one.to_google("ada@example.org").await;
    let done = one.back(&back, &cookie).await;
    let cookie = done.cookie("__Host-clawdwako").unwrap();
    assert_eq!(session(&two, &cookie).await, 200);
    two.call("POST", "/api/auth/logout", &[("cookie", &cookie)], &Value::Null)
        .await
        .ok();
    assert_eq!(session(&one, &cookie).await, 401);
    let proof = device_proof(&google, "ada@example.org").await;
    let (a, b) = tokio::join!(bring(&one, &proof), bring(&two, &proof));
    let mut statuses = [a.status, b.status];
    statuses.sort();
    assert_eq!(statuses, [201, 403], "a proof signs in once, wherever it is brought");
}
