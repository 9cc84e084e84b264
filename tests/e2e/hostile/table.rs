//! One server, two bots, every verb; strace tells who did what, and each access to what others may
//! write must have its row.

use super::agent::{Agent, local_does, local_user};
use super::places::{Given, LIST, Places, trusts};
use super::plants;
use super::rows::{Place, Rows, Seen, fits};
use super::trace::{Access, Origin, Trace};
use super::watch::{Mark, Watch};
use crate::e2e::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a verb may take, also one that meets a bot which breaks its own files.
const DEADLINE: Duration = Duration::from_secs(600);

/// A run of all verbs, and what was seen of it.
pub struct Table<'a> {
    world: &'a World,
    watch: &'a Watch,
    /// Each verb with the moment at which it began, and the server as it was then.
    verbs: Vec<(String, Mark, Places)>,
    /// What of ours on the server is not as the table of places says.
    pub wrong_places: Vec<String>,
}

/// An access that no row explains, or a row that nothing shows.
pub struct Verdict {
    /// Kinds of access without a row; with a verb and a command line where it was seen.
    pub bare: BTreeMap<Seen, String>,
    /// Rows that were never seen and must be.
    pub unseen: Vec<String>,
    /// How many accesses were judged, and how many of them trust others.
    pub judged: (usize, usize),
    /// Kinds that have a row, by its number.
    pub explained: BTreeMap<usize, BTreeSet<Seen>>,
}

impl<'a> Table<'a> {
    pub fn new(world: &'a World, watch: &'a Watch) -> Table<'a> {
        Table {
            world,
            watch,
            verbs: Vec::new(),
            wrong_places: Vec::new(),
        }
    }

    /// Notes the moment and what lies on the server.
    fn moment(&mut self, name: &str) {
        let told = self.world.on_server(LIST);
        let mark = self.watch.mark();
        let kept = format!("{:02} {} {} {name}", self.verbs.len(), mark.0, mark.1);
        self.watch.keep(&kept, &told.stdout);
        self.verbs.push((name.to_owned(), mark, Places::read(&told.stdout)));
    }

    /// Runs a verb to its end within the deadline; answers its exit code and what it printed.
    fn verb(&mut self, args: &[&str]) -> (Option<i32>, String) {
        let name = args[..args.len().min(2)].join(" ");
        self.moment(&name);
        let start = Instant::now();
        let limit = DEADLINE.as_secs().to_string();
        let binary = self.world.command(&[]);
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after=5", &limit])
            .arg(binary.get_program())
            .arg("--sandbox")
            .args(args);
        command
            .env_clear()
            .envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.stdin(Stdio::null()).output().unwrap();
        let told = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        println!(
            "FIGURE {name} took {:.1} s, exit code {:?}",
            start.elapsed().as_secs_f64(),
            output.status.code()
        );
        (output.status.code(), told)
    }

    #[track_caller]
    fn well(&mut self, args: &[&str]) {
        let (code, told) = self.verb(args);
        assert_eq!(code, Some(0), "{}: {told}", args.join(" "));
    }

    /// It may fail, as its bot breaks its own files; it must end, and soon enough.
    #[track_caller]
    fn ends(&mut self, args: &[&str]) {
        let (code, told) = self.verb(args);
        assert!(
            code.is_some_and(|code| code < 100),
            "{} ended with {code:?}: {told}",
            args.join(" ")
        );
    }

    /// A verb that goes on until it is ended: a few seconds of it.
    fn briefly(&mut self, args: &[&str]) {
        self.moment(&args.join(" "));
        let mut child = self.world.command(&[args, &["--sandbox"]].concat());
        let mut child = child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = std::io::BufRead::read_line(&mut out, &mut line);
            tell.send(read.map(|_| line))
        });
        let line = told.recv_timeout(Duration::from_secs(60));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            line.is_ok_and(|line| line.is_ok_and(|line| !line.is_empty())),
            "{} said nothing",
            args.join(" ")
        );
    }

    /// A deployment that is killed before its agent starts.
    fn interrupted(&mut self, args: &[&str]) {
        self.moment(&args[..2].join(" "));
        let mut story = self.world.start(args);
        assert!(story.until("step_started", "start_agent"), "{}", story.told);
        story.kill();
    }

    /// Everything that a user does, on a server where all that can be planted is.
    pub fn every_verb(&mut self, flags: &[&str]) {
        let world = self.world;
        world.must_on_server(plants::PREPARE);
        local_user(world);
        println!("PLANTED by a local user: {}", local_lays(world));
        let deploy = |name| [&["deploy", name, "--model", "claude-opus", "--yes"], flags].concat();
        self.well(&deploy("one"));
        let one = Agent::of(world, "one");
        println!("PLANTED by the agent in its unit: {}", one.does(&lay("agent", "~")));
        println!(
            "PLANTED by the agent outside: {}",
            one.does_outside(&lay("left-behind", ""))
        );
        println!("PLANTED by a local user: {}", local_lays(world));
        self.interrupted(&deploy("two"));
        self.well(&["resume", "two"]);
        self.wrong_places = wrong_places(world, &Rows::load().place);
        for verb in [
            &["status", "one"][..],
            &["status", "two"],
            &["doctor"],
            &["logs", "one", "--lines", "20"],
            &["ssh", "one", "--", "true"],
            &["set", "one", "model=claude-haiku", "--yes"],
            &["restart", "two"],
            &["stop", "one", "--yes"],
            &["start", "one"],
        ] {
            self.well(verb);
        }
        self.briefly(&["logs", "one", "-f"]);
        self.briefly(&["open", "two", "--no-browser"]);
        // The agent breaks what is its own: that is its bot's trouble, and nobody else's.
        let two = format!("/var/lib/clawdwako/{}", Agent::of(world, "two").user);
        println!("BROKEN: {}", one.does(&format!("set -- {two}\n{}", plants::BREAK)));
        for verb in [&["status", "one"][..], &["doctor"], &["stop", "one", "--yes"]] {
            self.ends(verb);
        }
        self.well(&["destroy", "one", "--yes"]);
        self.well(&["status", "two"]);
        self.well(&["destroy", "two", "--yes"]);
        self.moment("the end");
    }

    /// What ran of all that was planted, but for what its own planter ran: none.
    pub fn ran(&self) -> String {
        self.world.must_on_server(plants::RAN)
    }

    /// Holds what strace saw against the rows.
    pub fn verdict(&self, rows: &Rows) -> Verdict {
        let mut verdict = Verdict {
            bare: BTreeMap::new(),
            unseen: Vec::new(),
            judged: (0, 0),
            explained: BTreeMap::new(),
        };
        for (boot, file) in self.watch.boots().iter().enumerate() {
            let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            let starts: Vec<usize> = lines
                .iter()
                .scan(0, |at, line| {
                    let start = *at;
                    *at += line.len() + 1;
                    Some(start)
                })
                .collect();
            let (all, trace) = Trace::read(&lines);
            assert!(trace.unread.len() * 1000 < lines.len().max(1), "{:?}", trace.unread);
            let mut given = Given::default();
            for (line, access) in &all {
                let at = Mark(boot, starts[*line]);
                let verb = self.verbs.partition_point(|(_, mark, _)| *mark <= at);
                if verb > 0 {
                    self.judge(access, verb - 1, &given, rows, &mut verdict);
                }
                given.note(access);
            }
        }
        verdict.unseen = rows
            .access
            .iter()
            .enumerate()
            .filter(|(number, row)| row.not_always.is_none() && !verdict.explained.contains_key(number))
            .map(|(_, row)| format!("{} {:?} {:?} {:?}", row.who, row.with, row.does, row.place))
            .collect();
        verdict
    }

    fn judge(&self, access: &Access, verb: usize, given: &Given, rows: &Rows, verdict: &mut Verdict) {
        let (name, _, before) = &self.verbs[verb];
        let after = self.verbs.get(verb + 1).map_or(before, |(_, _, places)| places);
        let Some(who) = who(access, before, after) else {
            return;
        };
        verdict.judged.0 += 1;
        let Some((writer, place)) = trusts(access, before, after, given) else {
            return;
        };
        verdict.judged.1 += 1;
        let seen = Seen {
            who: who.to_owned(),
            program: access.program.clone(),
            act: access.act,
            place: kind(&place),
        };
        match rows.access.iter().position(|row| row.covers(&seen)) {
            Some(row) => drop(verdict.explained.entry(row).or_default().insert(seen)),
            None => {
                let told = format!("{writer:?} in {name}: {:?}, {}", access.origin, access.command);
                verdict.bare.entry(seen).or_insert(told);
            }
        }
    }
}

/// Who it is, if it is somebody who must trust nobody.
fn who(access: &Access, before: &Places, after: &Places) -> Option<&'static str> {
    let ours = match &access.origin {
        Origin::Outside => false,
        Origin::Init | Origin::Ssh => true,
        // Debian's own services are not ours to judge.
        Origin::Unit(unit) => unit.starts_with("clawdwako") || unit.starts_with("run-"),
    };
    let name = after.names.get(&access.uid).or_else(|| before.names.get(&access.uid));
    match (access.uid, name.map(String::as_str)) {
        _ if !ours => None,
        (0, _) if access.program.starts_with("systemd") && access.origin != Origin::Ssh => Some("systemd"),
        (0, _) => Some("root"),
        (_, Some("clawdwako-npm")) => Some("clawdwako-npm"),
        (_, Some(name)) if name.starts_with("cw-") => Some("a bot"),
        _ => None,
    }
}

/// A place without what differs from run to run: users of bots, numbers of processes.
fn kind(place: &str) -> String {
    let parts = place.split('/').map(|part| {
        let number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let begins = part
            .find("cw-")
            .filter(|_| part.contains("cw-one-") || part.contains("cw-two-"));
        match begins {
            _ if number => "PID".to_owned(),
            Some(at) => {
                // cw-one- and eight digits of a hash
                let end = (at + "cw-one-".len() + 8).min(part.len());
                format!("{}USER{}", &part[..at], &part[end..])
            }
            None => part.to_owned(),
        }
    });
    let place = parts.collect::<Vec<_>>().join("/");
    match place.strip_prefix("127.0.0.1:") {
        Some(port) if port.parse::<u16>().is_ok_and(|port| (18789..32000).contains(&port)) => "127.0.0.1:PORT".into(),
        _ => place,
    }
}

fn lay(who: &str, besides: &str) -> String {
    format!("set -- {who} {besides}\n{}", plants::LAY)
}

fn local_lays(world: &World) -> String {
    local_does(world, &lay("local", "~"))
}

/// What of ours on the server is not as the table of places says, or is there besides.
fn wrong_places(world: &World, places: &[Place]) -> Vec<String> {
    let found = world.must_on_server(
        "find /opt/clawdwako /var/lib/clawdwako /etc/clawdwako /run/clawdwako /var/cache/clawdwako /etc/systemd/system/* \
         -ignore_readdir_race \\( -path '/opt/clawdwako/openclaw/*/*' -o -path '/opt/clawdwako/node/*/*' -o \
         -path '/var/lib/clawdwako/cw-*/*' -o -path '/var/cache/clawdwako/*/*' \\) -prune -o \
         ! -type l \\( ! -path '/etc/systemd/system/*' -o -name '*clawdwako*' \\) -printf '%m %u %g\\t%p\\n' 2>/dev/null || true
         find /var/lib/clawdwako/cw-two-* -maxdepth 2 \\( -name openclaw.json -o -path '*/secrets' -o -name secrets.json \\) \
         -printf '%m %u %g\\t%p\\n'",
    );
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for line in found.lines() {
        let (is, path) = line.split_once('\t').unwrap();
        let (is, path) = (kind(is), kind(path));
        // What is more special comes first.
        match places.iter().position(|place| fits(&place.place, &path)) {
            Some(at) if places[at].is == is => drop(met.insert(at)),
            Some(at) => wrong.push(format!("{path} is {is}, not {}", places[at].is)),
            None => wrong.push(format!("{path} ({is}) has no row")),
        }
    }
    let missing = places
        .iter()
        .enumerate()
        .filter(|(at, place)| place.not_always.is_none() && !met.contains(at));
    wrong.extend(missing.map(|(_, place)| format!("{} is not there", place.place)));
    wrong
}
