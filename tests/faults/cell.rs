//! One cell: a deployment that meets one fault in one call of one step.

use super::columns::Column;
use super::ground::{Armed, Ended, Ground, is_destroy};
use super::rows::{Ends, How, Row, Times};
use clawdwako::deploy::{Platform, Step};
use clawdwako::error::{Error, Kind};
use clawdwako::model::{BotStatus, DeploymentStatus};
use clawdwako::sandbox::fault::Rule;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often the same command is given after the fault is over. More than once, since an answer
/// that said something untrue may be found out only later.
const AGAIN: usize = 2;
/// The unit of deadlines.
const TICK: Duration = Duration::from_millis(50);

/// A row and a column.
#[derive(Debug, Clone)]
pub struct Cell {
    pub row: Arc<Row>,
    pub column: Arc<Column>,
}

/// Fails with what is wrong.
macro_rules! demand {
    ($holds:expr, $($why:tt)+) => { if !$holds { return Err(format!($($why)+)); } };
}

impl Cell {
    /// Runs it, within its deadline.
    ///
    /// # Errors
    /// What is not as it must be.
    pub async fn run(self) -> Result<(), String> {
        let deadline = Duration::from_secs(60 + 2 * self.row.seconds(&self.column));
        let named = |what: String| format!("{self}: {what}");
        tokio::select! {
            result = self.judge() => result.map_err(named),
            () = ticks(deadline) => Err(named(format!("did not end within {deadline:?}"))),
        }
    }

    async fn judge(&self) -> Result<(), String> {
        let (step, ground) = (self.column.step, Ground::new(self.column.order).await);
        if is_destroy(step) {
            stopped(&ground, Step::WaitServer).await?;
            ground.note_that_the_agent_ran().await;
            ground.begin_destroy().await?;
        }
        let ended = self.strike(&ground).await?;
        match (self.row.ends(&self.column), &ended) {
            (Ends::Cured, Ended::Failed(e)) => return Err(format!("should get over it, but: {e:?}")),
            (Ends::Told(_), Ended::Stopped | Ended::Done) => return Err("went on as if nothing was".into()),
            (Ends::Told(kinds) | Ends::Open(kinds), Ended::Failed(e)) => {
                demand!(kinds.contains(&e.kind()), "an error of another kind: {e:?}");
                self.failed(&ground, e).await?;
            }
            _ => {}
        }
        let made = ground.at_cloud().await;
        demand!(made.iter().all(|&n| n <= 1), "doubled at the cloud: {made:?}");

        match step {
            _ if is_destroy(step) => self.finish(&ground, None, &ended).await?,
            // Beyond it a server has to answer.
            Step::WaitServer => {
                self.finish(&ground, Some(Step::Connect), &ended).await?;
                let made = ground.at_cloud().await;
                demand!(made == [1, 1, 1, 0], "at the cloud: {made:?}");
            }
            _ => {
                self.finish(&ground, Some(Step::WaitServer), &ended).await?;
                let made = ground.at_cloud().await;
                demand!(made == [1, 1, 1, 0], "at the cloud: {made:?}");
                ground.begin_destroy().await?;
                self.finish(&ground, None, &Ended::Stopped).await?;
            }
        }
        let leaks = ground.leaks().await;
        demand!(leaks.is_empty(), "{leaks:?}");
        Ok(())
    }

    /// Runs up to the step and through it, with the fault.
    async fn strike(&self, ground: &Ground) -> Result<Ended, String> {
        let (step, next) = (self.column.step, self.next());
        match &self.row.how {
            How::Answer(kind) => {
                let lasting = self.row.times == Times::Always;
                let armed = Armed {
                    step,
                    rule: Rule {
                        path: self.column.path.clone(),
                        method: Some(self.column.method.clone()),
                        times: if lasting { u32::MAX } else { 1 },
                        kind: kind.clone(),
                        code: None,
                        message: None,
                    },
                    lasting,
                };
                Ok(ground.run(&ground.platform, next, Some(&armed)).await)
            }
            How::Door(door) => {
                stopped(ground, step).await?;
                let platform = Platform {
                    endpoints: door.endpoints(),
                    ..ground.platform.clone()
                };
                Ok(ground.run(&platform, next, None).await)
            }
        }
    }

    /// The step after this one.
    fn next(&self) -> Option<Step> {
        let rest = Step::ALL.iter().skip_while(|&&s| s != self.column.step).skip(1);
        rest.copied().find(|s| s.applies(self.column.order.provider))
    }

    /// What holds after a failure: the error is of use, and the records say the same.
    async fn failed(&self, ground: &Ground, e: &Error) -> Result<(), String> {
        useful(e)?;
        let (bot, deployment) = ground.records().await;
        let expected = match is_destroy(self.column.step) {
            true => DeploymentStatus::Stuck,
            false => DeploymentStatus::Failed,
        };
        demand!(
            (bot.status, deployment.status) == (BotStatus::Failed, expected),
            "the bot is {}, its deployment {}",
            bot.status,
            deployment.status
        );
        demand!(
            bot.failure.as_deref() == Some(&e.message()),
            "the record tells {:?}",
            bot.failure
        );
        // A destroy leaves the step that it cut off as it was until it has ended itself.
        let counts = if is_destroy(self.column.step) {
            is_destroy
        } else {
            |_| true
        };
        let troubles = ground.troubles_of_the_store(counts).await;
        demand!(troubles.is_empty(), "{troubles:?}");
        Ok(())
    }

    /// Goes on without the fault, with the same command again where it failed.
    async fn finish(&self, ground: &Ground, goal: Option<Step>, before: &Ended) -> Result<(), String> {
        let mut failed = matches!(before, Ended::Failed(_));
        for _ in 0..AGAIN {
            match failed {
                true if goal.is_none() => ground.begin_destroy().await?,
                true => ground.begin_resume().await?,
                false => {}
            }
            match ground.run_well(goal).await {
                Ended::Failed(e) if matches!(self.row.ends(&self.column), Ends::Open(_)) => {
                    useful(&e)?;
                    failed = true;
                }
                Ended::Failed(e) => return Err(format!("does not go on after the fault: {e:?}")),
                Ended::Stopped if goal.is_some() => return Ok(()),
                Ended::Done if goal.is_none() => return self.gone(ground).await,
                other => return Err(format!("ends otherwise: {other:?}")),
            }
        }
        Err("the same command again does not finish".into())
    }

    /// What holds after a destroy.
    async fn gone(&self, ground: &Ground) -> Result<(), String> {
        let left = ground.at_cloud().await;
        demand!(left == [0; 4], "left at the cloud: {left:?}");
        let (bot, deployment) = ground.records().await;
        demand!(
            (bot.status, deployment.status) == (BotStatus::Destroyed, DeploymentStatus::Destroyed),
            "the bot is {}, its deployment {}",
            bot.status,
            deployment.status
        );
        let troubles = ground.troubles_of_the_store(|_| true).await;
        demand!(troubles.is_empty(), "{troubles:?}");
        Ok(())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {}", self.row, self.column)
    }
}

/// Ends after that time, or later where the machine is so busy that nobody's turn comes: a cell
/// that waits for the processor does not hang.
async fn ticks(time: Duration) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..time.as_millis() / TICK.as_millis() {
        tick.tick().await;
    }
}

/// Runs without any fault up to a step.
async fn stopped(ground: &Ground, at: Step) -> Result<(), String> {
    match ground.run_well(Some(at)).await {
        Ended::Stopped => Ok(()),
        other => Err(format!("did not come to {}: {other:?}", at.name())),
    }
}

/// An error that is of use says what to do next, and has a code and an exit code of its own.
fn useful(e: &Error) -> Result<(), String> {
    demand!(
        !matches!(e.kind(), Kind::Internal | Kind::Io | Kind::Store),
        "no named error: {e:?}"
    );
    demand!(e.next_step().is_some_and(|h| !h.trim().is_empty()), "no hint: {e:?}");
    demand!(
        matches!(e.kind().exit_code(), 1..=5),
        "exit code {}",
        e.kind().exit_code()
    );
    Ok(())
}
