//! A bot that leaves: not beside work on it, and without leaving a secret behind.

use crate::store::new_bot;
use crate::support::bots::out_of_reach;
use crate::support::engine::{Engine, on_both_engines};
use crate::support::workers::{ELSEWHERE, gone, here};
use clawdwako::deploy::{self, NewBot, Platform, Silent, Step, create, secret_names};
use clawdwako::error::Kind;
use clawdwako::jobs::drain;
use clawdwako::model::{
    Audience, Bot, BotStatus, Deployment, DeploymentStatus, Event, EventKind, Former, JobKind, JobStatus, ProviderKind,
    Sample, StepStatus, now,
};
use clawdwako::secrets::Secret;
use clawdwako::ssh;
use clawdwako::store::{Lease, Owner, Worker};

on_both_engines! {
    a_destroy_waits_for_whoever_is_at_work_and_not_for_one_that_is_gone,
    nothing_is_given_up_while_somebody_is_at_work,
    a_bot_that_leaves_takes_its_secrets_along_and_nobody_elses,
    a_destroy_that_fails_takes_no_change_back,
    no_way_leads_back_from_a_destroy,
}

/// A bot on a server of the user's, of which nothing is made yet.
async fn bot(p: &Platform, name: &str, telegram_id: i64) -> (Bot, Deployment) {
    let new = NewBot {
        provider: ProviderKind::Existing,
        ssh_key: Some(ssh::generate("test").unwrap().private),
        ..new_bot(name, telegram_id)
    };
    create(p, new).await.unwrap()
}

async fn claim(p: &Platform, d: &Deployment, worker: &str, lease_ms: i64) -> Option<(JobKind, Lease)> {
    let claimed = p.store.claim_job(&d.id, worker, lease_ms).await.unwrap();
    claimed.map(|(job, lease)| (job.kind, lease))
}

async fn a_destroy_waits_for_whoever_is_at_work_and_not_for_one_that_is_gone(engine: Engine) {
    let p = engine.platform().await;
    for (i, (worker, waits)) in [(ELSEWHERE.into(), true), (here(), true), (gone(), false)]
        .into_iter()
        .enumerate()
    {
        let (bot, d) = bot(&p, &format!("demo-{i}"), i as i64).await;
        let (_, lease) = claim(&p, &d, &worker, 60_000).await.unwrap();
        let (_, until) = p.store.job_holder(&d.id).await.unwrap().unwrap();
        deploy::begin_destroy(&p, &bot, &d).await.unwrap();
        assert!(!p.store.renew_lease(&lease, 1).await.unwrap(), "{worker} lost its job");
        let jobs = p.store.jobs(&d.id).await.unwrap();
        assert!(
            jobs.iter()
                .all(|j| (j.kind == JobKind::DestroyServer) == (j.status == JobStatus::Queued))
        );
        let destroy = jobs.last().unwrap();
        assert_eq!(destroy.run_after, if waits { until } else { 0 }, "{worker}");
        let next = claim(&p, &d, "next/1/1", 60_000).await;
        assert_eq!(next.is_none(), waits, "{worker}");
        if waits {
            let mut tx = p.store.begin().await.unwrap();
            tx.delay_job(&d.id, JobKind::DestroyServer, now()).await.unwrap();
            tx.commit().await.unwrap();
            let (kind, _) = claim(&p, &d, "next/1/1", 60_000).await.unwrap();
            assert_eq!(kind, JobKind::DestroyServer, "{worker}");
        }
    }
}

async fn nothing_is_given_up_while_somebody_is_at_work(engine: Engine) {
    let p = engine.platform().await;
    let cases = [
        (ELSEWHERE.to_owned(), 60_000, false),
        (here(), 60_000, false),
        // Its lease is over, or its process is.
        (here(), -1, true),
        (gone(), 60_000, true),
    ];
    for (i, (worker, lease_ms, may)) in cases.into_iter().enumerate() {
        for (j, forgets) in [true, false].into_iter().enumerate() {
            let (bot, d) = bot(&p, &format!("demo-{i}-{j}"), (2 * i + j) as i64).await;
            let (_, lease) = claim(&p, &d, &worker, lease_ms).await.unwrap();
            let ended = match forgets {
                true => deploy::forget(&p, &bot, &d).await,
                false => deploy::give_up(&p, &bot, &d).await,
            };
            let owner = Owner::Bot(bot.id.clone());
            let secrets = p.store.secret_names(&owner).await.unwrap().len();
            assert_eq!(secrets == 0, may, "{worker} {lease_ms} {forgets}");
            assert_eq!(p.store.renew_lease(&lease, 1000).await.unwrap(), !may);
            match ended {
                Ok(()) => assert!(may),
                Err(e) => assert!(!may && e.kind() == Kind::Busy && e.next_step().is_some(), "{e:?}"),
            }
            match (p.store.bot_by_id(&bot.id).await, forgets && may) {
                (Ok(bot), false) => assert_eq!(bot.status == BotStatus::Destroyed, may),
                (Err(e), true) => assert_eq!(e.kind(), Kind::NotFound),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Rows of a bot's in every table that has some.
async fn rows(p: &Platform, bot: &Bot, d: &Deployment) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    for (table, column, id) in [
        ("secrets", "owner", format!("bot/{}", bot.id)),
        ("jobs", "deployment_id", d.id.clone()),
        ("steps", "deployment_id", d.id.clone()),
        ("events", "deployment_id", d.id.clone()),
        ("samples", "bot_id", bot.id.clone()),
        ("deployments", "bot_id", bot.id.clone()),
        ("bots", "id", bot.id.clone()),
    ] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1");
        let count = p.store.query(&sql, &[id.into()]).await.unwrap()[0].int(0).unwrap();
        found.push((table, count));
    }
    found
}

/// A bot with something in each of those tables.
async fn lively(p: &Platform, name: &str, telegram_id: i64) -> (Bot, Deployment) {
    let (bot, d) = bot(p, name, telegram_id).await;
    let (_, lease) = claim(p, &d, &here(), 60_000).await.unwrap();
    let mut tx = p.store.begin().await.unwrap();
    tx.step_started(&lease, "connect").await.unwrap();
    let sample = Sample {
        at: now(),
        ..Sample::default()
    };
    tx.put_sample(&bot.id, &sample).await.unwrap();
    let event = Event {
        at: now(),
        kind: EventKind::Progress,
        job: None,
        step: None,
        text: "x".into(),
        duration_ms: None,
    };
    tx.insert_event(&d.id, &event).await.unwrap();
    tx.commit().await.unwrap();
    assert!(p.store.hand_back(&lease).await.unwrap());
    (bot, d)
}

async fn a_bot_that_leaves_takes_its_secrets_along_and_nobody_elses(engine: Engine) {
    let p = engine.platform().await;
    let (stays, its) = lively(&p, "stays", 100).await;
    let before = rows(&p, &stays, &its).await;
    assert!(before.iter().all(|(_, count)| *count > 0), "{before:?}");
    for (i, way) in ["forget", "give up", "destroy"].into_iter().enumerate() {
        let (bot, d) = lively(&p, &format!("demo-{i}"), i as i64).await;
        match way {
            "forget" => deploy::forget(&p, &bot, &d).await.unwrap(),
            "give up" => deploy::give_up(&p, &bot, &d).await.unwrap(),
            _ => {
                deploy::begin_destroy(&p, &bot, &d).await.unwrap();
                let ended = drain(&p, &d.id, &Worker::this(), &Silent).await.unwrap();
                assert_eq!(ended.bot.status, BotStatus::Destroyed);
                let names: Vec<_> = ended.steps.iter().map(|s| s.name.as_str()).collect();
                for step in Step::of(JobKind::DestroyServer) {
                    let does = step.applies(ProviderKind::Existing);
                    assert_eq!(names.contains(&step.name()), does, "{}", step.name());
                }
                assert!(
                    ended.steps.iter().all(|s| s.status != StepStatus::Running),
                    "{:?}",
                    ended.steps
                );
            }
        }
        let left = rows(&p, &bot, &d).await;
        assert_eq!(left[0], ("secrets", 0), "{way}");
        if way == "forget" {
            assert!(left.iter().all(|(_, count)| *count == 0), "{left:?}");
        } else {
            let (bot, d) = (
                p.store.bot_by_id(&bot.id).await.unwrap(),
                p.store.deployment(&d.id).await.unwrap(),
            );
            assert_eq!(
                (bot.status, d.status),
                (BotStatus::Destroyed, DeploymentStatus::Destroyed)
            );
        }
        assert_eq!(rows(&p, &stays, &its).await, before, "{way}");
    }
}

async fn a_destroy_that_fails_takes_no_change_back(engine: Engine) {
    let p = engine.platform().await;
    let (bot, d) = bot(&p, "demo", 1).await;
    let (_, lease) = claim(&p, &d, &here(), 60_000).await.unwrap();
    let facts = out_of_reach();
    let former = Former {
        model: "openai/gpt-5.5".into(),
        audience: Audience::Everyone,
    };
    let owner = Owner::Bot(bot.id.clone());
    let mut tx = p.store.begin().await.unwrap();
    tx.save_facts(&lease, &facts).await.unwrap();
    tx.set_former(&bot.id, Some(&former)).await.unwrap();
    let key = Secret::new("the former key");
    tx.put_secret(&owner, secret_names::MODEL_FORMER, &key).await.unwrap();
    tx.commit().await.unwrap();
    assert!(p.store.hand_back(&lease).await.unwrap());

    deploy::begin_destroy(&p, &bot, &d).await.unwrap();
    drain(&p, &d.id, &Worker::this(), &Silent).await.unwrap_err();
    let (now, deployment) = (
        p.store.bot_by_id(&bot.id).await.unwrap(),
        p.store.deployment(&d.id).await.unwrap(),
    );
    assert_eq!(
        (now.status, deployment.status),
        (BotStatus::Failed, DeploymentStatus::Stuck)
    );
    assert_eq!((now.model, now.audience), (bot.model, bot.audience));
    assert!(!p.store.last_failure(&bot.id).await.unwrap().unwrap().taken_back);
    for job in p.store.jobs(&d.id).await.unwrap() {
        let wanted = match job.kind {
            JobKind::DestroyServer => JobStatus::Failed,
            _ => JobStatus::Cancelled,
        };
        assert_eq!(job.status, wanted, "{}", job.kind);
    }
}

async fn no_way_leads_back_from_a_destroy(engine: Engine) {
    let p = engine.platform().await;
    let (bot, d) = bot(&p, "demo", 1).await;
    let stands = async |status, failure| {
        let mut tx = p.store.begin().await.unwrap();
        tx.set_bot_status(&bot.id, status, failure).await.unwrap();
        tx.commit().await.unwrap();
        p.store.bot_by_id(&bot.id).await.unwrap()
    };
    let end = async |lease: &Lease, status, failure| {
        let mut tx = p.store.begin().await.unwrap();
        tx.end_job(lease, status, failure, 0).await.unwrap();
        tx.commit().await.unwrap();
    };
    while let Some((_, lease)) = claim(&p, &d, &here(), 60_000).await {
        end(&lease, JobStatus::Done, None).await;
    }
    stands(BotStatus::Deploying, None).await;
    let active = stands(BotStatus::Active, None).await;
    deploy::begin_destroy(&p, &active, &d).await.unwrap();
    let (_, lease) = claim(&p, &d, &here(), 60_000).await.unwrap();
    end(&lease, JobStatus::Failed, Some("no")).await;
    let failed = stands(BotStatus::Failed, Some("no")).await;

    let change = deploy::Change {
        audience: Some(Audience::Everyone),
        ..deploy::Change::default()
    };
    for refused in [
        deploy::begin_start(&p, &failed, &d).await,
        deploy::begin_change(&p, &failed, &d, &change).await,
    ] {
        let e = refused.unwrap_err();
        assert!(
            e.kind() == Kind::State && e.message().contains("cannot be undone"),
            "{e}"
        );
    }
    assert_eq!(p.store.bot_by_id(&bot.id).await.unwrap().audience, failed.audience);
}
