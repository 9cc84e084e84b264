//! A sandbox's server as root of this machine sees it, past SSH and past the network.

use super::world::World;
use std::process::{Command, Output};
use std::time::Duration;

/// What of us is on a server: whatever bears our name, or belongs to a user that is no more. Left
/// out is the folder of locks in memory, which the next run of a script needs and the next boot has
/// not.
const OURS: &str = r#"
find / /run /tmp /dev/shm -xdev -ignore_readdir_race -path /var/log -prune -o \
  \( -name '*clawdwako*' -o -name 'cw-*' -o -nouser -o -nogroup \) ! -path /run/clawdwako -print
getent passwd | sed -n 's/^\(cw-[^:]*\|clawdwako[^:]*\):.*/user \1/p'
getent group | sed -n 's/^\(clawdwako[^:]*\):.*/group \1/p'
if command -v nft >/dev/null; then nft list tables | sed -n '/clawdwako/p'; fi
systemctl list-units --all --no-legend --type=service '*clawdwako*'
sed -n '/clawdwako/p' /etc/fstab /etc/ssh/sshd_config"#;

/// What of the user's own we have no business with, as checksums.
const THEIRS: &str = r#"
find /etc/ssh /root/.ssh /etc/apt /etc/fstab /etc/hosts -type f -exec sha256sum {} + | sort -k 2"#;

impl World {
    /// Runs a script on the one server as its root; two minutes at most.
    pub fn on_server(&self, script: &str) -> Output {
        let leader = self.leader();
        Command::new("timeout")
            .args(["120", "nsenter"])
            .args(["--target", &leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--"])
            .args(["bash", "-euo", "pipefail", "-c", script])
            .output()
            .unwrap()
    }

    /// The same; it must end well.
    #[track_caller]
    pub fn must_on_server(&self, script: &str) -> String {
        let ended = self.on_server(script);
        assert!(ended.status.success(), "{script}: {ended:?}");
        String::from_utf8_lossy(&ended.stdout).into_owned()
    }

    /// What of us is on the server, a line each.
    pub fn ours_on_server(&self) -> String {
        self.must_on_server(OURS)
    }

    /// The user's own files that a deployment must leave as they are, with their checksums.
    pub fn theirs_on_server(&self) -> String {
        self.must_on_server(THEIRS)
    }

    /// The server's first process, as this machine counts.
    pub fn leader(&self) -> String {
        let pattern = format!("^systemd-nspawn .* -M {} ", self.host());
        let mut leader = String::new();
        self.until("the server has a first process", Duration::from_secs(60), || {
            let boot = first_line("pgrep", &["-f", &pattern]).ok_or("no systemd-nspawn")?;
            leader = lines("pgrep", &["-P", &boot])
                .into_iter()
                .find(|pid| is_first(pid))
                .ok_or("no first process in it")?;
            Ok(())
        });
        leader
    }
}

/// Whether it is the first process of a PID namespace: before that one, systemd-nspawn has another
/// child, which only makes it.
fn is_first(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    numbers.is_some_and(|n| n.split_whitespace().nth(1).is_some() && n.split_whitespace().last() == Some("1"))
}

fn first_line(program: &str, args: &[&str]) -> Option<String> {
    lines(program, args).into_iter().next()
}

fn lines(program: &str, args: &[&str]) -> Vec<String> {
    let found = Command::new(program).args(args).output().unwrap();
    String::from_utf8_lossy(&found.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}
