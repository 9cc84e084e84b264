//! How an agent's Telegram is judged, by what the real agent 2026.9.6 answered to `channels.status`.

use super::gateway::meet;
use clawdwako::error::{Error, Kind};
use clawdwako::openclaw::gateway::channels;
use clawdwako::openclaw::health::{Cause, HealthReport, TelegramState, Trouble, UnitState, Verdict, judge, too_late};

/// An agent that runs, whose Telegram is so; `/readyz` as it answered.
fn report(telegram: TelegramState, ready: bool) -> HealthReport {
    let waits_for = if ready { None } else { Some("telegram".to_owned()) };
    HealthReport {
        bot: "demo".into(),
        unit: UnitState {
            active: "active".into(),
            sub: "running".into(),
            result: "success".into(),
            ..UnitState::default()
        },
        ready: Some(ready),
        failing: waits_for.into_iter().collect(),
        telegram: Some(telegram),
        ..HealthReport::default()
    }
}

async fn telegram(name: &'static str) -> TelegramState {
    let mut gateway = meet(name).await.unwrap();
    channels::telegram(&mut gateway).await.unwrap().unwrap()
}

#[track_caller]
fn bad(report: &HealthReport) -> Trouble {
    match judge(report) {
        Verdict::Bad(trouble) => trouble,
        other => panic!("{other:?}: {report:?}"),
    }
}

/// With a refused token, with another poller, and where nothing is at Telegram's address.
#[tokio::test]
async fn what_the_real_agent_says_of_its_telegram_is_judged_as_what_it_is() {
    let refused = telegram("telegram-refused").await;
    assert!(refused.terminal && !refused.connected);
    let trouble = bad(&report(refused, false));
    assert_eq!(trouble.cause, Cause::TelegramToken);
    assert!(trouble.words.as_ref().unwrap().contains("returned 401"), "{trouble:?}");
    assert_eq!(Error::from(trouble).kind(), Kind::Auth);

    let conflict = telegram("telegram-conflict").await;
    assert!(!conflict.terminal && !conflict.connected);
    // Ready all the same.
    assert_eq!(bad(&report(conflict, true)).cause, Cause::SecondPoller);

    let unreachable = report(telegram("telegram-unreachable").await, true);
    let Verdict::Starting(what) = judge(&unreachable) else {
        panic!("{unreachable:?}")
    };
    assert_eq!(too_late(&unreachable, &what).cause, Cause::TelegramUnreachable);
}

/// Each of its two words for that is enough, and whatever it says besides; it may be connected still.
#[tokio::test]
async fn an_agent_that_has_given_up_on_telegram_is_not_waited_for() {
    let refused = telegram("telegram-refused").await;
    for (terminal, lifecycle) in [(true, "recovering"), (true, "ready"), (false, "blocked")] {
        for (words, cause) in [
            (refused.last_error.clone(), Cause::TelegramToken),
            (Some("it ended".to_owned()), Cause::TelegramToken),
            (None, Cause::TelegramToken),
            (telegram("telegram-conflict").await.last_error, Cause::SecondPoller),
        ] {
            for connected in [false, true] {
                let state = TelegramState {
                    connected,
                    lifecycle: Some(lifecycle.into()),
                    last_error: words.clone(),
                    terminal,
                };
                assert_eq!(
                    bad(&report(state, true)).cause,
                    cause,
                    "{terminal} {lifecycle} {words:?}"
                );
            }
        }
    }
}
