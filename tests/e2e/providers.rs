//! The same bot at the other providers.

use super::world::{World, golden_image};

#[test]
fn a_bot_answers_from_digitalocean_and_leaves_nothing() {
    let world = World::up();
    world.need_golden();
    world.deploy("demo", "digitalocean", &["--image", golden_image("digitalocean")]);
    assert!(world.chat("demo", "hello").contains("hello"));
    assert_eq!(world.at_cloud("digitalocean"), [1, 1, 1]);
    let status = world.json(&["status", "demo"]);
    assert_eq!(
        (
            status["health"]["verdict"].as_str(),
            status["agent"]["version"].as_str()
        ),
        (Some("well"), Some("2026.9.6"))
    );
    world.run(&["destroy", "demo", "--sandbox", "--yes"]).ok();
    assert_eq!(world.at_cloud("digitalocean"), [0, 0, 0]);
}

#[test]
fn two_bots_share_a_server_that_the_user_has() {
    let world = World::up();
    world.need_golden();
    let made = world.json(&["sandbox", "server", "--memory", "4096", "--image", "golden"]);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let (host, key, host_key) = (text("host"), text("ssh_key"), text("host_key"));
    let flags = ["--host", &host, "--ssh-key", &key, "--host-key", &host_key];
    world.deploy("first", "existing", &flags);
    world.deploy(
        "second",
        "existing",
        &[&flags[..], &["--model", "gpt-5"][..]].concat()[..6],
    );
    for name in ["first", "second"] {
        assert!(world.chat(name, "hello").contains("hello"));
    }
    let ports: Vec<_> = ["first", "second"]
        .iter()
        .map(|n| world.json(&["status", n])["agent"]["facts"]["port"].clone())
        .collect();
    assert_ne!(ports[0], ports[1]);

    // One goes; the other does not notice, and the server stays.
    world.run(&["destroy", "first", "--sandbox", "--yes"]).ok();
    assert!(world.chat("second", "still there?").contains("still there?"));
    let ours = world.ours_on_server();
    assert!(ours.contains("cw-second") && !ours.contains("cw-first"), "{ours}");

    // The last one goes while a third is on its way, without a user yet: what they share stays.
    world.must_on_server("echo 1 >/etc/passwd.lock");
    let deploy = ["deploy", "third", "--model", "claude-opus", "--yes"];
    let (code, last) = world.start(&[&deploy[..], &flags].concat()).end();
    let why = last["error"]["message"].as_str().unwrap_or_default();
    assert!(code == Some(1) && why.starts_with("Create the agent's user"), "{last}");
    world.must_on_server("rm /etc/passwd.lock");
    world.run(&["destroy", "second", "--sandbox", "--yes"]).ok();
    let last = world.json(&["resume", "third"]);
    assert_eq!(last["bot"]["status"], "active", "{last}");
    let ours = world.ours_on_server();
    assert!(
        ours.contains("table inet clawdwako") && !ours.contains("cw-second"),
        "{ours}"
    );
    world.run(&["destroy", "third", "--sandbox", "--yes"]).ok();
    assert_eq!(world.ours_on_server(), "");
    assert_eq!(
        world.json(&["sandbox", "status"])["status"]["servers"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_wrong_host_key_of_a_server_that_the_user_has_is_refused_before_anything() {
    let world = World::up();
    let right = world.existing("");
    let other = world.json(&["sandbox", "server", "--name", "other"]);
    let mut flags = right.clone();
    flags[5] = other["host_key"].as_str().unwrap().to_owned();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let ran = world.run(
        &[
            &[
                "deploy",
                "demo",
                "--model",
                "claude-opus",
                "--yes",
                "--sandbox",
                "--json",
            ],
            &flags[..],
        ]
        .concat(),
    );
    assert_eq!(
        (ran.code, ran.document()["error"]["code"].as_str()),
        (Some(1), Some("host_key")),
        "{ran:?}"
    );
}
