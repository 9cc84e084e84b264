//! Small JSON files that tell what has to be removed, or where a process is.

use crate::error::{Error, Kind, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;

/// Writes a record so that a reader sees the old one or the new one, never half of it. Only
/// its owner can read it.
///
/// # Errors
/// `io` if it cannot be written.
pub fn write(path: &Path, record: &impl Serialize) -> Result<()> {
    crate::private::replace(path, &serde_json::to_vec_pretty(record)?)
}

/// Reads a record; none if there is no such file.
///
/// # Errors
/// `io` if it cannot be read or understood.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let fail = || Error::new(Kind::Io, format!("cannot read {}", path.display()));
    match std::fs::read(path) {
        Ok(bytes) => {
            let parsed = serde_json::from_slice(&bytes);
            parsed.map(Some).map_err(|e| fail().because(Error::from(e)))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(fail().because(e)),
    }
}

/// A process, told apart from a later one with the same number by its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since the machine's start.
    pub started: u64,
}

impl Process {
    /// This process.
    ///
    /// # Errors
    /// `io` if /proc does not tell.
    pub fn this() -> Result<Process> {
        let pid = std::process::id();
        let started = start_of(pid).ok_or_else(|| Error::new(Kind::Io, "/proc does not tell when we started"))?;
        Ok(Process { pid, started })
    }

    /// Whether it still runs. A zombie does not.
    pub fn alive(self) -> bool {
        start_of(self.pid) == Some(self.started)
    }
}

/// Reads when a live process started.
fn start_of(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and can hold spaces and parentheses; the state follows it.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    match *fields.first()? {
        "Z" | "X" => None,
        _ => fields.get(19)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn records_are_private_and_replace_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        assert_eq!(read::<u32>(&path).unwrap(), None);
        write(&path, &1).unwrap();
        write(&path, &2).unwrap();
        assert_eq!(read::<u32>(&path).unwrap(), Some(2));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "half of").unwrap();
        assert_eq!(read::<u32>(&path).unwrap_err().kind(), Kind::Io);
    }

    #[test]
    fn a_process_is_its_number_and_its_start() {
        let this = Process::this().unwrap();
        assert!(this.alive());
        assert!(
            !Process {
                started: this.started + 1,
                ..this
            }
            .alive()
        );
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let child_record = Process {
            pid: child.id(),
            started: start_of(child.id()).unwrap_or(0),
        };
        child.wait().unwrap();
        assert!(!child_record.alive());
    }
}
