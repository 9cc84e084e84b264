//! Live streams: how many there may be, and that each ends with its credential, wherever that was
//! revoked.

use super::load::{follow, follow_by, followed};
use crate::support::engine::{Engine, on_both_engines};
use crate::support::ground::Ground;
use crate::support::people::add_token;
use crate::support::wire::Wire;
use clawdwako::model::{Scope, TokenKind};
use std::time::{Duration, Instant};
use tokio::time::timeout;

on_both_engines!(
    a_stream_ends_with_its_credential_on_every_replica,
    a_stream_ends_however_slowly_it_is_read,
    there_are_so_many_streams_and_no_more,
);

/// Within this a stream has to end.
const SOON: Duration = Duration::from_secs(5);

/// How a stream ends, if it does in time.
async fn end(wire: &mut Wire) -> Option<String> {
    let told = timeout(SOON, wire.until("event: end\n")).await.ok()?;
    told.expect("it is told");
    let why = wire.until("\n\n").await.unwrap();
    // The last chunk: nothing follows.
    let rest = wire.until("0\r\n\r\n").await.unwrap();
    assert!(!rest.contains("event"), "{rest}");
    Some(why)
}

async fn a_stream_ends_with_its_credential_on_every_replica(engine: Engine) {
    let ground = Ground::new(&engine).await;
    let (bot, admin) = followed(&ground).await;
    let ada = ground.store.user("ada@example.org").await.unwrap();
    let servers = [ground.serve(), ground.serve()];
    let id = |kind| {
        let (store, user) = (&ground.store, &ada.id);
        async move {
            store.tokens(user, kind, clawdwako::model::now()).await.unwrap()[0]
                .id
                .clone()
        }
    };
    let bearer = |token: &str| format!("authorization: Bearer {token}");
    for case in ["revoked", "logout", "expired", "disabled", "deleted"] {
        let kind = if case == "logout" {
            TokenKind::Session
        } else {
            TokenKind::Api
        };
        let mut tx = ground.store.begin().await.unwrap();
        let token = add_token(&mut tx, &ada, kind, Scope::Read).await;
        tx.commit().await.unwrap();
        let token_id = id(kind).await;
        let credential = match kind {
            TokenKind::Session => format!("cookie: __Host-clawdwako={token}"),
            TokenKind::Api => bearer(&token),
        };
        let mut followed = Vec::new();
        for server in &servers {
            followed.push(follow(server.api, &bot, &credential).await);
        }
        // Another one of the same user's, with another credential.
        let mut other = follow(servers[1].api, &bot, &bearer(&admin)).await;
        let change = |sql: &'static str, value: &str| {
            let (store, value) = (&ground.store, value.to_owned());
            async move {
                let mut tx = store.begin().await.unwrap();
                tx.execute(sql, &[value.into()]).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        let since = Instant::now();
        match case {
            "revoked" => {
                let request = format!(
                    "DELETE /api/auth/tokens/{token_id} HTTP/1.1\r\nhost: x\r\n{}\r\n\r\n",
                    bearer(&admin)
                );
                assert_eq!(Wire::open(servers[0].api).await.ask(&request).await.status, 204);
            }
            "logout" => {
                let request =
                    format!("POST /api/auth/logout HTTP/1.1\r\nhost: x\r\n{credential}\r\ncontent-length: 0\r\n\r\n");
                assert_eq!(Wire::open(servers[0].api).await.ask(&request).await.status, 204);
            }
            "expired" => change("UPDATE tokens SET expires_at = 1 WHERE id = $1", &token_id).await,
            "disabled" => change("UPDATE users SET disabled = 1 WHERE id = $1", &ada.id).await,
            _ => change("DELETE FROM tokens WHERE user_id = $1", &ada.id).await,
        }
        for (n, wire) in followed.iter_mut().enumerate() {
            let why = end(wire).await;
            let why = why.unwrap_or_else(|| panic!("{case}: replica {n} still tells after {:?}", since.elapsed()));
            assert!(why.contains(r#""code":"needs_user""#), "{why}");
        }
        eprintln!("{case}: ended on both replicas within {:?}", since.elapsed());
        assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
        match case {
            "disabled" => {
                end(&mut other).await.expect("it is the same user's");
                change("UPDATE users SET disabled = 0 WHERE id = $1", &ada.id).await;
            }
            "deleted" => drop(end(&mut other).await.expect("it was deleted, too")),
            _ => {
                // The next look finds it good, too.
                let ended = timeout(Duration::from_secs(2), other.until("event: ")).await;
                assert!(ended.is_err(), "{case}: {ended:?}");
            }
        }
    }
}

async fn a_stream_ends_however_slowly_it_is_read(engine: Engine) {
    let ground = Ground::new(&engine).await;
    let (bot, token) = followed(&ground).await;
    let server = ground.serve();
    // More than the kernel takes for a reader who does not read.
    let mut tx = ground.store.begin().await.unwrap();
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
               INSERT INTO events (deployment_id, number, at, kind, text)
               SELECT d.id, n.i, 1, 'progress', $1 FROM n, deployments d";
    tx.execute(sql, &["x".repeat(20_000).into()]).await.unwrap();
    tx.commit().await.unwrap();
    let credential = format!("authorization: Bearer {token}");
    let wire = Wire::open_narrow(server.api).await;
    let mut slow = follow_by(wire, &bot, &credential).await;
    let mut tx = ground.store.begin().await.unwrap();
    tx.execute("DELETE FROM tokens", &[]).await.unwrap();
    tx.commit().await.unwrap();
    let since = Instant::now();
    while slow.is_held() {
        assert!(since.elapsed() < SOON, "it is held after {:?}", since.elapsed());
        slow.sip().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    eprintln!("let go after {:?}", since.elapsed());
}

async fn there_are_so_many_streams_and_no_more(engine: Engine) {
    let ground = Ground::new(&engine).await;
    let (bot, token) = followed(&ground).await;
    let eve = crate::support::people::add_user(&ground.store, "eve@example.org", clawdwako::model::Role::Admin).await;
    let mut tx = ground.store.begin().await.unwrap();
    let other = add_token(&mut tx, &eve, TokenKind::Api, Scope::Read).await;
    tx.commit().await.unwrap();
    let server = ground.serve_as("max_streams_per_user = 2\nmax_streams = 3", None);
    let (ada, eve) = (
        format!("authorization: Bearer {token}"),
        format!("authorization: Bearer {other}"),
    );
    let refused = async |credential: &str| {
        let request = format!(
            "GET /api/deploy/{bot}/logs HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n{credential}\r\n\r\n"
        );
        let told = Wire::open(server.api).await.ask(&request).await;
        assert!(told.header("retry-after").is_some(), "{told:?}");
        (told.status, told.body["error"]["code"].as_str().unwrap().to_owned())
    };
    let first = follow(server.api, &bot, &ada).await;
    let _second = follow(server.api, &bot, &ada).await;
    assert_eq!(refused(&ada).await, (429, "rate_limited".to_owned()));
    let third = follow(server.api, &bot, &eve).await;
    assert_eq!(refused(&eve).await, (503, "busy".to_owned()));
    // Whoever goes makes room for somebody else.
    drop((first, third));
    let since = Instant::now();
    loop {
        let request =
            format!("GET /api/deploy/{bot}/logs HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n{ada}\r\n\r\n");
        let mut wire = Wire::open(server.api).await;
        wire.send(&request).await;
        if wire.until("\r\n\r\n").await.unwrap().starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(since.elapsed() < SOON, "its place is not free");
    }
}
