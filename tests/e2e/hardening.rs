//! What the server of a deployment is like from outside and from within, as a test that has one
//! looks at it.

use super::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How much a unit may be exposed, by systemd's own measure: 0 is nothing, 10 everything.
pub const EXPOSURE: f64 = 1.7;
/// How long a port may take to be found open, and the one that must be.
const OPEN: Duration = Duration::from_millis(700);
const SSH: (u16, Duration) = (22, Duration::from_secs(30));

/// The figure in the last line of `systemd-analyze security`.
pub fn exposure(told: &str) -> f64 {
    let figure = told.split_whitespace().find_map(|word| word.parse().ok());
    figure.unwrap_or_else(|| panic!("no figure in {told}"))
}

/// The one bot of a world, on a server that was rented for it.
pub struct Server<'a> {
    world: &'a World,
    name: &'a str,
    user: String,
}

/// Checks everything. The server is changed by it: an address more.
pub fn holds(world: &World, name: &str) {
    let status = world.json(&["status", name]);
    let server = Server {
        world,
        name,
        user: status["agent"]["facts"]["user"].as_str().unwrap().to_owned(),
    };
    server.is_on_record(&status["agent"]["facts"]);
    server.unit_is_hardened();
    server.files_are_private();
    server.secrets_are_closed_to_other_bots();
    server.only_ssh_is_open();
    // All of it, and it still answers.
    assert!(world.chat(name, "still well?").contains("still well?"));
}

impl Server<'_> {
    /// What root's shell prints on the server.
    #[track_caller]
    fn told(&self, command: &str) -> String {
        let ran = self.world.run(&["ssh", self.name, "--sandbox", "--", command]).ok();
        ran.out.trim().to_owned()
    }

    /// The exit code of a command there.
    fn code(&self, command: &str) -> Option<i32> {
        self.world.run(&["ssh", self.name, "--sandbox", "--", command]).code
    }

    /// Versions and hashes in the record are those of what runs.
    fn is_on_record(&self, facts: &Value) {
        let fact = |name: &str| facts[name].as_str().unwrap_or_else(|| panic!("{name} in {facts}"));
        let (version, node) = (fact("version"), fact("node"));
        let folder = "/opt/clawdwako";
        assert!(fact("integrity").starts_with("sha512-"), "{facts}");
        assert_eq!(
            self.told(&format!("cat {folder}/openclaw/{version}/.integrity")),
            fact("integrity")
        );
        assert_eq!(fact("node_sha256").len(), 64, "{facts}");
        assert_eq!(
            self.told(&format!("cat {folder}/node/{node}/.archive-sha256")),
            fact("node_sha256")
        );
        let runs = self.told(&format!(
            "readlink -f /proc/$(systemctl show -p MainPID --value clawdwako-{}.service)/exe",
            self.user
        ));
        assert_eq!(runs, format!("{folder}/node/{node}/bin/node"));
        self.packages_are_on_record(facts);
    }

    /// Everything that npm put there is in the record, the agent itself as it was resolved.
    fn packages_are_on_record(&self, facts: &Value) {
        let told = self.world.json(&["status", self.name, "--packages"]);
        let sum = json!({"count": told["count"], "sha256": told["sha256"]});
        assert_eq!(sum, facts["packages"]);
        let packages = told["packages"].as_array().unwrap();
        let agent = json!({"name": "openclaw", "version": facts["version"], "integrity": facts["integrity"]});
        assert!(packages.contains(&agent), "{packages:?}");
        // The folders themselves say the same.
        let names: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
        let folders = self.told("cd /opt/clawdwako/openclaw/*/node_modules && ls -d [!@]* @*/*");
        let absent: Vec<&str> = folders.lines().filter(|f| !names.contains(f)).collect();
        println!(
            "FIGURE {} packages on a server; folders of another name: {absent:?}",
            packages.len()
        );
        assert!(folders.lines().count() > 100, "{folders}");
        // npm lets a package stand under another name.
        assert!(absent.len() * 50 < folders.lines().count(), "{absent:?}");
        let hashed = packages.iter().filter(|p| p["integrity"].is_string()).count();
        assert!(
            hashed * 10 > packages.len() * 9,
            "{hashed} of {} have a hash",
            packages.len()
        );
    }

    fn unit_is_hardened(&self) {
        let told = self.told(&format!(
            "systemd-analyze security --no-pager clawdwako-{}.service | tail -1",
            self.user
        ));
        println!("FIGURE exposure of the agent's unit: {told}");
        assert!(exposure(&told) <= EXPOSURE, "{told}");
    }

    /// Each path's mode and owner, and that what the agent runs is not its own.
    fn files_are_private(&self) {
        let (user, state) = (&self.user, format!("/var/lib/clawdwako/{}", self.user));
        for (path, wanted) in [
            (state.clone(), format!("700 {user} clawdwako")),
            (format!("{state}/openclaw.json"), format!("600 {user} clawdwako")),
            (format!("{state}/secrets/secrets.json"), format!("600 {user} clawdwako")),
            ("/opt/clawdwako".into(), "755 root root".into()),
            (format!("/opt/clawdwako/bots/{user}"), "755 root root".into()),
            (format!("/opt/clawdwako/bots/{user}/port"), "600 root root".into()),
            (
                format!("/etc/systemd/system/clawdwako-{user}.service"),
                "644 root root".into(),
            ),
            ("/etc/clawdwako/firewall.nft".into(), "600 root root".into()),
            ("/run/clawdwako".into(), "700 root root".into()),
            ("/etc/ssh/ssh_host_ed25519_key".into(), "600 root root".into()),
        ] {
            assert_eq!(self.told(&format!("stat -c '%a %U %G' {path}")), wanted, "{path}");
        }
        let found = self.told("find /opt/clawdwako -xdev ! -type l \\( -perm /022 -o ! -user root \\) | head -5");
        assert_eq!(found, "", "the agent could change what it runs");
        assert_eq!(
            self.told(&format!("ls -d /var/cache/clawdwako/{user} 2>/dev/null || true")),
            ""
        );
        let sshd = self.told("sshd -T");
        for line in [
            "passwordauthentication no",
            "permitemptypasswords no",
            "x11forwarding no",
            "allowagentforwarding no",
            "logingracetime 30",
        ] {
            assert!(sshd.lines().any(|l| l == line), "{line}");
        }
        // npm ran as a user of its own, of which nothing is left, and read and wrote nothing of root's.
        let left = "/opt/clawdwako/.npm-work /var/cache/clawdwako/npm /root/.npm /root/.npmrc /tmp/node-compile-cache";
        let found = self.told(&format!(
            "ls -d {left} 2>/dev/null; pgrep -u clawdwako-npm; id -Gn clawdwako-npm"
        ));
        assert_eq!(found, "clawdwako-npm");
    }

    /// Another bot's user is of the same group, and still sees nothing of this one.
    fn secrets_are_closed_to_other_bots(&self) {
        let state = format!("/var/lib/clawdwako/{}", self.user);
        let other = "setpriv --reuid=nobody --regid=clawdwako --clear-groups --no-new-privs";
        let pid = format!("$(systemctl show -p MainPID --value clawdwako-{}.service)", self.user);
        for path in [
            state.clone(),
            format!("{state}/secrets/secrets.json"),
            format!("{state}/openclaw.json"),
            format!("/proc/{pid}/environ"),
            format!("/proc/{pid}/fd"),
            "/etc/ssh/ssh_host_ed25519_key".into(),
            "/root".into(),
        ] {
            assert_eq!(
                self.code(&format!("test -e {path} && ! {other} ls {path}/")),
                Some(0),
                "{path}"
            );
            assert_eq!(
                self.code(&format!("! {other} cat {path} >/dev/null")),
                Some(0),
                "{path}"
            );
        }
        // Within its unit, the agent sees no process but its own, and neither /home nor /root.
        let inside = format!(
            "nsenter -t {pid} -m setpriv --reuid={} --regid=clawdwako --clear-groups",
            self.user
        );
        let seen = self.told(&format!(
            "{inside} sh -c 'for p in /proc/[0-9]*; do stat -c %U $p 2>/dev/null; done' | sort -u"
        ));
        assert_eq!(seen, self.user, "processes of others");
        assert_eq!(self.code(&format!("! {inside} ls /root")), Some(0));
    }

    /// From this machine: the ports that everybody tries, the agent's own, and all that listen.
    fn only_ssh_is_open(&self) {
        let address: IpAddr = self
            .told("ip -4 -o addr show scope global | awk '{sub(\"/.*\", \"\", $4); print $4; exit}'")
            .parse()
            .unwrap();
        let gateway: u16 = self
            .told(&format!("cat /opt/clawdwako/bots/{}/port", self.user))
            .parse()
            .unwrap();
        let listening = self.told("ss -Hltn | awk '{n = split($4, a, \":\"); print a[n]}'");
        let mut ports: Vec<u16> = (1..=1024).chain(gateway..=gateway + 120).collect();
        ports.extend(listening.lines().map(|port| port.parse::<u16>().unwrap()));
        // A port that would answer, were there no firewall.
        self.told(
            "systemd-run -q --unit=open python3 -m http.server 8081 && \
             timeout 20 sh -c 'until ss -Hltn | grep -q :8081; do sleep 0.1; done'",
        );
        ports.extend([3000, 5432, 8080, 8081, 9090]);
        ports.sort_unstable();
        ports.dedup();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let open = runtime.block_on(async {
            let mut open = Vec::new();
            for some in ports.chunks(400) {
                let mut tries = JoinSet::new();
                for &port in some {
                    tries.spawn(async move {
                        let to = TcpStream::connect(SocketAddr::new(address, port));
                        let wait = if port == SSH.0 { SSH.1 } else { OPEN };
                        matches!(tokio::time::timeout(wait, to).await, Ok(Ok(_))).then_some(port)
                    });
                }
                open.extend(tries.join_all().await.into_iter().flatten());
            }
            open
        });
        self.told("systemctl stop open");
        assert_eq!(open, [SSH.0], "open from outside");
    }
}
