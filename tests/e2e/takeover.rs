//! A bot's user takes the port of another bot of the same server, speaks its gateway's protocol up to
//! the challenge, and waits for the token. Nothing that we do tells it.

use super::world::World;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Duration;

const THIEF: &str = include_str!("thief.js");
/// Where the thief writes down what it was told.
const LOOT: &str = "/var/tmp/loot";

struct Attack<'a> {
    world: &'a World,
    victim: String,
    port: u64,
    token: String,
}

impl<'a> Attack<'a> {
    /// Ends the victim's agent and has the thief's user listen in its place.
    fn begin(world: &'a World) -> Attack<'a> {
        let facts = |name: &str| world.json(&["status", name, "--quick"])["agent"]["facts"].clone();
        let (victim, thief) = (facts("victim"), facts("thief"));
        let text = |fact: &serde_json::Value| fact.as_str().unwrap().to_owned();
        let (user, port) = (text(&victim["user"]), victim["port"].as_u64().unwrap());
        let thief = text(&thief["user"]);
        let node = format!("/opt/clawdwako/bots/{thief}/node/bin/node");
        let secrets = format!("/var/lib/clawdwako/{user}/secrets/secrets.json");
        let read = format!("{node} -p 'JSON.parse(require(\"fs\").readFileSync(\"{secrets}\")).gateway'");
        let token = world.must_on_server(&read).trim().to_owned();
        assert_eq!(token.len(), 64);
        world.must_on_server(&format!("systemctl stop clawdwako-{user}.service"));
        let encoded = {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(THIEF)
        };
        world.must_on_server(&format!(
            "echo {encoded} | base64 -d >/var/tmp/thief.js
            chmod 644 /var/tmp/thief.js
            install -o {thief} -m 600 /dev/null {LOOT}
            systemd-run -q --unit thief --uid={thief} --gid=clawdwako {node} /var/tmp/thief.js {port} {LOOT}
            for i in $(seq 100); do grep -q listening {LOOT} && exit; sleep 0.1; done
            exit 1"
        ));
        Attack {
            world,
            victim: user,
            port,
            token,
        }
    }

    /// What the thief was told so far.
    fn loot(&self) -> String {
        self.world.must_on_server(&format!("cat {LOOT}"))
    }

    /// Demands that nothing of the token reached the thief: no sixteen characters of it in a row, as
    /// they are or as bytes of a frame.
    fn got_nothing(&self, after: &str) {
        let loot = self.loot();
        let characters: Vec<char> = self.token.chars().collect();
        for part in characters.windows(16).map(|w| w.iter().collect::<String>()) {
            assert!(!loot.contains(&part), "after {after} the thief has a part of the token");
        }
        assert!(
            !loot.contains("upgrade") && !loot.contains("told"),
            "after {after}: {loot}"
        );
    }

    /// Demands that a text says who holds the port.
    fn is_named(&self, text: &str, verb: &str) {
        let uid = self.world.must_on_server("systemctl show -p UID --value thief.service");
        let what = format!(
            "port {} on the server is held by another user (uid {}), not by victim's agent; nothing secret was sent",
            self.port,
            uid.trim()
        );
        assert!(text.contains(&what), "{verb} says: {text}");
    }
}

#[test]
fn another_bot_at_the_gateways_port_is_told_nothing() {
    let world = World::up();
    let flags = world.existing("");
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    world.deploy("victim", "existing", &flags);
    world.deploy("thief", "existing", &flags);
    let attack = Attack::begin(&world);

    let status = world.json(&["status", "victim"]);
    assert_eq!(status["health"]["verdict"], "bad", "{status}");
    attack.is_named(status["health"]["text"].as_str().unwrap(), "status");
    attack.got_nothing("status");

    let doctor = world.run(&["doctor", "--sandbox", "--json"]);
    attack.is_named(&doctor.out, "doctor");
    attack.got_nothing("doctor");

    let open = world.run(&["open", "victim", "--sandbox", "--no-browser"]);
    assert_eq!(open.code, Some(1), "{open:?}");
    attack.is_named(&open.err, "open");
    assert!(!open.out.contains(&attack.token) && !open.err.contains(&attack.token));
    attack.got_nothing("open");

    let restart = world.run(&["restart", "victim", "--sandbox", "--json"]);
    assert_eq!(restart.code, Some(1), "{restart:?}");
    attack.is_named(&restart.out, "restart");
    let error = &restart.document()["error"];
    assert_eq!(error["code"], "agent", "{error}");
    assert!(
        error["hint"].as_str().unwrap().contains("clawdwako ssh victim -- "),
        "{error}"
    );
    attack.got_nothing("restart");
    // It is not even started: it would end again and again.
    let began = world.must_on_server(&format!(
        "systemctl show -p ActiveState --value clawdwako-{}.service",
        attack.victim
    ));
    assert_eq!(began.trim(), "inactive");
    let status = world.json(&["status", "victim", "--quick"]);
    assert_eq!(status["bot"]["status"], "failed", "{status}");

    // An open tunnel, of which the listener is another from one connection to the next.
    world.must_on_server("systemctl stop thief.service");
    let last = world.json(&["resume", "victim"]);
    assert_eq!(last["bot"]["status"], "active", "{last}");
    let mut open = world
        .command(&["open", "victim", "--sandbox", "--no-browser", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(open.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let url = serde_json::from_str::<serde_json::Value>(&line).unwrap()["url"].clone();
    let url = url.as_str().unwrap();
    let page = std::process::Command::new("curl")
        .args(["-s", "-m", "30", "-o", "/dev/null", "-w", "%{http_code}", url])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&page.stdout), "200");
    let attack = Attack::begin(&world);
    let stolen = std::process::Command::new("curl")
        .args([
            "-s",
            "-m",
            "30",
            "-H",
            &format!("Authorization: Bearer {}", attack.token),
            url,
        ])
        .output()
        .unwrap();
    assert_ne!(stolen.status.code(), Some(0), "{stolen:?}");
    // The tunnel ends by itself, and says why.
    let mut told = String::new();
    world.until("the tunnel ends", Duration::from_secs(30), || {
        match open.try_wait().unwrap() {
            Some(_) => Ok(()),
            None => Err("it is open".to_owned()),
        }
    });
    out.read_to_string(&mut told).unwrap();
    attack.is_named(&told, "an open tunnel");
    attack.got_nothing("an open tunnel");
    world.must_on_server("systemctl stop thief.service");
}
