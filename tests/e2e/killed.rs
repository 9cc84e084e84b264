//! Killed with SIGKILL before, in and after every step, then resumed: ends active, with
//! exactly one server, key and firewall. One loop over the list of steps.

use super::world::{Story, World};
use crate::support::tools::promptly;
use clawdwako::deploy::Step;
use clawdwako::model::{JobKind, ProviderKind};
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
enum Moment {
    /// When the step is announced: nothing of it is written yet.
    Before,
    /// While it works.
    In,
    /// When it says that it is done: its end may or may not be written.
    After,
}

/// Lets a verb run until a moment of a step, and kills it there. Answers whether the step came.
fn kill_at(story: Story, step: Step, moment: Moment) -> bool {
    promptly(|| kill(story, step, moment))
}

fn kill(mut story: Story, step: Step, moment: Moment) -> bool {
    let kind = if matches!(moment, Moment::After) {
        "step_done"
    } else {
        "step_started"
    };
    if !story.until(kind, step.name()) {
        return false;
    }
    if matches!(moment, Moment::In) {
        // Anywhere in it: not a wait for a condition, but for a moment of its work. What only
        // we work on takes some milliseconds, what waits for others tenths of seconds.
        let spread = step as u64 % 7;
        let millis = if step.waits_for().is_none() {
            1 + 2 * spread
        } else {
            20 + 60 * spread
        };
        std::thread::sleep(Duration::from_millis(millis));
    }
    story.kill();
    true
}

/// Whether a step is done already: then there is nothing of it left to kill.
fn done(world: &World, step: Step) -> bool {
    let status = world.run(&["status", "demo", "--quick", "--json", "--sandbox"]);
    let steps = status.document()["steps"].as_array().cloned().unwrap_or_default();
    status.code == Some(3) || steps.iter().any(|s| s["name"] == step.name() && s["status"] == "done")
}

/// One deployment that is killed at a moment of each of its steps, then destroyed likewise.
fn one(provider: ProviderKind, moment: Moment) {
    let world = World::up();
    let word = provider.as_str();
    let host = (provider == ProviderKind::Existing).then(|| world.existing(""));
    let host: Vec<&str> = host.iter().flatten().map(String::as_str).collect();
    let mut first: Vec<&str> = vec!["deploy", "demo", "--model", "claude-opus", "--yes"];
    if provider == ProviderKind::Existing {
        first.extend(&host);
    } else {
        first.extend(["--provider", word]);
    }
    let mut kills = 0;
    let mut command = first;
    for &step in Step::ALL
        .iter()
        .filter(|s| s.job() != JobKind::DestroyServer && s.applies(provider))
    {
        if kills > 0 && done(&world, step) {
            continue;
        }
        if kill_at(world.start(&command), step, moment) {
            kills += 1;
        }
        command = vec!["resume", "demo"];
    }
    let status = world.json(&["status", "demo", "--quick"]);
    if status["bot"]["status"] != "active" {
        let (code, last) = world.start(&["resume", "demo"]).end();
        assert_eq!(
            (code, last["bot"]["status"].as_str()),
            (Some(0), Some("active")),
            "{word} {moment:?}: {last}"
        );
    }
    assert!(world.chat("demo", "alive?").contains("alive?"));
    if provider != ProviderKind::Existing {
        assert_eq!(world.at_cloud(word), [1, 1, 1], "{word} {moment:?}");
    }

    // `destroy --json` is one document, so it is killed once it is written down; then by events.
    let begun = world.start(&["destroy", "demo", "--yes"]);
    world.until("the destroy is written down", Duration::from_secs(60), || {
        let status = world.run(&["status", "demo", "--quick", "--json", "--sandbox"]);
        let written = status.code == Some(3) || status.document()["bot"]["status"] != "active";
        written.then_some(()).ok_or(status.out)
    });
    begun.kill();
    for &step in Step::of(JobKind::DestroyServer).iter().filter(|s| s.applies(provider)) {
        if !done(&world, step) && kill_at(world.start(&["resume", "demo"]), step, moment) {
            kills += 1;
        }
    }
    if world.run(&["status", "demo", "--quick", "--sandbox"]).code != Some(3) {
        let (code, last) = world.start(&["resume", "demo"]).end();
        assert_eq!(code, Some(0), "{word} {moment:?}: {last}");
    }
    if provider == ProviderKind::Existing {
        assert_eq!(world.ours_on_server(), "", "{word} {moment:?}");
    } else {
        assert_eq!(world.at_cloud(word), [0, 0, 0], "{word} {moment:?}");
    }
    let steps = Step::ALL.iter().filter(|s| s.applies(provider)).count();
    println!("FIGURE {word} {moment:?}: {kills} kills over {steps} steps");
    // A step of a few milliseconds may be over before the kill of the one before it lands.
    assert!(
        kills * 4 >= steps * 3,
        "{word} {moment:?}: only {kills} kills landed over {steps} steps"
    );
}

/// The whole row of a provider; in a sample run only `sample`, if anything.
fn row(provider: ProviderKind, sample: Option<Moment>) {
    if super::whole() {
        for moment in [Moment::Before, Moment::In, Moment::After] {
            one(provider, moment);
        }
    } else if let Some(moment) = sample {
        one(provider, moment);
    } else {
        let why = "the sample is Hetzner's row; CLAWDWAKO_TESTS=whole runs all";
        crate::support::leave_out(&format!("killing each step on {provider}"), why);
    }
}

#[test]
fn every_step_can_be_killed_and_goes_on_at_hetzner() {
    row(ProviderKind::Hetzner, Some(Moment::In));
}

#[test]
fn every_step_can_be_killed_and_goes_on_at_digitalocean() {
    row(ProviderKind::DigitalOcean, None);
}

#[test]
fn every_step_can_be_killed_and_goes_on_on_a_server_that_the_user_has() {
    row(ProviderKind::Existing, None);
}
