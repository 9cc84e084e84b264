//! The page that a browser is on after it has signed in.

use crate::sandbox::stand_ins::StandIns;
use crate::support::api::{Api, CALLBACK, open};
use crate::support::bots::a_bot;
use crate::support::engine::Engine;
use clawdwako::model::BotStatus;
use reqwest::header::HeaderMap;

/// The page, as a browser with this cookie gets it.
async fn page(api: &Api, cookie: &str) -> (HeaderMap, String) {
    let answer = api
        .http
        .get(api.url("/"))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().clone();
    (headers, answer.text().await.unwrap())
}

async fn sign_out(api: &Api, cookie: &str, site: &str) -> reqwest::Response {
    api.http
        .post(api.url("/api/auth/logout"))
        .header("cookie", cookie)
        .header("accept", "text/html,application/xhtml+xml")
        .header("sec-fetch-site", site)
        .header("content-type", "application/x-www-form-urlencoded")
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_browser_that_has_signed_in_sees_who_it_is_and_can_sign_out() {
    let (engine, google) = (Engine::sqlite(), StandIns::start().await);
    let api = Api::start(&engine, &google, open()).await;
    let (_, nobody) = page(&api, "").await;
    assert!(
        nobody.contains("Nobody is signed in") && nobody.contains(CALLBACK),
        "{nobody}"
    );

    let signed_in = api.sign_in("ada@example.org").await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/"));
    let cookie = signed_in.cookie("__Host-clawdwako").unwrap();
    let (headers, none) = page(&api, &cookie).await;
    assert!(none.contains("ada@example.org") && none.contains("none yet"), "{none}");
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("form-action 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("script") && !none.contains("<script"), "{none}");

    let user = api.store.user("ada@example.org").await.unwrap();
    let (mut bot, deployment) = a_bot("demo", 7);
    bot.user_id = user.id.clone();
    bot.status = BotStatus::Failed;
    bot.failure = Some("<script>alert('{{server}}')</script>".into());
    let (mut other, elsewhere) = a_bot("others", 8);
    other.user_id = "somebody".into();
    let mut tx = api.store.begin().await.unwrap();
    for (bot, deployment) in [(&bot, &deployment), (&other, &elsewhere)] {
        tx.insert_bot(bot).await.unwrap();
        tx.insert_deployment(deployment).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (_, some) = page(&api, &cookie).await;
    for told in [
        "demo: failed",
        "<a href=\"https://t.me/demo_bot\"",
        "Plan: starter, active; 1 of 1 bots",
        "&lt;script&gt;alert(&#39;{{server}}&#39;)",
        &format!("clawdwako login --server {}/", api.base),
    ] {
        assert!(some.contains(told), "{told}: {some}");
    }
    assert!(!some.contains("others"), "another's bot is not told of: {some}");

    // Another site's page cannot sign anybody out; this one can, and is shown again.
    assert_eq!(sign_out(&api, &cookie, "cross-site").await.status(), 403);
    assert!(page(&api, &cookie).await.1.contains("ada@example.org"));
    let out = sign_out(&api, &cookie, "same-origin").await;
    assert_eq!(
        (out.status().as_u16(), &out.headers()["location"]),
        (303, &"/".parse().unwrap())
    );
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert!(page(&api, &cookie).await.1.contains("Nobody is signed in"));
}
