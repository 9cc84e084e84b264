//! What strace saw of a server, call by call: who did what to which path.

use std::collections::{HashMap, VecDeque};

/// What a process did to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Opened it to read, or asked for it and found nothing.
    Opens,
    /// Opened it to write, or made it.
    Writes,
    /// Ran it.
    Runs,
    /// Connected to it.
    Connects,
    /// Changed what the place is: owner, mode, name, whether it exists.
    Changes,
}

impl Act {
    /// The word for it in a table.
    pub fn word(self) -> &'static str {
        match self {
            Act::Opens => "opens",
            Act::Writes => "writes",
            Act::Runs => "runs",
            Act::Connects => "connects to",
            Act::Changes => "changes",
        }
    }
}

/// Where a process comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The server's first process, also what it does before it becomes the program of a unit.
    Init,
    /// A session of SSH.
    Ssh,
    /// A unit, by its name.
    Unit(String),
    /// None of these: the machine that holds the server.
    Outside,
}

/// One access.
#[derive(Debug, Clone)]
pub struct Access {
    /// The effective user.
    pub uid: u32,
    pub origin: Origin,
    /// The program, without its folder.
    pub program: String,
    pub act: Act,
    /// What was asked for, made absolute; an address for a network connection.
    pub asked: String,
    /// What it turned out to be, if it was opened.
    pub got: Option<String>,
    /// Whether the process has a `/tmp` and a `/dev` of its own.
    pub private: bool,
    /// Whom it was given to, if that is what was changed.
    pub given_to: Option<u32>,
    /// Where it was before, if it was moved.
    pub from: Option<String>,
    /// Who owns the process that a path below `/proc` is of.
    pub of: Option<u32>,
    /// The command line of the program, shortened.
    pub command: String,
}

#[derive(Debug, Clone)]
struct Process {
    uid: u32,
    origin: Origin,
    /// A child of the server's first process that has not become a unit's program yet.
    of_init: bool,
    program: String,
    command: String,
    cwd: String,
    private: bool,
}

/// A call that made a process: by whom, and the number within the server.
struct Birth {
    parent: u32,
    inner: u32,
}

/// Follows a server's processes through the lines of strace.
#[derive(Default)]
pub struct Trace {
    processes: HashMap<u32, Process>,
    births: HashMap<u32, VecDeque<Birth>>,
    /// Births whose child was gone before strace could look its number here up.
    nameless: Vec<(usize, Birth)>,
    number: usize,
    /// Numbers within the server, as numbers on this machine.
    numbers: HashMap<u32, u32>,
    halves: HashMap<u32, String>,
    init: Option<u32>,
    /// Lines that were no call.
    pub unread: Vec<String>,
}

impl Trace {
    /// Reads all lines of a boot; answers what was done, each with the number of its line.
    pub fn read(lines: &[&str]) -> (Vec<(usize, Access)>, Trace) {
        let mut trace = Trace::default();
        // Before that line all processes are this machine's, and have no other number.
        let boot = lines
            .iter()
            .position(|line| line.contains("execve(\"/usr/sbin/sandbox-init\""));
        for (number, line) in lines.iter().enumerate() {
            match birth(line) {
                Some((Some(child), birth)) => trace.births.entry(child).or_default().push_back(birth),
                Some((None, birth)) if boot.is_some_and(|boot| number < boot) => {
                    trace.births.entry(birth.inner).or_default().push_back(birth);
                }
                Some((None, birth)) => trace.nameless.push((number, birth)),
                None => {}
            }
        }
        let mut found = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            trace.number = number;
            found.extend(trace.line(line).into_iter().map(|access| (number, access)));
        }
        (found, trace)
    }

    fn line(&mut self, line: &str) -> Vec<Access> {
        let Some((Ok(pid), rest)) = line
            .split_once(' ')
            .map(|(pid, rest)| (pid.parse::<u32>(), rest.trim_start()))
        else {
            return Vec::new();
        };
        if rest.starts_with("+++") {
            self.processes.remove(&pid);
            return Vec::new();
        }
        if rest.starts_with("---") {
            return Vec::new();
        }
        self.known(pid);
        if let Some((Some(child), _)) = birth(line) {
            self.known(child);
        }
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            self.halves.insert(pid, begun.to_owned());
            return Vec::new();
        }
        match rest.strip_prefix("<... ") {
            Some(end) => {
                let begun = self.halves.remove(&pid).unwrap_or_default();
                let end = end.split_once(" resumed>").map_or("", |(_, end)| end);
                self.call(pid, &format!("{begun}{end}"))
            }
            None => self.call(pid, rest),
        }
    }

    /// Sees to it that a process is known: as its parent is now, when it is seen for the first time.
    fn known(&mut self, pid: u32) {
        if self.processes.contains_key(&pid) {
            return;
        }
        let birth = self
            .births
            .get_mut(&pid)
            .and_then(VecDeque::pop_front)
            .or_else(|| self.nearest());
        let parent = birth.as_ref().and_then(|birth| self.processes.get(&birth.parent));
        let mut process = parent.cloned().unwrap_or(Process {
            uid: 0,
            origin: Origin::Outside,
            of_init: false,
            program: String::new(),
            command: String::new(),
            cwd: "/".into(),
            private: false,
        });
        if let Some(birth) = birth {
            process.of_init = self.init == Some(birth.parent);
            self.numbers.insert(birth.inner, pid);
        }
        self.processes.insert(pid, process);
    }

    fn call(&mut self, pid: u32, text: &str) -> Vec<Access> {
        let parsed = parts(text).and_then(|(call, result)| {
            let (name, args) = call.split_once('(')?;
            Some((name.trim(), args, result))
        });
        let Some((name, args, result)) = parsed else {
            self.unread.push(text.to_owned());
            return Vec::new();
        };
        let failed = result.starts_with('-') || result.starts_with('?');
        if let Some((_, rest)) = args.split_once("AT_FDCWD<")
            && let Some((cwd, _)) = rest.split_once('>')
        {
            self.at(pid).cwd = cwd.to_owned();
        }
        match name {
            "chdir" if !failed => {
                let to = strings(args).into_iter().next().unwrap_or_default();
                self.at(pid).cwd = absolute(&to, &self.processes[&pid].cwd);
            }
            "fchdir" if !failed => self.at(pid).cwd = between(args).unwrap_or_default(),
            "setuid" | "setreuid" | "setresuid" if !failed => self.becomes(pid, name, args),
            "mount" if args.contains("/systemd-private-") => self.at(pid).private = true,
            "execve" | "execveat" => return self.runs(pid, name, args, failed),
            "open" | "openat" | "openat2" | "creat" => return self.opens(pid, name, args, result),
            "connect" => return self.connects(pid, args),
            "fchown" if !failed => {
                let Some(path) = between(args) else { return Vec::new() };
                let mut access = self.access(pid, Act::Changes, path, None);
                access.given_to = owner(args);
                return vec![access];
            }
            "chown" | "lchown" | "chmod" | "truncate" | "mkdir" | "rmdir" | "unlink" | "mknod" | "rename" | "link"
            | "symlink" | "fchownat" | "fchmodat" | "fchmodat2" | "mkdirat" | "unlinkat" | "mknodat" | "renameat"
            | "renameat2" | "linkat" | "symlinkat"
                if !failed =>
            {
                return self.changes(pid, name, args);
            }
            _ => {}
        }
        Vec::new()
    }

    /// The birth without a name that was told nearest to this line.
    fn nearest(&mut self) -> Option<Birth> {
        let number = self.number;
        let near = (0..self.nameless.len()).min_by_key(|&i| self.nameless[i].0.abs_diff(number))?;
        (self.nameless[near].0.abs_diff(number) < 5_000).then(|| self.nameless.remove(near).1)
    }

    fn at(&mut self, pid: u32) -> &mut Process {
        self.processes.get_mut(&pid).expect("known")
    }

    fn becomes(&mut self, pid: u32, name: &str, args: &str) {
        let numbers: Vec<Option<u32>> = args.split(',').map(|n| n.trim().parse().ok()).collect();
        let effective = if name == "setuid" {
            numbers.first()
        } else {
            numbers.get(1)
        };
        if let Some(Some(uid)) = effective {
            self.at(pid).uid = *uid;
        }
    }

    fn runs(&mut self, pid: u32, name: &str, args: &str, failed: bool) -> Vec<Access> {
        let Some(path) = strings(args).into_iter().next() else {
            return Vec::new();
        };
        let path = if path.is_empty() && name == "execveat" {
            between(args).unwrap_or_default()
        } else {
            self.absolute(pid, &path, args)
        };
        let access = self.access(pid, Act::Runs, path.clone(), None);
        if !failed {
            let program = path.rsplit('/').next().unwrap_or_default().to_owned();
            let command = args
                .split_once('[')
                .map_or("", |(_, list)| list.split("], 0x").next().unwrap_or(list));
            let process = self.at(pid);
            if program == "sandbox-init" {
                process.origin = Origin::Init;
            }
            if program == "sshd" {
                process.origin = Origin::Ssh;
            }
            process.program = program;
            process.command = command.chars().take(200).collect();
            process.of_init = false;
            if self.at(pid).origin == Origin::Init && self.init.is_none() {
                self.init = Some(pid);
            }
        }
        vec![access]
    }

    fn opens(&mut self, pid: u32, name: &str, args: &str, result: &str) -> Vec<Access> {
        let Some(path) = strings(args).into_iter().next() else {
            return Vec::new();
        };
        let asked = self.absolute(pid, &path, args);
        // A child of process 1 enters the group of its unit before it becomes its program.
        if self.processes[&pid].of_init
            && let Some((group, _)) = asked.rsplit_once("/cgroup.procs").filter(|_| !result.starts_with('-'))
            && let Some(unit) = group.split('/').find(|p| p.ends_with(".service"))
        {
            self.at(pid).origin = Origin::Unit(unit.to_owned());
        }
        let writes = name == "creat"
            || ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]
                .iter()
                .any(|f| args.contains(f));
        let act = if writes { Act::Writes } else { Act::Opens };
        let got = between(result).filter(|_| !result.starts_with('-'));
        vec![self.access(pid, act, asked, got)]
    }

    fn connects(&mut self, pid: u32, args: &str) -> Vec<Access> {
        let to = |name: &str| {
            let (_, rest) = args.split_once(name)?;
            Some(rest.split(['"', ')']).next()?.to_owned())
        };
        let asked = if let Some(path) = to("sun_path=\"") {
            path
        } else if let Some(name) = to("sun_path=@\"") {
            format!("@{name}")
        } else {
            let address = to("inet_addr(\"").or_else(|| to("inet_pton(AF_INET6, \""));
            match (address, to("_port=htons(")) {
                (Some(address), Some(port)) if port != "0" => format!("{address}:{port}"),
                _ => return Vec::new(),
            }
        };
        vec![self.access(pid, Act::Connects, asked, None)]
    }

    fn changes(&mut self, pid: u32, name: &str, args: &str) -> Vec<Access> {
        // Of a link it is the new name that counts; of a rename both.
        let mut paths = strings(args);
        if matches!(name, "symlink" | "symlinkat" | "link" | "linkat") && paths.len() > 1 {
            paths.remove(0);
        }
        let paths: Vec<String> = paths.iter().map(|path| self.absolute(pid, path, args)).collect();
        let mut found = Vec::new();
        for (number, path) in paths.iter().enumerate() {
            let mut access = self.access(pid, Act::Changes, path.clone(), None);
            access.from = paths.first().filter(|_| number == 1).cloned();
            access.given_to = Some(args).filter(|_| name.contains("chown")).and_then(owner);
            found.push(access);
        }
        found
    }

    /// A path made absolute: by the folder that the call names, else by where the process is.
    fn absolute(&self, pid: u32, path: &str, args: &str) -> String {
        let folder = if args.starts_with('"') { None } else { between(args) };
        absolute(path, folder.as_deref().unwrap_or(&self.processes[&pid].cwd))
    }

    fn access(&mut self, pid: u32, act: Act, asked: String, got: Option<String>) -> Access {
        let of = asked
            .strip_prefix("/proc/")
            .and_then(|rest| rest.split('/').next()?.parse::<u32>().ok())
            .and_then(|inner| self.numbers.get(&inner))
            .and_then(|outer| self.processes.get(outer))
            .map(|process| process.uid);
        let process = &self.processes[&pid];
        Access {
            uid: process.uid,
            origin: process.origin.clone(),
            program: process.program.clone(),
            command: process.command.clone(),
            private: process.private,
            act,
            asked,
            got,
            of,
            given_to: None,
            from: None,
        }
    }
}

/// The new owner in the arguments of a chown: the number after the path.
fn owner(args: &str) -> Option<u32> {
    let numbers = args.rsplit_once(['"', '>'])?.1;
    numbers.split(',').nth(1)?.trim().parse().ok()
}

/// The quoted strings of a call, with what strace escapes put back.
fn strings(args: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = args.chars().peekable();
    let mut depth = 0_i32;
    while let Some(c) = chars.next() {
        match c {
            // A path of a descriptor, which may hold a quote.
            '<' => depth += 1,
            '>' => depth -= 1,
            '"' if depth <= 0 => {
                let mut text = Vec::new();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => text.push(escaped(&mut chars)),
                        c => text.extend(c.to_string().bytes()),
                    }
                }
                found.push(String::from_utf8_lossy(&text).into_owned());
            }
            _ => {}
        }
    }
    found
}

fn escaped(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> u8 {
    let Some(c) = chars.next() else { return b'\\' };
    match c {
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        'v' => 11,
        'f' => 12,
        '0'..='7' => {
            let mut value = c.to_digit(8).unwrap_or(0);
            while let Some(d) = chars.peek().and_then(|c| c.to_digit(8)).filter(|_| value < 32) {
                value = value * 8 + d;
                chars.next();
            }
            u8::try_from(value & 255).unwrap_or(b'?')
        }
        c => u8::try_from(u32::from(c)).unwrap_or(b'?'),
    }
}

/// What stands in the first pair of angle brackets: the path of a descriptor.
fn between(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('<')?;
    let path = rest.split_once('>')?.0;
    path.starts_with('/')
        .then(|| path.trim_end_matches(" (deleted)").to_owned())
}

fn absolute(path: &str, folder: &str) -> String {
    let whole = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A call without its closing bracket, and what it answered; strace lines the answers up.
fn parts(text: &str) -> Option<(&str, &str)> {
    text.rmatch_indices(" = ").find_map(|(at, _)| {
        let call = text[..at].trim_end().strip_suffix(')')?;
        Some((call, &text[at + 3..]))
    })
}

/// The process that a line tells the birth of, by its number on this machine.
fn birth(line: &str) -> Option<(Option<u32>, Birth)> {
    let (parent, rest) = line.split_once(' ')?;
    let call = rest.trim_start().trim_start_matches("<... ");
    if !["clone", "fork", "vfork"].iter().any(|name| call.starts_with(name)) {
        return None;
    }
    let result = parts(line)?.1;
    let inner = result.split_whitespace().next()?.parse().ok()?;
    let outer = result
        .split_once("/* ")
        .and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
    let parent = parent.parse().ok()?;
    Some((outer, Birth { parent, inner }))
}
