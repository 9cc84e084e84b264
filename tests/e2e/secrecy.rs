//! No secret of a run is anywhere but in its sealed or private place; and what its server is like.

use super::hardening;
use super::world::{World, golden_image};
use crate::support::canaries::{Canaries, files, found, parts};
use clawdwako::model::LOCAL_USER;
use clawdwako::store::{Owner, Store};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The secrets of a sandbox's run, by name.
fn secrets(world: &World) -> Canaries {
    let env = world.json(&["sandbox", "env"]);
    let names = ["HETZNER_API_TOKEN", "ANTHROPIC_API_KEY", "GOOGLE_CLIENT_SECRET"];
    names
        .iter()
        .map(|n| ((*n).to_owned(), env[*n].as_str().unwrap().to_owned()))
        .collect()
}

/// The secrets that a deployment made, from its sealed store.
fn own_secrets(world: &World, name: &str) -> Canaries {
    let state = world.home().join(".local/state/clawdwako/sandbox/profiles/default");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let sealer = clawdwako::secrets::master::load(&state, None).unwrap();
        let store = Store::open(&state.join("store.db"), sealer).await.unwrap();
        let (bot, _) = store.bot(LOCAL_USER, name).await.unwrap();
        let owner = Owner::Bot(bot.id);
        let mut found = Vec::new();
        for (name, _) in store.secret_names(&owner).await.unwrap() {
            let value = store.secret(&owner, &name).await.unwrap();
            found.extend(parts(&name, value.expose()));
        }
        let names: std::collections::BTreeSet<&str> = found.iter().map(|(n, _)| n.as_str()).collect();
        assert!(
            ["gateway", "model", "ssh_private_key", "telegram"]
                .iter()
                .all(|n| names.contains(n)),
            "{names:?}"
        );
        // The server has its host keys: only the public half is here, as what is pinned.
        assert!(!names.iter().any(|n| n.starts_with("host_key")), "{names:?}");
        found
    })
}

/// Reads every argument list and environment on this machine (the servers' processes are
/// among them: they share its kernel) until told to stop.
fn watch(stop: &AtomicBool, secrets: &Canaries) -> Vec<String> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            for part in ["cmdline", "environ"] {
                let Ok(bytes) = std::fs::read(entry.path().join(part)) else {
                    continue;
                };
                // The test's own clients of the stand-in clouds are no part of the product.
                if !bytes.starts_with(b"curl\0-sf") {
                    let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
                    seen.extend(
                        found(&bytes, secrets)
                            .into_iter()
                            .map(|name| format!("{name} in {part}: {text:.200}")),
                    );
                }
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    seen
}

#[test]
fn no_secret_is_anywhere() {
    let world = World::up();
    world.need_golden();
    // Printed as a file of `--token-file` holds it.
    let made = world.run(&["sandbox", "bot", "demo"]).ok().out;
    let token = made.trim().to_owned();
    let token_file = world.home().join("token");
    std::fs::write(&token_file, &made).unwrap();
    let mut known = secrets(&world);
    // The part after the colon is the secret; the number before it is not.
    known.push(("the Telegram token".into(), token.split_once(':').unwrap().1.to_owned()));

    let stop = Arc::new(AtomicBool::new(false));
    let watcher = std::thread::spawn({
        let (stop, known) = (stop.clone(), known.clone());
        move || watch(&stop, &known)
    });
    let token_flag = token_file.to_str().unwrap();
    let said = [
        world.run(&[
            "deploy",
            "demo",
            "--model",
            "claude-opus",
            "--yes",
            "--sandbox",
            "--json",
            "--token-file",
            token_flag,
            "--image",
            golden_image("hetzner"),
        ]),
        world.run(&["status", "demo", "--sandbox", "--json"]),
        world.run(&["list", "--sandbox", "--json"]),
        world.run(&["logs", "demo", "--sandbox"]),
        world.run(&["logs", "demo", "--deploy", "--sandbox"]),
        world.run(&["doctor", "--sandbox", "--json"]),
        world.run(&["secrets", "list", "--sandbox", "--json"]),
        world.run(&["servers", "--sandbox", "--json"]),
        world.run(&[
            "ssh",
            "demo",
            "--sandbox",
            "--",
            "journalctl --no-pager; ps auxeww; cat /etc/systemd/system/clawdwako-*",
        ]),
        // Errors too: the cloud refuses, and the name is in use.
        world.run(&[
            "deploy",
            "other",
            "--model",
            "claude-opus",
            "--yes",
            "--sandbox",
            "--token-file",
            token_flag,
        ]),
    ];
    stop.store(true, Ordering::Relaxed);
    assert_eq!(said[0].code, Some(0), "{:?}", said[0]);
    assert_ne!(said[9].code, Some(0));
    let status: Value = said[1].document();
    assert_eq!(status["bot"]["status"], "active");

    let seen = watcher.join().unwrap();
    assert!(seen.is_empty(), "{seen:#?}");

    // What the deployment made itself, too: the agent's own token and the private SSH keys.
    // They are random, so they are read back from the store.
    known.extend(own_secrets(&world, "demo"));

    // Everything that this side wrote: the store, its journal, logs, keyring file. Not the
    // sandbox's own world, which is the other side, nor the token file that the test wrote.
    for ran in &said {
        for text in [&ran.out, &ran.err] {
            assert_eq!(found(text.as_bytes(), &known), Vec::<String>::new(), "{text}");
        }
    }
    std::fs::remove_file(&token_file).unwrap();
    let ours: Vec<_> = files(world.home())
        .into_iter()
        .filter(|p| !p.components().any(|c| c.as_os_str() == "world"))
        .collect();
    assert!(ours.iter().any(|p| p.ends_with("store.db")), "{ours:?}");
    for path in ours {
        assert_eq!(
            found(&std::fs::read(&path).unwrap(), &known),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
    }

    hardening::holds(&world, "demo");
}
