//! One deployment that meets one fault after another on its way, each of them judged, and has to
//! end with a bot that answers, and then with nothing.

use super::ground::{BOT, Ground};
use super::rows::{Ends, Fault, When};
use crate::e2e::world::Story;
use clawdwako::deploy::Step;
use clawdwako::model::JobKind;
use serde_json::Value;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// A fault and the step that meets it.
pub type Cell = (Fault, Step);

/// How long a way may take that no fault strikes.
const WELL: Duration = Duration::from_secs(300);
/// How much longer than twice its usual time a cell may take.
const SLACK: Duration = Duration::from_secs(150);
/// The same where the agent is waited for: its start on a loaded machine, a pause that it keeps
/// after an earlier refusal, and turns of the model that are tried again.
const AGENTS_SLACK: Duration = Duration::from_secs(300);

/// What a cell came to, if all was as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    Judged,
    /// The step was over before it could be struck.
    Missed,
}

pub struct Trip {
    ground: Ground,
    begun: bool,
    /// The step that failed last: the next run begins with it.
    at: Option<Step>,
    /// Whether a fault was met that `resume` cannot finish after.
    spoiled: bool,
}

/// How a run came past a step, or not.
enum Ended {
    Passed,
    Failed(Option<i32>, Value),
}

/// Fails with what is wrong.
macro_rules! demand {
    ($holds:expr, $($why:tt)+) => { if !$holds { return Err(format!($($why)+)); } };
}

impl Trip {
    pub fn new() -> Trip {
        Trip {
            ground: Ground::new(),
            begun: false,
            at: None,
            spoiled: false,
        }
    }

    /// Goes on up to a step, lets it meet a fault, and judges what comes of it.
    pub fn meet(&mut self, (fault, step): Cell) -> Result<Met, String> {
        let before = fault.row().when == When::Before;
        // A start that failed begins with the configuration again, and would end what befell the agent.
        let there = self.at.take() == Some(step) && step.job() != JobKind::StartBot;
        if before && !there {
            match self.come_to(step)? {
                Some(story) => story.kill(),
                None => return Ok(Met::Missed),
            }
        }
        let begun = Instant::now();
        let slack = if step.waits_for() == Some("agent") {
            AGENTS_SLACK
        } else {
            SLACK
        };
        let deadline = slack + Duration::from_secs(2 * fault.seconds(step));
        let ended = if before {
            self.ground.arm(fault);
            let mut story = self.start();
            self.through(&mut story, step, deadline)?
        } else {
            let Some(mut story) = self.come_to(step)? else {
                return Ok(Met::Missed);
            };
            let ground = &self.ground;
            std::thread::scope(|scope| {
                story.frozen(|| {
                    if let Some(lasts) = ground.strike(fault) {
                        scope.spawn(move || {
                            // The length of the fault, not a wait for something.
                            std::thread::sleep(lasts);
                            ground.mend(fault);
                        });
                    }
                });
                self.through(&mut story, step, deadline)
            })?
        };
        let took = begun.elapsed().as_secs_f64();
        let judged = self.judge(fault, step, &ended);
        self.ground.mend(fault);
        if fault.wants_restart(step) {
            self.ground.restart();
        }
        let how = match &ended {
            Ended::Passed => "passed".to_owned(),
            Ended::Failed(_, last) => format!("{} {}", last["error"]["code"], last["error"]["message"]),
        };
        println!("CELL {fault:?} | {}: {how:.300} in {took:.1} s", step.name());
        judged?;
        self.spoiled |= fault.spoils();
        self.at = matches!(ended, Ended::Failed(..)).then_some(step);
        Ok(Met::Judged)
    }

    /// Runs up to where a step begins; none if it is over.
    fn come_to(&mut self, step: Step) -> Result<Option<Story>, String> {
        if self.begun && self.is_active() {
            return Ok(None);
        }
        let mut story = self.start();
        let watch = Watch::over(&story, WELL);
        while let Some(event) = story.next() {
            if event["kind"] == "step_started" && event["step"] == step.name() {
                return Ok(Some(story));
            }
        }
        let what = watch.what_ended(&story.last);
        match self.is_active() {
            true => Ok(None),
            false => Err(format!("does not come to {}: {what}", step.name())),
        }
    }

    fn start(&mut self) -> Story {
        let verb = match self.begun {
            true => vec!["resume".to_owned(), BOT.to_owned()],
            false => self.ground.first(),
        };
        self.begun = true;
        let words: Vec<&str> = verb.iter().map(String::as_str).chain(["--sandbox", "--json"]).collect();
        Story::of(self.ground.world.command(&words))
    }

    /// Reads on until the step is done, or the run has ended without that.
    fn through(&self, story: &mut Story, step: Step, deadline: Duration) -> Result<Ended, String> {
        let watch = Watch::over(story, deadline);
        let passed = story.until("step_done", step.name());
        let ended = match passed {
            true => {
                story.signal(rustix::process::Signal::KILL);
                story.code();
                Ended::Passed
            }
            false => Ended::Failed(story.code(), story.last.clone()),
        };
        demand!(!watch.fired(), "did not end within {deadline:?}: {}", story.last);
        let errors = story.errors();
        let shown = format!("{}{errors}", story.told);
        self.ground.demand_no_secret(&shown)?;
        Ok(ended)
    }

    fn judge(&self, fault: Fault, step: Step, ended: &Ended) -> Result<(), String> {
        match (fault.ends(step), ended) {
            (Ends::Cured, Ended::Failed(_, last)) => return Err(format!("should get over it, but: {last}")),
            (Ends::Told(..), Ended::Passed) => return Err("went on as if nothing was".into()),
            (Ends::Told(codes, words) | Ends::Open(codes, words), Ended::Failed(code, last)) => {
                named(*code, last, codes, words)?;
                self.demand_failed_record(step)?;
                self.ground.demand_nothing_half_made(fault, step)?;
            }
            _ => {}
        }
        self.demand_at_cloud([1, 1, 1])
    }

    /// After a failure the records say so, and nothing is said to be at work.
    fn demand_failed_record(&self, step: Step) -> Result<(), String> {
        let status = self.ground.status();
        demand!(status["bot"]["status"] == "failed", "the record says {status}");
        let steps = status["steps"].as_array().cloned().unwrap_or_default();
        demand!(
            steps.iter().all(|s| s["status"] != "running"),
            "still at work: {steps:?}"
        );
        let failed = steps.iter().find(|s| s["status"] == "failed");
        demand!(
            failed.is_some_and(|s| s["name"] == step.name()),
            "another step failed: {failed:?}"
        );
        Ok(())
    }

    fn demand_at_cloud(&self, expected: [usize; 3]) -> Result<(), String> {
        let there = self.ground.world.at_cloud("hetzner");
        demand!(there == expected, "at the cloud: {there:?}");
        Ok(())
    }

    fn is_active(&self) -> bool {
        self.ground.status()["bot"]["status"] == "active"
    }

    /// Without any fault it ends with a bot that answers; and a destroy leaves nothing.
    pub fn end(mut self) -> Result<(), String> {
        if self.spoiled {
            return self.destroy();
        }
        if !(self.begun && self.is_active()) {
            let mut story = self.start();
            let watch = Watch::over(&story, WELL);
            let code = story.code();
            demand!(
                code == Some(0) && self.is_active(),
                "does not finish: {}",
                watch.what_ended(&story.last)
            );
        }
        self.ground.demand_answer()?;
        self.demand_at_cloud([1, 1, 1])?;
        self.destroy()
    }

    /// Destroys what there is; nothing is left then.
    pub fn destroy(self) -> Result<(), String> {
        let ended = self.ground.world.run(&["destroy", BOT, "--sandbox", "--yes", "--json"]);
        self.ground.demand_no_secret(&format!("{}{}", ended.out, ended.err))?;
        demand!(ended.code == Some(0), "the destroy failed: {ended:?}");
        self.demand_at_cloud([0, 0, 0])?;
        self.ground.demand_whole_store()
    }
}

/// A named error of these codes, with a hint, one of these words and an exit code of its own.
fn named(code: Option<i32>, last: &Value, codes: &[&str], words: &[&str]) -> Result<(), String> {
    let error = &last["error"];
    let text = |field: &str| error[field].as_str().unwrap_or_default();
    demand!(codes.contains(&text("code")), "not one of {codes:?}: {last}");
    demand!(!text("hint").trim().is_empty(), "no hint: {last}");
    demand!(matches!(code, Some(1..=5)), "exit code {code:?}: {last}");
    demand!(
        words.is_empty() || words.iter().any(|w| text("message").contains(w)),
        "says none of {words:?}: {last}"
    );
    Ok(())
}

/// Ends a run that goes on beyond its deadline.
struct Watch {
    _over: mpsc::Sender<()>,
    fired: Arc<AtomicBool>,
}

impl Watch {
    fn over(story: &Story, deadline: Duration) -> Watch {
        let (over, ended) = mpsc::channel();
        let (fired, pid) = (Arc::new(AtomicBool::new(false)), story.pid().to_string());
        let fires = fired.clone();
        std::thread::spawn(move || {
            if ended.recv_timeout(deadline) == Err(mpsc::RecvTimeoutError::Timeout) {
                fires.store(true, Ordering::SeqCst);
                // Not waited for yet, so the number is still its own.
                let _ = Command::new("kill").args(["-KILL", &pid]).status();
            }
        });
        Watch { _over: over, fired }
    }

    fn fired(&self) -> bool {
        self.fired.load(Ordering::SeqCst)
    }

    fn what_ended(&self, last: &Value) -> String {
        match self.fired() {
            true => format!("no end in time: {last}"),
            false => last.to_string(),
        }
    }
}
