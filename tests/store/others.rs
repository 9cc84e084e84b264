//! What is asked or written of one bot is that of no other.

use crate::support::bots::a_bot;
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::error::{Error, Kind};
use clawdwako::model::{
    Audience, Bot, BotStatus, Deployment, DeploymentStatus, Event, EventKind, Failure, Former, LOCAL_USER, Placement,
    ProviderKind, now,
};
use clawdwako::store::{BotFilter, BotQuery, Store, Tx};

on_both_engines! {
    a_bot_is_found_by_what_names_it,
    a_page_shows_what_was_asked_for,
    what_is_written_of_a_bot_is_written_of_no_other,
    what_is_in_use_is_told_of_bots_that_stand,
    only_what_another_user_never_proved_is_let_go,
    a_story_is_told_of_its_own_deployment,
}

const THEM: &str = "somebody";

async fn put(store: &Store, bots: &[(Bot, Deployment)]) {
    let mut tx = store.begin().await.unwrap();
    for (bot, deployment) in bots {
        tx.insert_bot(bot).await.unwrap();
        tx.insert_deployment(deployment).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn of(user_id: &str, name: &str, telegram_id: i64, status: BotStatus) -> (Bot, Deployment) {
    let (mut bot, mut deployment) = a_bot(name, telegram_id);
    (bot.user_id, bot.status) = (user_id.into(), status);
    if status == BotStatus::Destroyed {
        deployment.status = DeploymentStatus::Destroyed;
    }
    (bot, deployment)
}

/// One that is gone, another user's, ours, and one more of ours. What is in question is neither the
/// first nor the last, and shares its name with the others.
async fn some(store: &Store) -> Vec<(Bot, Deployment)> {
    let mut bots = vec![
        of(LOCAL_USER, "demo", 1, BotStatus::Destroyed),
        of(THEM, "demo", 2, BotStatus::Failed),
        of(LOCAL_USER, "demo", 1, BotStatus::Active),
        of(LOCAL_USER, "more", 3, BotStatus::Active),
    ];
    bots[2].1.status = DeploymentStatus::Pending;
    bots[3].1.provider = ProviderKind::Existing;
    put(store, &bots).await;
    bots
}

async fn a_bot_is_found_by_what_names_it(engine: Engine) {
    let store = engine.open().await;
    let bots = some(&store).await;
    let found = store.bot(LOCAL_USER, "demo").await.unwrap();
    assert_eq!((&found.0.id, &found.1.id), (&bots[2].0.id, &bots[2].1.id));
    assert_eq!(store.bot(THEM, "demo").await.unwrap().0.id, bots[1].0.id);
    assert!(store.find_bot(THEM, "more").await.unwrap().is_none());
    let by_telegram = store.bot_by_telegram_id(1).await.unwrap();
    assert_eq!(by_telegram.unwrap().id, bots[2].0.id);
    assert!(store.bot_by_telegram_id(9).await.unwrap().is_none());
    let status = store.deployment_status(&bots[2].1.id).await.unwrap();
    assert_eq!(status, Some(DeploymentStatus::Pending));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.bot_status(&bots[2].0.id).await.unwrap(), Some(BotStatus::Active));
}

async fn a_page_shows_what_was_asked_for(engine: Engine) {
    let store = engine.open().await;
    let bots = some(&store).await;
    let all = BotQuery {
        limit: 10,
        ..BotQuery::default()
    };
    let cases: [(BotQuery<'_>, &[usize]); 6] = [
        (all.clone(), &[1, 2, 3]),
        (
            BotQuery {
                user_id: Some(LOCAL_USER),
                ..all.clone()
            },
            &[2, 3],
        ),
        (
            BotQuery {
                name: Some("demo"),
                ..all.clone()
            },
            &[1, 2],
        ),
        (
            BotQuery {
                status: Some(BotStatus::Destroyed),
                ..all.clone()
            },
            &[0],
        ),
        (
            BotQuery {
                with_server: true,
                ..all.clone()
            },
            &[1],
        ),
        (
            BotQuery {
                after: Some(&bots[1].0.id),
                ..all.clone()
            },
            &[2, 3],
        ),
    ];
    for (query, wanted) in cases {
        let page = store.bots_page(&query).await.unwrap();
        let mut ids: Vec<_> = page.iter().map(|(bot, _)| bot.id.clone()).collect();
        ids.sort();
        let mut wanted: Vec<_> = wanted.iter().map(|i| bots[*i].0.id.clone()).collect();
        wanted.sort();
        assert_eq!(ids, wanted, "{query:?}");
    }
}

/// All that is kept of the bots, in words.
async fn records(store: &Store, bots: &[(Bot, Deployment)]) -> Vec<String> {
    let mut found = Vec::new();
    for user in [LOCAL_USER, THEM] {
        found.extend(store.bots(user, BotFilter { destroyed: true }).await.unwrap());
    }
    let mut records = Vec::new();
    let mut tx = store.begin().await.unwrap();
    for (bot, _) in bots {
        let record = found.iter().find(|(other, _)| other.id == bot.id).unwrap();
        let former = tx.former(&bot.id).await.unwrap();
        records.push(format!("{record:?} {former:?}"));
    }
    drop(tx);
    for (record, (bot, _)) in records.iter_mut().zip(bots) {
        *record += &format!(" {:?}", store.last_failure(&bot.id).await.unwrap());
    }
    records
}

async fn what_is_written_of_a_bot_is_written_of_no_other(engine: Engine) {
    let store = engine.open().await;
    let bots = some(&store).await;
    let (bot, deployment) = (bots[2].0.id.as_str(), bots[2].1.id.as_str());
    let former = Former {
        model: "openai/gpt-5".into(),
        audience: Audience::Everyone,
    };
    let failure = Failure::of(&Error::new(Kind::Network, "no way through"));
    let placement = Placement {
        region: Some("hel1".into()),
        ..Placement::default()
    };
    let mut before = records(&store, &bots).await;
    for what in 0..8 {
        let mut tx: Tx = store.begin().await.unwrap();
        match what {
            0 => tx.set_bot_username(bot, "another_bot").await,
            1 => {
                tx.set_bot_model_and_audience(bot, "openai/gpt-5", Audience::Everyone)
                    .await
            }
            2 => tx.set_former(bot, Some(&former)).await,
            3 => tx.set_last_failure(bot, Some(&failure)).await,
            4 => tx.change_placement(deployment, &placement).await,
            5 => {
                tx.set_placement(deployment, ProviderKind::DigitalOcean, &placement)
                    .await
            }
            6 => tx.set_deployment_status(deployment, DeploymentStatus::Deploying).await,
            _ => tx.set_bot_status(bot, BotStatus::Failed, Some("why")).await,
        }
        .unwrap();
        tx.commit().await.unwrap();
        let after = records(&store, &bots).await;
        for (i, (was, is)) in before.iter().zip(&after).enumerate() {
            assert_eq!(was != is, i == 2, "writing {what} of the third: {i} was {was}, is {is}");
        }
        before = after;
    }
    let mut tx = store.begin().await.unwrap();
    let late = tx
        .set_placement(deployment, ProviderKind::Hetzner, &Placement::default())
        .await;
    assert_eq!(late.unwrap_err().kind(), Kind::State, "it was begun");
    let back = tx.set_deployment_status(deployment, DeploymentStatus::Pending).await;
    assert_eq!(back.unwrap_err().kind(), Kind::State, "no way leads back");
    let back = tx.set_bot_status(bot, BotStatus::Pending, None).await;
    assert_eq!(back.unwrap_err().kind(), Kind::State, "no way leads back");
}

async fn what_is_in_use_is_told_of_bots_that_stand(engine: Engine) {
    let store = engine.open().await;
    put(
        &store,
        &[
            of(LOCAL_USER, "demo", 1, BotStatus::Destroyed),
            of(LOCAL_USER, "more", 3, BotStatus::Active),
            of(THEM, "theirs", 1, BotStatus::Active),
        ],
    )
    .await;
    for (name, telegram_id, kind, told) in [
        ("more", 9, Kind::Exists, "a bot named \"more\""),
        ("other", 3, Kind::Exists, "used by the bot \"more\""),
        ("demo", 1, Kind::Auth, "cannot be used here"),
    ] {
        let mut tx = store.begin().await.unwrap();
        let (bot, _) = of(LOCAL_USER, name, telegram_id, BotStatus::Pending);
        let e = tx.insert_bot(&bot).await.unwrap_err();
        assert!(e.kind() == kind && e.message().contains(told), "{name}: {e}");
    }
}

async fn only_what_another_user_never_proved_is_let_go(engine: Engine) {
    let store = engine.open().await;
    let mut bots = vec![
        of(THEM, "gone", 5, BotStatus::Destroyed),
        of(THEM, "first", 4, BotStatus::Pending),
        of(THEM, "theirs", 5, BotStatus::Pending),
        of(LOCAL_USER, "ours", 6, BotStatus::Pending),
    ];
    for (bot, _) in &mut bots {
        bot.username = None;
    }
    put(&store, &bots).await;
    let held = async |telegram_id, user: &str, steps: &[&str]| {
        let mut tx = store.begin().await.unwrap();
        let found = tx.unproved_holder(telegram_id, user, steps).await.unwrap();
        found.map(|(bot, deployment)| (bot.id, deployment))
    };
    let theirs = Some((bots[2].0.id.clone(), bots[2].1.id.clone()));
    assert_eq!(held(5, LOCAL_USER, &["create_server"]).await, theirs);
    assert_eq!(held(6, LOCAL_USER, &["create_server"]).await, None, "their own");
    assert_eq!(held(7, LOCAL_USER, &["create_server"]).await, None);

    // What goes on at another bot does not matter; what goes on, or was begun, at this one does.
    let work = async |deployment: &str, step: &str| {
        let mut tx = store.begin().await.unwrap();
        tx.enqueue(deployment, clawdwako::model::JobKind::ProvisionServer, 3)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let (_, lease) = store
            .claim_job(deployment, "elsewhere/1/1", 600_000)
            .await
            .unwrap()
            .unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.step_started(&lease, step).await.unwrap();
        tx.commit().await.unwrap();
        lease
    };
    work(&bots[1].1.id, "create_server").await;
    assert_eq!(held(5, LOCAL_USER, &["create_server"]).await, theirs);
    let lease = work(&bots[2].1.id, "validate_credentials").await;
    assert_eq!(held(5, LOCAL_USER, &["create_server"]).await, None, "it runs");
    store.hand_back(&lease).await.unwrap();
    assert_eq!(held(5, LOCAL_USER, &["create_server"]).await, theirs, "nothing is made");
    assert_eq!(held(5, LOCAL_USER, &["validate_credentials"]).await, None);
    let mut tx = store.begin().await.unwrap();
    tx.set_bot_username(&bots[2].0.id, "theirs_bot").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(held(5, LOCAL_USER, &["create_server"]).await, None, "it is proved");
}

async fn a_story_is_told_of_its_own_deployment(engine: Engine) {
    let store = engine.open().await;
    let bots = some(&store).await;
    let mut tx = store.begin().await.unwrap();
    for (i, text) in [
        (1, "theirs 1"),
        (1, "theirs 2"),
        (1, "theirs 3"),
        (2, "ours 1"),
        (2, "ours 2"),
    ] {
        let event = Event {
            at: now(),
            kind: EventKind::Progress,
            job: None,
            step: None,
            text: text.into(),
            duration_ms: None,
        };
        tx.insert_event(&bots[i].1.id, &event).await.unwrap();
    }
    tx.commit().await.unwrap();
    let last = async |i: usize| store.last_event(&bots[i].1.id).await.unwrap();
    assert_eq!((last(0).await, last(1).await, last(2).await), (0, 3, 2));
    let told = |events: Vec<(i64, Event)>| events.into_iter().map(|(n, e)| (n, e.text)).collect::<Vec<_>>();
    let ours = [(1, "ours 1".to_owned()), (2, "ours 2".to_owned())];
    let id = &bots[2].1.id;
    assert_eq!(told(store.events(id, 0, None).await.unwrap()), ours);
    assert_eq!(told(store.events(id, 0, Some(1)).await.unwrap()), ours[1..]);
    assert_eq!(told(store.events(id, 1, None).await.unwrap()), ours[1..]);
    assert_eq!(told(store.events_after(id, 0, 9).await.unwrap()), ours);
    assert_eq!(told(store.events_after(id, 1, 9).await.unwrap()), ours[1..]);
    assert_eq!(told(store.events_after(id, 0, 1).await.unwrap()), ours[..1]);
}
