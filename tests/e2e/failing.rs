//! Each step failing for good: the deployment says so, and `destroy` leaves nothing at the
//! provider. One loop over the list of steps.

use super::world::{World, golden_image};
use crate::support::tools::promptly;
use clawdwako::deploy::Step;
use clawdwako::model::{JobKind, ProviderKind};
use rustix::process::Signal;

/// How a step is made to fail.
enum Sabotage {
    /// Calls of a path (`*` is any text) with a method are answered with a status.
    Http(String, &'static str, u16),
    /// The server is switched off for good before it boots.
    NeverBoots,
    /// The server lets us in no more.
    LockOut,
    /// Nothing from outside can make it fail.
    Cannot,
}

fn sabotage(step: Step, provider: ProviderKind) -> Sabotage {
    use Sabotage::*;
    let digitalocean = provider == ProviderKind::DigitalOcean;
    let api = if digitalocean {
        "/digitalocean/v2"
    } else {
        "/hetzner/v1"
    };
    let http = |path: &str, method, status| Http(format!("{api}{path}"), method, status);
    match step {
        Step::CheckTelegram => Http("/telegram/*".into(), "POST", 401),
        Step::CheckModel => Http("/anthropic/*".into(), "POST", 401),
        Step::CheckAccount => http("/*", "GET", 401),
        Step::MakeKeys => Cannot,
        Step::CreateSshKey if digitalocean => http("/account/keys", "POST", 403),
        Step::CreateSshKey => http("/ssh_keys", "POST", 403),
        Step::CreateFirewall => http("/firewalls", "POST", 403),
        Step::CreateServer if digitalocean => http("/droplets", "POST", 403),
        Step::CreateServer => http("/servers", "POST", 403),
        Step::WaitServer => http("/actions/*", "GET", 403),
        Step::Connect => NeverBoots,
        _ => LockOut,
    }
}

/// How often a lock-out may come too late, since the step had ended when it took hold.
const TRIES: usize = 5;

/// Has a deployment fail at a step, and destroys it. Answers whether it failed there, or at a
/// later one because the step was over too soon to be hit.
fn one(step: Step, provider: ProviderKind) -> bool {
    let world = World::up();
    let word = provider.as_str();
    match sabotage(step, provider) {
        Sabotage::Http(path, method, status) => {
            let status = status.to_string();
            world
                .run(&[
                    "sandbox", "fault", "http", &path, "--method", method, "--status", &status, "--times", "99",
                ])
                .ok();
        }
        Sabotage::NeverBoots => {
            world.run(&["sandbox", "fault", "never-boots"]).ok();
        }
        Sabotage::LockOut | Sabotage::Cannot => {}
    }
    let mut story = world.start(&[
        "deploy",
        "demo",
        "--model",
        "claude-opus",
        "--yes",
        "--provider",
        word,
        "--image",
        golden_image(word),
    ]);
    if matches!(sabotage(step, provider), Sabotage::LockOut) {
        let came = promptly(|| {
            let came = story.until("step_started", step.name());
            story.signal(Signal::STOP);
            came
        });
        assert!(came, "{word}: {} never began: {}", step.name(), story.last);
        let lock = "mv /root/.ssh/authorized_keys /root/.ssh/gone; pkill -KILL -f '^sshd: root'";
        world.run(&["ssh", "demo", "--sandbox", "--", lock]);
        story.signal(Signal::CONT);
    }
    let (code, last) = story.end();
    assert!(code.is_some_and(|c| c != 0), "{word} {}: {last}", step.name());
    let error = &last["error"];
    let message = error["message"].as_str().unwrap();
    let failed = Step::ALL.iter().find(|s| message.starts_with(s.title()));
    let failed = *failed.unwrap_or_else(|| panic!("{word} {}: {last}", step.name()));
    let place = |s: Step| Step::ALL.iter().position(|&other| other == s);
    let hit = failed == step;
    assert!(
        hit || (matches!(sabotage(step, provider), Sabotage::LockOut) && place(failed) > place(step)),
        "{word} {}: {last}",
        step.name()
    );
    assert!(
        error["code"].as_str().is_some_and(|c| c != "internal"),
        "{word} {}: {last}",
        step.name()
    );
    let status = world.json(&["status", "demo", "--quick"]);
    assert_eq!(status["bot"]["status"], "failed", "{word} {}", step.name());

    world.run(&["sandbox", "fault", "clear"]).ok();
    world.run(&["destroy", "demo", "--sandbox", "--yes"]).ok();
    assert_eq!(world.at_cloud(word), [0, 0, 0], "{word} {}", step.name());
    assert_eq!(
        world.run(&["status", "demo", "--sandbox"]).code,
        Some(3),
        "{word} {}",
        step.name()
    );
    hit
}

#[test]
fn every_step_can_fail_and_destroy_leaves_nothing() {
    World::up().need_golden();
    let providers: &[ProviderKind] = match super::whole() {
        true => &[ProviderKind::Hetzner, ProviderKind::DigitalOcean],
        false => &[ProviderKind::Hetzner],
    };
    for &provider in providers {
        for &step in Step::ALL.iter().filter(|s| s.job() != JobKind::DestroyServer) {
            match sabotage(step, provider) {
                Sabotage::Cannot => println!("{}: nothing from outside can make it fail", step.name()),
                // Minutes of waiting for a server that never boots: in the whole matrix only.
                Sabotage::NeverBoots if !super::whole() => super::super::support::skip(
                    "failing at connect",
                    "waits four minutes for a server that never boots; CLAWDWAKO_TESTS=whole runs it",
                ),
                _ => assert!(
                    (0..TRIES).any(|_| one(step, provider)),
                    "{} could not be hit",
                    step.name()
                ),
            }
        }
    }
}
