//! Who could have put something at a place of a server: by owners, modes and links of all that lies
//! on the way to it, before and after.

use super::trace::{Access, Act};
use std::collections::{HashMap, HashSet};

/// Lists what is not root's alone, and links, an entry each: owner, group, mode, kind, path, target.
/// Also what lies in folders where everybody may put things; and the users and groups.
pub const LIST: &str = r#"
find / /run /tmp /dev /dev/shm -xdev -ignore_readdir_race \
  \( ! -user root -o ! -type l -perm /022 -o -type l ! -path '*/node_modules/*' \) \
  -printf '%U %G %m %y %p\t%l\0'
find /tmp /var/tmp /dev/shm /run/lock -mindepth 1 -maxdepth 1 -ignore_readdir_race -printf '%U %G %m %y %p\t%l\0'
sed 's/$/\x00/' /etc/passwd | tr -d '\n'
"#;

/// Who could have put something at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writer {
    /// This user alone, besides root.
    User(u32),
    /// Everybody who has an account on the server, and every bot.
    Anyone,
}

#[derive(Debug, Clone)]
struct Entry {
    uid: u32,
    gid: u32,
    mode: u32,
    kind: char,
    target: String,
}

/// A server's places at one moment.
#[derive(Debug, Clone, Default)]
pub struct Places {
    entries: HashMap<String, Entry>,
    /// Groups in which somebody is whose number is not 0.
    peopled: HashSet<u32>,
    /// Names of users.
    pub names: HashMap<u32, String>,
}

impl Places {
    /// Reads what [`LIST`] printed.
    pub fn read(text: &[u8]) -> Places {
        let mut places = Places::default();
        for line in text.split(|byte| *byte == 0) {
            let line = String::from_utf8_lossy(line);
            let user: Vec<&str> = line.split(':').collect();
            if let [name, _, uid, gid, _, _, _] = user[..]
                && let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse())
            {
                places.names.insert(uid, name.trim().to_owned());
                if uid != 0 {
                    places.peopled.insert(gid);
                }
                continue;
            }
            let mut words = line.splitn(5, ' ');
            let mut number = |radix| u32::from_str_radix(words.next()?, radix).ok();
            let (Some(uid), Some(gid), Some(mode)) = (number(10), number(10), number(8)) else {
                continue;
            };
            let (Some(kind), Some(rest)) = (words.next(), words.next()) else {
                continue;
            };
            let (path, target) = rest.split_once('\t').unwrap_or((rest, ""));
            let kind = kind.chars().next().unwrap_or('?');
            let target = target.to_owned();
            places.entries.insert(
                path.to_owned(),
                Entry {
                    uid,
                    gid,
                    mode,
                    kind,
                    target,
                },
            );
        }
        places.peopled.remove(&0);
        places
    }

    /// Who could have put something at a path, or at anything that leads there.
    pub fn writer(&self, path: &str) -> Option<Writer> {
        self.walk(path, 0)
    }

    fn walk(&self, path: &str, links: usize) -> Option<Writer> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut place = String::new();
        // Whether everybody may put things into the folder where we are, others' names left alone.
        let mut shared = false;
        for (at, part) in parts.iter().enumerate() {
            place = format!("{place}/{part}");
            let entry = self.entries.get(&place);
            let Some(entry) = entry else {
                if shared {
                    return Some(Writer::Anyone);
                }
                continue;
            };
            if entry.uid != 0 {
                return Some(Writer::User(entry.uid));
            }
            shared = false;
            if entry.kind == 'l' {
                let rest = parts[at + 1..].join("/");
                let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
                let to = if entry.target.starts_with('/') {
                    format!("{}/{rest}", entry.target)
                } else {
                    format!("{parent}/{}/{rest}", entry.target)
                };
                return if links < 20 {
                    self.walk(&plain(&to), links + 1)
                } else {
                    None
                };
            }
            // To say something to a socket or a device is not to change it.
            if matches!(entry.kind, 's' | 'c' | 'b') {
                continue;
            }
            let others = entry.mode & 0o002 != 0 || (entry.mode & 0o020 != 0 && self.peopled.contains(&entry.gid));
            if others && (entry.kind != 'd' || entry.mode & 0o1000 == 0) {
                return Some(Writer::Anyone);
            }
            shared = others;
        }
        None
    }
}

/// A path without dots.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What was given to somebody, and where it was moved, since it was looked at last.
#[derive(Debug, Default)]
pub struct Given(HashMap<String, u32>);

impl Given {
    /// Takes an access in.
    pub fn note(&mut self, access: &Access) {
        if let Some(from) = &access.from
            && let Some(owner) = self.owner(from)
        {
            self.0.insert(access.asked.clone(), owner);
        }
        match access.given_to {
            Some(0) => drop(self.0.remove(&access.asked)),
            Some(uid) => drop(self.0.insert(access.asked.clone(), uid)),
            None => {}
        }
    }

    /// Whose a path is, or one that leads there.
    fn owner(&self, path: &str) -> Option<u32> {
        let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
        ends.filter_map(|at| self.0.get(&path[..at])).next().copied()
    }
}

/// Whom an access trusts that is neither root nor who does it; and at which place.
pub fn trusts(access: &Access, before: &Places, after: &Places, given: &Given) -> Option<(Writer, String)> {
    let found = if access.act == Act::Connects && !access.asked.starts_with('/') {
        let loopback = ["127.", "::1:", "::ffff:127."]
            .iter()
            .any(|own| access.asked.starts_with(own));
        let port = access
            .asked
            .rsplit(':')
            .next()
            .and_then(|port| port.parse::<u32>().ok());
        // Only root listens at a port below that.
        let open = access.asked.starts_with('@') || (loopback && port.is_some_and(|port| port >= 1024));
        open.then(|| (Writer::Anyone, access.asked.clone()))
    } else if access.asked.starts_with("/proc/") {
        let of = access.of.filter(|uid| *uid != 0);
        of.map(|uid| (Writer::User(uid), access.asked.clone()))
    } else {
        let paths = [Some(&access.asked), access.got.as_ref()];
        let mut reached = paths.into_iter().flatten().filter(|path| !apart(access, path));
        reached.find_map(|path| {
            let writer = before
                .writer(path)
                .or_else(|| after.writer(path))
                .or_else(|| given.owner(path).map(Writer::User))?;
            Some((writer, path.clone()))
        })
    };
    found.filter(|(writer, _)| *writer != Writer::User(access.uid))
}

/// Whether a place is one that the process has for itself under this name.
fn apart(access: &Access, path: &str) -> bool {
    access.private
        && ["/tmp", "/var/tmp", "/dev"]
            .iter()
            .any(|own| path == *own || path.starts_with(&format!("{own}/")))
}
