//! The life of one bot, from the README's command to its end.

use super::world::World;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

/// How long an agent may take to come back by itself after its server's reboot.
const COME_BACK: Duration = Duration::from_secs(180);

#[test]
fn a_bot_lives_through_all_that_its_user_does_with_it() {
    let world = World::up();
    let done = world.json(&["deploy", "demo", "--model", "claude-opus", "--yes"]);
    assert_eq!(done["bot"]["status"], "active", "{done}");
    let overhead = done["overhead_ms"].as_i64().unwrap();
    println!(
        "FIGURE a deployment: {} ms in all, {overhead} ms of our own",
        done["total_ms"]
    );
    assert!(overhead < 5_000, "overhead {overhead} ms");

    // The answer comes from the real process on the booted server.
    let said = world.chat("demo", "hello");
    assert!(said.contains("hello") && said.contains("claude-opus-5"), "{said}");
    let (pid, version) = process(&world);
    assert_eq!(version, "2026.9.6");
    let command = world
        .run(&[
            "ssh",
            "demo",
            "--sandbox",
            "--",
            &format!("tr '\\0' ' ' < /proc/{pid}/cmdline"),
        ])
        .ok();
    assert!(command.out.contains("openclaw"), "{command:?}");

    // The same command again says what is there and makes nothing.
    let again = world.json(&["deploy", "demo", "--model", "claude-opus", "--yes"]);
    assert_eq!(again["exists"]["status"], "active", "{again}");
    assert_eq!(world.at_cloud("hetzner"), [1, 1, 1]);

    // The owner is answered, a stranger is not.
    let stranger = world.run(&[
        "sandbox",
        "chat",
        "demo",
        "let me in",
        "--from",
        "99",
        "--wait",
        "6",
        "--sandbox",
    ]);
    assert_ne!(stranger.code, Some(0), "{stranger:?}");

    // A reboot of the server brings the bot back by itself.
    world.run(&["sandbox", "host", &world.host(), "reboot"]).ok();
    world.until("well after the reboot", COME_BACK, || {
        let status = world.json(&["status", "demo"]);
        (status["health"]["verdict"] == "well")
            .then_some(())
            .ok_or_else(|| status["health"].to_string())
    });
    assert!(world.chat("demo", "still there?").contains("still there?"));

    // Stopped, it stays silent, also over a reboot; started, it answers behind the same gate.
    let (running, _) = process(&world);
    world.run(&["stop", "demo", "--sandbox", "--yes"]).ok();
    let status = world.json(&["status", "demo"]);
    assert_eq!(status["bot"]["status"], "stopped");
    assert_eq!(
        world
            .run(&["ssh", "demo", "--sandbox", "--", &format!("test -d /proc/{running}")])
            .code,
        Some(1)
    );
    stays_stopped(&world, status["agent"]["facts"]["user"].as_str().unwrap());
    world.run(&["start", "demo", "--sandbox"]).ok();
    let (first, _) = process(&world);
    world.run(&["restart", "demo", "--sandbox"]).ok();
    let (second, _) = process(&world);
    assert_ne!(first, second, "a restart is another process");
    assert!(world.chat("demo", "and now?").contains("and now?"));

    // Its log follows; the remote exit code comes back.
    let log = world.run(&["logs", "demo", "--lines", "20", "--sandbox"]).ok();
    assert!(!log.out.is_empty());
    follows(&world);
    assert_eq!(world.run(&["ssh", "demo", "--sandbox", "--", "exit 7"]).code, Some(7));
    let story = world.run(&["logs", "demo", "--deploy", "--sandbox"]).ok();
    assert!(story.out.contains("create_server"), "{story:?}");

    dashboard(&world);

    // Another model answers after `set`, a model that is refused changes nothing.
    let refused = world.run(&["set", "demo", "model=anthropic/no-such-model", "--sandbox", "--yes"]);
    assert_ne!(refused.code, Some(0), "{refused:?}");
    assert_eq!(world.json(&["status", "demo"])["bot"]["status"], "active");
    world
        .run(&["set", "demo", "model=claude-haiku", "--sandbox", "--yes"])
        .ok();
    assert!(world.chat("demo", "who?").contains("claude-haiku-4-5"));

    goes_back(&world);

    world.run(&["destroy", "demo", "--sandbox", "--yes"]).ok();
    assert_eq!(world.at_cloud("hetzner"), [0, 0, 0]);
    assert_eq!(world.json(&["list"])["bots"].as_array().unwrap().len(), 0);
    assert_eq!(world.run(&["status", "demo", "--sandbox"]).code, Some(3));
}

/// What its server starts when it boots is not the agent.
fn stays_stopped(world: &World, user: &str) {
    world.run(&["sandbox", "host", &world.host(), "reboot"]).ok();
    let active = |unit: &str| {
        let look = format!("systemctl is-active {unit} || true");
        let ran = world.run(&["ssh", "demo", "--sandbox", "--", &look]);
        ran.out.trim().to_owned()
    };
    // It comes after all that wants to be started with it.
    world.until("up again", COME_BACK, || match active("multi-user.target") {
        state if state == "active" => Ok(()),
        state => Err(state),
    });
    assert_eq!(active(&format!("clawdwako-{user}.service")), "inactive");
}

/// The agent's process and version, as `status --json` tells them.
fn process(world: &World) -> (u64, String) {
    let status = world.json(&["status", "demo"]);
    assert_eq!(status["health"]["verdict"], "well", "{status}");
    (
        status["agent"]["pid"].as_u64().unwrap(),
        status["agent"]["version"].as_str().unwrap().to_owned(),
    )
}

/// A change whose bot does not answer is taken back, and the bot answers as before.
fn goes_back(world: &World) {
    let change = world
        .command(&["set", "demo", "model=claude-sonnet", "--yes", "--sandbox", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let quick = || world.json(&["status", "demo", "--quick"]);
    let starting = |status: &serde_json::Value| {
        let steps = status["steps"].as_array().unwrap();
        steps.iter().any(|s| s["name"] == "start_agent") && !steps.iter().any(|s| s["name"] == "gate_answer")
    };
    let minute = Duration::from_secs(60);
    world.until("the agent starting anew", minute, || {
        let status = quick();
        let changed = status["bot"]["model"] == "anthropic/claude-sonnet-5" && starting(&status);
        changed.then_some(()).ok_or_else(|| status["steps"].to_string())
    });
    let fault = ["sandbox", "fault", "http", "/anthropic/*", "--method", "POST"];
    world
        .run(&[&fault[..], &["--status", "401", "--times", "999"]].concat())
        .ok();
    world.until("the change taken back", minute * 3, || {
        let status = quick();
        let back = status["bot"]["model"] == "anthropic/claude-haiku-4-5";
        back.then_some(()).ok_or_else(|| status["bot"].to_string())
    });
    world.run(&["sandbox", "fault", "clear"]).ok();
    let ended = change.wait_with_output().unwrap();
    let last: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(4), "{last}");
    let message = last["error"]["message"].as_str().unwrap();
    assert!(message.contains("taken back"), "{last}");
    let status = world.json(&["status", "demo"]);
    assert_eq!(
        (&status["bot"]["status"], &status["bot"]["model"]),
        (&"active".into(), &"anthropic/claude-haiku-4-5".into()),
        "{status}"
    );
    assert!(world.chat("demo", "who now?").contains("claude-haiku-4-5"));
}

/// `logs -f` shows what is written while it runs.
fn follows(world: &World) {
    let mut child = world
        .command(&["logs", "demo", "-f", "--lines", "0", "--sandbox"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || told.send(lines.next()));
    // The agent logs each message that it takes.
    world.until("a line of the log", Duration::from_secs(60), || {
        world.chat("demo", "say something");
        heard
            .recv_timeout(Duration::from_secs(3))
            .map(drop)
            .map_err(|e| e.to_string())
    });
    child.kill().unwrap();
    child.wait().unwrap();
}

/// `open` leads to the agent's own dashboard.
fn dashboard(world: &World) {
    let mut child = world
        .command(&["open", "demo", "--no-browser", "--sandbox", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = serde_json::from_str::<serde_json::Value>(&line).unwrap()["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = std::process::Command::new("curl")
        .args(["-sf", "--max-time", "20", &url])
        .output()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let page = String::from_utf8_lossy(&page.stdout).to_lowercase();
    assert!(page.contains("<html") && page.contains("openclaw"), "{page}");
}
