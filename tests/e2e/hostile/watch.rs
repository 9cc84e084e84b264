//! strace from outside: all of a sandbox's servers run under it, from their first process on.
//!
//! What a shell script begins through systemd is no child of sshd, so that to follow sshd alone
//! would miss it. Of system calls that tell nothing here strace hears nothing (`--seccomp-bpf`),
//! which makes it cost no time that could be measured; it takes setuid programs away from the
//! server, of which our scripts use none.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The calls that open, run, connect or change something, and those that tell who does.
const CALLS: &str = "open,openat,openat2,creat,execve,execveat,connect,mount,chdir,fchdir,clone,clone3,fork,vfork,\
    setuid,setreuid,setresuid,chown,lchown,fchown,fchownat,chmod,fchmodat,truncate,mkdir,mkdirat,rmdir,unlink,unlinkat,\
    mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat";

/// A place before the others in PATH, where systemd-nspawn begins with strace.
pub struct Watch {
    folder: PathBuf,
    _folder: Option<tempfile::TempDir>,
    first: tempfile::TempDir,
}

/// How much of what strace wrote was there at a moment: of which boot, and so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(pub usize, pub usize);

impl Watch {
    /// Begins to watch what is booted from now on.
    ///
    /// # Errors
    /// Why this machine does not let strace look.
    pub fn new() -> Result<Watch, String> {
        let look = Command::new("strace")
            .args([
                "-D",
                "-f",
                "-q",
                "--seccomp-bpf",
                "-e",
                "trace=execve",
                "-o",
                "/dev/null",
                "true",
            ])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("strace does not start: {e}"))?;
        if !look.status.success() {
            return Err(format!(
                "strace may not look: {}",
                String::from_utf8_lossy(&look.stderr).trim()
            ));
        }
        // Kept where this names a folder, for a look at what the test said.
        let kept = std::env::var_os("CLAWDWAKO_TEST_TRACES").map(PathBuf::from);
        let made = kept.is_none().then(|| tempfile::tempdir().unwrap());
        let folder = kept.unwrap_or_else(|| made.as_ref().unwrap().path().to_owned());
        fs::create_dir_all(folder.join("places")).unwrap();
        let watch = Watch {
            folder,
            _folder: made,
            first: tempfile::tempdir().unwrap(),
        };
        let nspawn = watch.first.path().join("systemd-nspawn");
        let path = std::env::var("PATH").unwrap();
        // -D: the server's holder stays the process that the sandbox started.
        let text = format!(
            "#!/bin/sh\nPATH='{path}'\n\
             exec strace -D -f -q --seccomp-bpf -e signal=none -e 'trace={CALLS}' -y --decode-pids=pidns -s 200 \
             -o '{folder}/'$(date +%s%N) systemd-nspawn \"$@\"\n",
            folder = watch.folder.display(),
        );
        fs::write(&nspawn, text).unwrap();
        fs::set_permissions(&nspawn, fs::Permissions::from_mode(0o755)).unwrap();
        Ok(watch)
    }

    /// What PATH must be for the sandbox.
    pub fn path(&self) -> OsString {
        let mut path = self.first.path().as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        path
    }

    /// What strace wrote, a file a boot, the first boot first.
    pub fn boots(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|file| file.is_file())
            .collect();
        files.sort();
        files
    }

    /// This moment.
    pub fn mark(&self) -> Mark {
        let boots = self.boots();
        let length = boots.last().map_or(0, |file| fs::metadata(file).unwrap().len());
        Mark(boots.len().saturating_sub(1), usize::try_from(length).unwrap())
    }

    /// Keeps what lay on the server at a moment beside what strace wrote.
    pub fn keep(&self, name: &str, places: &[u8]) {
        fs::write(self.folder.join("places").join(name), places).unwrap();
    }
}
