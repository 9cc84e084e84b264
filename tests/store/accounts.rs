//! Users, plans, tokens, sign-ins, audit and idempotency.

use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use crate::support::people::{self, add_user};
use clawdwako::error::{Kind, Result};
use clawdwako::model::{
    Limits, ModelSpend, Plan, Plans, Role, Scope, Subscription, SubscriptionStatus, Token, TokenKind, User, new_id, now,
};
use clawdwako::secrets::Secret;
use clawdwako::store::{Begun, Deed, Demand, Login, Store};

on_both_engines!(
    users_are_found_listed_and_never_left_without_an_admin,
    a_token_is_good_until_it_is_idle_old_revoked_or_its_user_disabled,
    tokens_have_an_end_and_sessions_make_room,
    a_sign_in_ends_once_and_in_time,
    a_proof_is_spent_once_even_by_two_at_once,
    the_last_bot_of_a_plan_goes_to_one_of_two_at_once,
    a_plan_that_is_over_stops_new_bots_only,
    a_plan_limits_size_region_and_model,
    audit_is_paged_and_told_apart_by_user,
    a_request_with_a_key_is_done_once,
);

fn a_token(user: &User, kind: TokenKind, at: i64) -> Token {
    Token {
        created_at: at,
        used_at: at,
        expires_at: at + kind.longest(),
        ..people::a_token(user, kind, Scope::Deploy)
    }
}

async fn put(store: &Store, token: &Token, given: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    tx.insert_token(token, given).await?;
    tx.commit().await
}

async fn users_are_found_listed_and_never_left_without_an_admin(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "Ada@Example.org", Role::Admin).await;
    let bob = add_user(&store, "bob@example.org", Role::Member).await;
    assert_eq!(store.user("ADA@example.org").await.unwrap().id, ada.id);
    assert_eq!(store.user(&bob.id).await.unwrap().email, "bob@example.org");
    assert_eq!(store.user("eve@example.org").await.unwrap_err().kind(), Kind::NotFound);
    let first = store.users("", 1).await.unwrap();
    assert_eq!((first.len(), &first[0].id), (1, &ada.id));
    assert_eq!(store.users(&ada.id, 10).await.unwrap()[0].id, bob.id);
    assert_eq!(store.count_users().await.unwrap(), 2);
    let again = User {
        id: new_id(),
        ..ada.clone()
    };
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.insert_user(&again).await.unwrap_err().kind(), Kind::Exists);
    drop(tx);

    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        tx.set_user_role(&ada.id, Role::Member).await.unwrap_err().kind(),
        Kind::State
    );
    assert_eq!(
        tx.set_user_disabled(&ada.id, true).await.unwrap_err().kind(),
        Kind::State
    );
    tx.set_user_role(&bob.id, Role::Admin).await.unwrap();
    tx.set_user_disabled(&ada.id, true).await.unwrap();
    assert_eq!(
        tx.set_user_role(&bob.id, Role::Member).await.unwrap_err().kind(),
        Kind::State,
        "a disabled admin is none"
    );
    tx.commit().await.unwrap();
    assert!(store.user(&ada.id).await.unwrap().disabled);
}

async fn a_token_is_good_until_it_is_idle_old_revoked_or_its_user_disabled(engine: Engine) {
    let store = engine.open().await;
    let admin = add_user(&store, "root@example.org", Role::Admin).await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let (kind, at) = (TokenKind::Session, now());
    let token = a_token(&ada, kind, at);
    put(&store, &token, "cws_given").await.unwrap();
    for file in std::fs::read_dir(engine.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(9).any(|w| w == b"cws_given"), "only the hash is kept");
    }
    let found = async |given: &str, at| store.find_token(given, at).await.unwrap();
    let (same, user) = found("cws_given", at + 59_999).await.unwrap();
    assert_eq!((same, user.id.as_str()), (token.clone(), ada.id.as_str()));
    assert!(found("cws_other", at).await.is_none());
    let used = async || store.tokens(&ada.id, kind, at).await.unwrap()[0].used_at;
    assert_eq!(used().await, at, "noted once a minute, not before");
    found("cws_given", at + 60_000).await.unwrap();
    assert_eq!(used().await, at + 60_000);
    assert!(found("cws_given", at + 60_000 + kind.idle()).await.is_none(), "idle");
    let mut last = at + 60_000;
    while last + kind.idle() / 2 < token.expires_at {
        last += kind.idle() / 2;
        found("cws_given", last).await.expect("in use");
    }
    assert!(found("cws_given", token.expires_at).await.is_none(), "too old");
    assert!(store.tokens(&ada.id, kind, token.expires_at).await.unwrap().is_empty());

    let mut tx = store.begin().await.unwrap();
    assert!(!tx.delete_token(&admin.id, &token.id).await.unwrap(), "somebody else's");
    assert!(tx.delete_token(&ada.id, &token.id).await.unwrap());
    tx.commit().await.unwrap();
    assert!(found("cws_given", last).await.is_none(), "revoked");

    put(&store, &a_token(&ada, TokenKind::Api, at), "cwk_1").await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.set_user_disabled(&ada.id, true).await.unwrap();
    tx.commit().await.unwrap();
    assert!(found("cwk_1", at).await.is_none());
    put(&store, &a_token(&ada, TokenKind::Api, at), "cwk_2").await.unwrap();
    assert!(found("cwk_2", at).await.is_none(), "one that came about meanwhile, too");
}

async fn tokens_have_an_end_and_sessions_make_room(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let at = now();
    for i in 0..=TokenKind::Session.most() {
        put(&store, &a_token(&ada, TokenKind::Session, at), &format!("s{i}"))
            .await
            .unwrap();
    }
    assert!(store.find_token("s0", at).await.unwrap().is_none());
    assert!(store.find_token("s1", at).await.unwrap().is_some());
    for i in 0..TokenKind::Api.most() {
        put(&store, &a_token(&ada, TokenKind::Api, at), &format!("k{i}"))
            .await
            .unwrap();
    }
    let e = put(&store, &a_token(&ada, TokenKind::Api, at), "k-more")
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Quota);
    let later = at + TokenKind::Api.idle();
    put(&store, &a_token(&ada, TokenKind::Api, later), "k-later")
        .await
        .unwrap();
    assert_eq!(
        store.tokens(&ada.id, TokenKind::Api, later).await.unwrap().len(),
        1,
        "what is over takes no room"
    );
}

async fn a_sign_in_ends_once_and_in_time(engine: Engine) {
    let store = engine.open().await;
    let login = Login {
        nonce: "n".into(),
        verifier: Secret::new("verifier"),
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_login("a", &login, 1_000, 2_000).await.unwrap();
    tx.insert_login("b", &login, 1_000, 2_000).await.unwrap();
    tx.commit().await.unwrap();
    let take = async |state: &str, at| {
        let mut tx = store.begin().await.unwrap();
        let taken = tx.take_login(state, at).await.unwrap();
        tx.commit().await.unwrap();
        taken
    };
    assert!(take("c", 1_500).await.is_none());
    let taken = take("a", 1_500).await.unwrap();
    assert_eq!((taken.nonce.as_str(), taken.verifier.expose()), ("n", "verifier"));
    assert!(take("a", 1_500).await.is_none(), "once");
    assert!(take("b", 2_000).await.is_none(), "in time");
}

async fn a_proof_is_spent_once_even_by_two_at_once(engine: Engine) {
    let store = engine.open().await;
    let spend = async |at| {
        let mut tx = store.begin().await.unwrap();
        let first = tx.spend_proof("a.b.c", at, 5_000).await.unwrap();
        tx.commit().await.unwrap();
        first
    };
    let (a, b) = tokio::join!(spend(1_000), spend(1_000));
    assert!(a != b, "exactly one");
    assert!(!spend(4_999).await);
    assert!(spend(5_000).await, "forgotten once it is refused as too old anyhow");
}

fn a_demand() -> Demand {
    Demand {
        model: "anthropic/claude-opus-5".into(),
        ..Demand::default()
    }
}

/// As the API does it: the question and the new bot in one transaction.
async fn make(store: &Store, user: &User, name: &str, telegram_id: i64, at: i64) -> Result<()> {
    let mut tx = store.begin().await?;
    tx.demand_quota(&user.id, &Plans::default(), &a_demand(), at).await?;
    let (mut bot, _) = a_bot(name, telegram_id);
    bot.user_id = user.id.clone();
    tx.insert_bot(&bot).await?;
    tx.commit().await
}

async fn the_last_bot_of_a_plan_goes_to_one_of_two_at_once(engine: Engine) {
    // Two processes, as far as the store can tell.
    let (one, two) = (engine.open().await, engine.open().await);
    let ada = add_user(&one, "ada@example.org", Role::Member).await;
    let (a, b) = tokio::join!(make(&one, &ada, "a", 1, now()), make(&two, &ada, "b", 2, now()));
    let e = match (a, b) {
        (Ok(()), Err(e)) | (Err(e), Ok(())) => e,
        both => panic!("{both:?}"),
    };
    assert_eq!((e.kind(), e.next_step().is_some()), (Kind::Quota, true), "{e}");
    let bob = add_user(&one, "bob@example.org", Role::Member).await;
    make(&one, &bob, "a", 3, now())
        .await
        .expect("bob has a plan of his own");
}

async fn a_plan_that_is_over_stops_new_bots_only(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let end = now() + 1_000;
    let mut tx = store.begin().await.unwrap();
    let pro = Subscription {
        plan: Plan::Pro,
        status: SubscriptionStatus::Cancelled,
        period_end: Some(end),
        updated_at: 0,
    };
    tx.put_subscription(&ada.id, &pro).await.unwrap();
    tx.commit().await.unwrap();
    make(&store, &ada, "a", 1, end - 1).await.unwrap();
    let e = make(&store, &ada, "b", 2, end).await.unwrap_err();
    assert!(e.kind() == Kind::Quota && e.message().contains("over"), "{e}");
    let bots = store.bots(&ada.id, Default::default()).await;
    assert!(bots.is_ok(), "what is there stays");
    let found = store.subscription(&ada.id).await.unwrap();
    assert_eq!(
        (found.plan, found.status_at(end)),
        (Plan::Pro, SubscriptionStatus::Expired)
    );
    let mut tx = store.begin().await.unwrap();
    tx.set_user_disabled(&ada.id, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        make(&store, &ada, "b", 2, end - 1).await.unwrap_err().kind(),
        Kind::Auth
    );
}

async fn a_plan_limits_size_region_and_model(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let plans = Plans {
        starter: Limits {
            max_memory_mb: 4_096,
            regions: Some(vec!["fsn1".into()]),
            models: ModelSpend::Small,
            ..Plan::Starter.limits()
        },
        ..Plans::default()
    };
    let ask = async |memory_mb: Option<i64>, region: Option<&str>, model: &str| {
        let demand = Demand {
            memory_mb,
            region: region.map(str::to_owned),
            model: model.into(),
        };
        let mut tx = store.begin().await.unwrap();
        tx.demand_quota(&ada.id, &plans, &demand, now()).await
    };
    let small = "anthropic/claude-haiku-4-5";
    ask(Some(4_096), Some("fsn1"), small).await.unwrap();
    ask(None, None, small).await.unwrap();
    for (memory, region, model, about) in [
        (Some(4_097), Some("fsn1"), small, "4096 MiB"),
        (None, Some("ash"), small, "\"ash\""),
        (None, None, "anthropic/claude-opus-5", "small models"),
    ] {
        let e = ask(memory, region, model).await.unwrap_err();
        assert!(e.kind() == Kind::Quota && e.message().contains(about), "{e}");
        assert!(e.next_step().is_some());
    }
}

async fn audit_is_paged_and_told_apart_by_user(engine: Engine) {
    let store = engine.open().await;
    for (i, user) in ["a", "b", "a", "a"].into_iter().enumerate() {
        let object = i.to_string();
        let deed = Deed {
            actor: user,
            user_id: user,
            action: "test",
            object: Some(&object),
            result: "ok",
            ..Deed::default()
        };
        store.note(deed).await.unwrap();
    }
    let objects = |entries: Vec<clawdwako::store::AuditEntry>| -> Vec<String> {
        entries.into_iter().filter_map(|e| e.object).collect()
    };
    assert_eq!(
        objects(store.audit(None, None, 10).await.unwrap()),
        ["3", "2", "1", "0"]
    );
    let page = store.audit(Some("a"), None, 2).await.unwrap();
    let next = store.audit(Some("a"), Some(&page[1].id), 2).await.unwrap();
    assert_eq!(
        (objects(page), objects(next)),
        (vec!["3".into(), "2".into()], vec!["0".to_owned()])
    );
}

async fn a_request_with_a_key_is_done_once(engine: Engine) {
    let store = engine.open().await;
    let at = now();
    let begin = async |request: &[u8], at| store.begin_idempotent("u", "k", request, at).await;
    assert_eq!(begin(b"one", at).await.unwrap(), Begun::New);
    assert_eq!(begin(b"one", at).await.unwrap_err().kind(), Kind::Busy);
    assert_eq!(begin(b"two", at).await.unwrap_err().kind(), Kind::Usage);
    assert_eq!(
        store.begin_idempotent("v", "k", b"two", at).await.unwrap(),
        Begun::New,
        "somebody else's key is another"
    );
    let mut tx = store.begin().await.unwrap();
    tx.finish_idempotent("u", "k", 201, &Secret::new("cwk_canary-answer"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let done = Begun::Done {
        status: 201,
        answer: Secret::new("cwk_canary-answer"),
    };
    assert_eq!(begin(b"one", at + 3_600_000).await.unwrap(), done);
    assert_eq!(begin(b"two", at).await.unwrap_err().kind(), Kind::Usage);
    for file in std::fs::read_dir(engine.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|w| w == b"canary"), "the answer is sealed");
    }
    assert_eq!(
        begin(b"two", at + 24 * 3_600_000).await.unwrap(),
        Begun::New,
        "a day later"
    );
    store.forget_idempotent("u", "k").await.unwrap();
    assert_eq!(
        begin(b"one", at + 24 * 3_600_000).await.unwrap(),
        Begun::New,
        "came to nothing"
    );
    let later = at + 24 * 3_600_000 + 15_000;
    store.renew_idempotent("u", "k", later).await.unwrap();
    let still = begin(b"one", later + 15_000).await.unwrap_err();
    assert_eq!(still.kind(), Kind::Busy, "it is said to run on");
    assert_eq!(
        begin(b"one", at + 24 * 3_600_000 + 300_000).await.unwrap(),
        Begun::New,
        "lost with its process"
    );
    let (a, b) = tokio::join!(
        store.begin_idempotent("w", "k", b"x", at),
        store.begin_idempotent("w", "k", b"x", at)
    );
    assert!(a.is_ok() != b.is_ok(), "one of two at once: {a:?} {b:?}");
}
