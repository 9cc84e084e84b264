//! Looking after bots that stand.

mod check;
mod look;
mod orphans;
mod watch;

use crate::support::bots::a_bot;
use clawdwako::error::Result;
use clawdwako::health::{Ask, Look, Seen};
use clawdwako::model::{Bot, Deployment, Reading};
use clawdwako::openclaw::health::{HealthReport, TelegramState, UnitState};
use clawdwako::store::Store;
use std::sync::{Arc, Mutex};

/// Bots that were deployed and should answer.
async fn active(store: &Store, count: i64) -> Vec<(Bot, Deployment)> {
    let mut tx = store.begin().await.unwrap();
    let mut made = Vec::new();
    for i in 0..count {
        let (bot, deployment) = a_bot(&format!("bot-{i}"), i + 1);
        tx.insert_bot(&bot).await.unwrap();
        tx.insert_deployment(&deployment).await.unwrap();
        made.push((bot, deployment));
    }
    tx.commit().await.unwrap();
    made
}

/// An agent that works, and has used so much of a processor.
fn well(cpu_us: i64) -> Seen {
    Seen {
        report: HealthReport {
            unit: UnitState {
                active: "active".into(),
                sub: "running".into(),
                ..UnitState::default()
            },
            ready: Some(true),
            telegram: Some(TelegramState {
                connected: true,
                ..TelegramState::default()
            }),
            ..HealthReport::default()
        },
        reading: Some(Reading {
            memory_bytes: Some(900 << 20),
            cpu_us: Some(cpu_us),
            messages: Some(12),
            tokens: Some(3456),
            cost_usd: Some(0.25),
            ..Reading::default()
        }),
    }
}

/// An agent that was killed for its memory.
fn killed() -> Seen {
    let mut seen = well(0);
    seen.report.unit.active = "failed".into();
    seen.report.unit.result = "oom-kill".into();
    seen.report.ready = None;
    seen
}

/// What was asked, of which bot.
type Asked = Arc<Mutex<Vec<(String, Ask)>>>;

/// Looks by a function, and notes what was asked.
fn look(answer: impl Fn(&Bot, Ask) -> Result<Seen> + Send + Sync + 'static) -> (Look, Asked) {
    let asked = Asked::default();
    let noted = asked.clone();
    let look: Look = Arc::new(move |bot, _, ask| {
        noted.lock().unwrap().push((bot.name.clone(), ask));
        let answer = answer(&bot, ask);
        Box::pin(async move { answer })
    });
    (look, asked)
}
