//! What belongs to a user, a bot or a deployment is neither shown nor changed with another's.

use super::new_bot;
use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use crate::support::people::{a_token, add_user};
use clawdwako::deploy::create;
use clawdwako::error::Kind;
use clawdwako::model::{
    BotStatus, DeploymentStatus, JobStatus, LOCAL_USER, Plan, Role, Sample, Scope, Subscription, TokenKind, now,
};
use clawdwako::secrets::Secret;
use clawdwako::store::{LocalBot, Owner};

on_both_engines! {
    a_secret_is_its_owners_alone,
    a_use_is_told_to_the_user_of_that_bot,
    steps_are_those_of_their_deployment,
    jobs_are_put_off_and_back_in_their_deployment,
    a_subscription_and_its_bots_are_its_users,
    a_token_is_noted_as_used_by_itself,
    samples_are_those_of_their_bot_and_time,
    local_bots_are_those_of_their_account,
    an_account_holds_so_many_local_bots,
    the_only_admin_may_stay_one,
}

async fn a_secret_is_its_owners_alone(engine: Engine) {
    let store = engine.open().await;
    let owners = [
        Owner::User("ada".into()),
        Owner::Bot("ada".into()),
        Owner::Bot("bob".into()),
    ];
    let mut tx = store.begin().await.unwrap();
    for (i, owner) in owners.iter().enumerate() {
        tx.put_secret(owner, "model", &Secret::new(format!("canary-{i}")))
            .await
            .unwrap();
    }
    tx.copy_secret(&owners[1], "model", "former").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.delete_secret(&owners[1], "model").await.unwrap());
    assert!(!tx.delete_secret(&owners[1], "model").await.unwrap(), "there is none");
    tx.commit().await.unwrap();
    for (i, name) in [(0, "model"), (1, "former"), (2, "model")] {
        let names = store.secret_names(&owners[i]).await.unwrap();
        assert_eq!(names.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), [name]);
        let secret = store.secret(&owners[i], name).await.unwrap();
        assert_eq!(secret.expose(), format!("canary-{i}"));
    }
}

async fn a_use_is_told_to_the_user_of_that_bot(engine: Engine) {
    let store = engine.open().await;
    let mut tx = store.begin().await.unwrap();
    let mut owners = Vec::new();
    for (i, user) in ["ada", "bob", "eve"].into_iter().enumerate() {
        let (mut bot, deployment) = a_bot("demo", i as i64);
        bot.user_id = user.into();
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        let owner = Owner::Bot(bot.id);
        tx.put_secret(&owner, "model", &Secret::new("canary")).await.unwrap();
        owners.push(owner);
    }
    tx.commit().await.unwrap();
    store.secret(&owners[1], "model").await.unwrap();
    for (user, uses) in [("ada", 0), ("bob", 1), ("eve", 0)] {
        assert_eq!(store.audit(Some(user), None, 9).await.unwrap().len(), uses, "{user}");
    }
}

async fn steps_are_those_of_their_deployment(engine: Engine) {
    let p = engine.platform().await;
    let mut leases = Vec::new();
    for (i, name) in ["before", "demo", "after"].into_iter().enumerate() {
        let (_, d) = create(&p, new_bot(name, i as i64)).await.unwrap();
        let (_, lease) = p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().unwrap();
        let mut tx = p.store.begin().await.unwrap();
        for step in ["one", "two", "three"] {
            tx.step_started(&lease, step).await.unwrap();
        }
        tx.commit().await.unwrap();
        leases.push(lease);
    }
    let steps = async |i: usize| {
        let steps = p.store.steps(&leases[i].deployment_id).await.unwrap();
        let mut steps: Vec<_> = steps
            .into_iter()
            .map(|s| (s.name, s.status.as_str().to_owned(), s.duration_ms))
            .collect();
        steps.sort();
        steps
    };
    let step = |name: &str, status: &str, ms| (name.to_owned(), status.to_owned(), ms);
    let others = steps(0).await;
    let ours = leases[1].deployment_id.as_str();
    let mut tx = p.store.begin().await.unwrap();
    tx.step_ended(&leases[1], "one", true, 5).await.unwrap();
    tx.commit().await.unwrap();
    let (one, three, two) = (
        step("one", "done", Some(5)),
        step("three", "running", None),
        step("two", "running", None),
    );
    assert_eq!(steps(1).await, [one.clone(), three, two]);
    let mut tx = p.store.begin().await.unwrap();
    tx.end_cut_off_steps(ours).await.unwrap();
    tx.commit().await.unwrap();
    let (three, two) = (step("three", "failed", None), step("two", "failed", None));
    assert_eq!(steps(1).await, [one, three, two.clone()]);
    let mut tx = p.store.begin().await.unwrap();
    tx.forget_steps(ours, &["one", "three"]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(steps(1).await, [two]);
    assert_eq!((steps(0).await, steps(2).await), (others.clone(), others));
}

async fn jobs_are_put_off_and_back_in_their_deployment(engine: Engine) {
    use JobStatus::{Cancelled, Done, Queued};
    let p = engine.platform().await;
    let (_, other) = create(&p, new_bot("other", 1)).await.unwrap();
    let (_, d) = create(&p, new_bot("demo", 2)).await.unwrap();
    let statuses = async |id: &str| {
        let jobs = p.store.jobs(id).await.unwrap();
        jobs.iter().map(|j| j.status).collect::<Vec<_>>()
    };
    let (_, lease) = p.store.claim_job(&d.id, "a/1/1", 60_000).await.unwrap().unwrap();
    let mut tx = p.store.begin().await.unwrap();
    tx.end_job(&lease, Done, None, 0).await.unwrap();
    tx.commit().await.unwrap();
    let jobs = p.store.jobs(&d.id).await.unwrap();
    let theirs = p.store.jobs(&other.id).await.unwrap();
    let mut tx = p.store.begin().await.unwrap();
    assert_eq!(tx.cancel_jobs_from(&jobs[2]).await.unwrap(), 3);
    assert_eq!(tx.cancel_jobs_from(&jobs[2]).await.unwrap(), 0, "they are");
    tx.commit().await.unwrap();
    assert_eq!(
        statuses(&d.id).await,
        [Done, Queued, Cancelled, Cancelled, Cancelled],
        "those before it stay"
    );
    assert_eq!(statuses(&other.id).await, [Queued; 5]);
    let mut tx = p.store.begin().await.unwrap();
    assert_eq!(tx.cancel_jobs_from(&theirs[0]).await.unwrap(), 5);
    assert_eq!(tx.requeue_jobs_from(&jobs[3]).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(statuses(&d.id).await, [Done, Queued, Cancelled, Queued, Queued]);
    let mut tx = p.store.begin().await.unwrap();
    assert_eq!(
        tx.requeue_jobs_from(&jobs[0]).await.unwrap(),
        1,
        "what is done is not done again"
    );
    tx.commit().await.unwrap();
    assert_eq!(statuses(&d.id).await, [Done, Queued, Queued, Queued, Queued]);
    assert_eq!(statuses(&other.id).await, [Cancelled; 5]);
}

async fn a_subscription_and_its_bots_are_its_users(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let bob = add_user(&store, "bob@example.org", Role::Member).await;
    let mut tx = store.begin().await.unwrap();
    let pro = Subscription {
        plan: Plan::Pro,
        ..Subscription::first(now())
    };
    tx.put_subscription(&ada.id, &pro).await.unwrap();
    tx.put_subscription(&bob.id, &Subscription::first(now())).await.unwrap();
    for (i, (user, status)) in [
        (&ada, BotStatus::Active),
        (&bob, BotStatus::Destroyed),
        (&bob, BotStatus::Active),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut bot, mut deployment) = a_bot("demo", i as i64);
        (bot.user_id, bot.status) = (user.id.clone(), status);
        if status == BotStatus::Destroyed {
            deployment.status = DeploymentStatus::Destroyed;
        }
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
    }
    assert_eq!(tx.subscription(&bob.id).await.unwrap().plan, Plan::Starter);
    assert_eq!(
        tx.count_bots(&bob.id).await.unwrap(),
        1,
        "neither what is gone nor hers"
    );
    tx.commit().await.unwrap();
    assert_eq!(store.subscription(&bob.id).await.unwrap().plan, Plan::Starter);
    assert_eq!(store.subscription(&ada.id).await.unwrap().plan, Plan::Pro);
    assert_eq!(store.subscription("eve").await.unwrap().plan, Plan::Starter);
}

async fn a_token_is_noted_as_used_by_itself(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let mut tx = store.begin().await.unwrap();
    for given in ["cwk_one", "cwk_two"] {
        let token = a_token(&ada, TokenKind::Api, Scope::Deploy);
        tx.insert_token(&token, given).await.unwrap();
    }
    tx.commit().await.unwrap();
    let later = now() + 3_600_000;
    store.find_token("cwk_two", later).await.unwrap().unwrap();
    let tokens = store.tokens(&ada.id, TokenKind::Api, later).await.unwrap();
    assert_eq!(tokens.iter().filter(|t| t.used_at == later).count(), 1);
}

async fn samples_are_those_of_their_bot_and_time(engine: Engine) {
    const GRAIN: i64 = 300_000;
    let store = engine.open().await;
    let at = |i: i64| 1_000_000 * GRAIN + i * GRAIN + 7;
    let mut ids = Vec::new();
    let mut tx = store.begin().await.unwrap();
    for (telegram_id, name) in ["before", "demo", "after"].into_iter().enumerate() {
        let (mut bot, mut deployment) = a_bot(name, telegram_id as i64);
        if name == "after" {
            (bot.status, deployment.status) = (BotStatus::Destroyed, DeploymentStatus::Destroyed);
        }
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        for i in 0..4 {
            let mut sample = Sample {
                at: at(i),
                well: name == "demo",
                ..Sample::default()
            };
            sample.reading.messages = Some(i);
            tx.put_sample(&bot.id, &sample).await.unwrap();
        }
        ids.push(bot.id);
    }
    tx.commit().await.unwrap();
    let since = at(1) - 7;
    let samples = store.samples(&ids[1], since, 9).await.unwrap();
    assert_eq!(samples.iter().map(|s| s.at).collect::<Vec<_>>(), [at(3), at(2), at(1)]);
    assert!(samples.iter().all(|s| s.well));
    let between = store.samples_between(&ids[1], since, at(3) - 7, 9).await.unwrap();
    assert_eq!(
        between.iter().map(|(at, s)| (*at, s.at, s.well)).collect::<Vec<_>>(),
        [(at(2) - 7, at(2), true), (at(1) - 7, at(1), true)],
        "each with the begin of its five minutes"
    );
    let last = store.last_readings(LOCAL_USER).await.unwrap();
    let last: Vec<_> = last.iter().map(|r| r.messages).collect();
    assert_eq!(last, [Some(3), Some(3)], "not of what is gone");
}

fn a_local_bot(id: &str, updated_at: i64) -> LocalBot {
    LocalBot {
        id: id.into(),
        origin: "laptop/default".into(),
        machine: "laptop".into(),
        record: "{}".into(),
        updated_at,
        synced_at: 0,
    }
}

async fn local_bots_are_those_of_their_account(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let bob = add_user(&store, "bob@example.org", Role::Member).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.take_local_bot(&ada.id, &a_local_bot("a", 9)).await.unwrap(), None);
    for id in ["a", "b"] {
        let kept = tx.take_local_bot(&bob.id, &a_local_bot(id, 5)).await.unwrap();
        assert_eq!(kept, None, "hers is newer, and hers");
    }
    let older = tx.take_local_bot(&bob.id, &a_local_bot("a", 4)).await.unwrap();
    assert_eq!(older.map(|b| b.updated_at), Some(5));
    tx.commit().await.unwrap();
    let ids = async |user: &str, after: &str| {
        let bots = store.local_bots(user, after, 9).await.unwrap();
        bots.into_iter().map(|b| b.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&bob.id, "").await, ["a", "b"]);
    assert_eq!(ids(&bob.id, "a").await, ["b"]);
    let mut tx = store.begin().await.unwrap();
    let gone = tx.keep_local_bots(&bob.id, "laptop/default", &["b".to_owned()]).await;
    assert_eq!(gone.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(
        (ids(&ada.id, "").await, ids(&bob.id, "").await),
        (vec!["a".to_owned()], vec!["b".to_owned()])
    );
}

async fn an_account_holds_so_many_local_bots(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Member).await;
    let bob = add_user(&store, "bob@example.org", Role::Member).await;
    let mut tx = store.begin().await.unwrap();
    for i in 0..1_000 {
        let bot = a_local_bot(&format!("bot-{i}"), 1);
        tx.take_local_bot(&ada.id, &bot).await.unwrap();
    }
    let e = tx.take_local_bot(&ada.id, &a_local_bot("more", 1)).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Quota);
    tx.take_local_bot(&ada.id, &a_local_bot("bot-7", 2)).await.unwrap();
    tx.take_local_bot(&bob.id, &a_local_bot("more", 1)).await.unwrap();
}

async fn the_only_admin_may_stay_one(engine: Engine) {
    let store = engine.open().await;
    let ada = add_user(&store, "ada@example.org", Role::Admin).await;
    let mut tx = store.begin().await.unwrap();
    let token = a_token(&ada, TokenKind::Api, Scope::Deploy);
    tx.insert_token(&token, "cwk_given").await.unwrap();
    tx.set_user_role(&ada.id, Role::Admin).await.unwrap();
    tx.set_user_disabled(&ada.id, false).await.unwrap();
    assert_eq!(
        tx.set_user_role(&ada.id, Role::Member).await.unwrap_err().kind(),
        Kind::State
    );
    tx.commit().await.unwrap();
    assert!(store.find_token("cwk_given", now()).await.unwrap().is_some());
}
