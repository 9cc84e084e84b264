//! What shuts an agent in, on a server that this version set up and on one of the version before.

use super::hardening::{EXPOSURE, exposure};
use super::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clawdwako::openclaw::unit;
use clawdwako::ssh::script::quote;
use serde_json::{Value, json};

const COMMON: &str = include_str!("../../assets/host/common.sh");
const KNOCK: &str = include_str!("../../assets/host/knock.sh");
const ASK_AGENT: &str = include_str!("../../assets/host/ask_agent.sh");
/// The unit as the version before the cage's second generation wrote it.
const FIRST_UNIT: &str = include_str!("fixtures/unit-cage-1.service");
/// The firewall of that version.
const FIRST_FIREWALL: &str = include_str!("fixtures/firewall-cage-1.nft");
/// Says in Python who listens, or who asks and what came of it.
const TALK: &str = include_str!("fixtures/talk.py");
/// Stands for a cloud's metadata: an address of the sandbox's range, on the server's own loopback.
const METADATA: &str = "198.18.255.254";

#[test]
fn an_agent_stays_in_its_cage_and_an_older_server_gets_one() {
    let world = World::up();
    world.deploy("demo", "hetzner", &[]);
    let status = world.json(&["status", "demo"]);
    assert_eq!(status["health"]["cage"]["safe"], true, "{status}");
    let user = status["agent"]["facts"]["user"].as_str().unwrap().to_owned();
    let server = Server { world: &world, user };
    server.transient_units_are_as_tight();
    server.its_command_line_answers();
    server.metadata_is_out_of_reach();
    server.ports_are_for_their_own_user();
    server.the_firewall_outlives_another();

    for verb in [
        &["restart", "demo"][..],
        &["resume", "demo"][..],
        &["set", "demo", "model=claude-haiku", "--yes"][..],
    ] {
        server.becomes_of_the_first_generation();
        server.is_named();
        world.json(verb);
        server.is_safe();
    }
    assert!(world.chat("demo", "still well?").contains("still well?"));
}

struct Server<'a> {
    world: &'a World,
    user: String,
}

impl Server<'_> {
    /// What root's shell on the server prints; `as_bot` of our scripts is at hand there.
    #[track_caller]
    fn told(&self, body: &str) -> String {
        let (user, cage) = (&self.user, quote(&unit::cage(&self.user).join("\n")));
        let script = format!(
            "{COMMON}\nBOT_USER={user} CAGE={cage}\nbot_paths\n\
             other() {{ local uid=$1; shift; setpriv --reuid=$uid --regid=clawdwako --clear-groups \"$@\"; }}\n{body}"
        );
        self.world.must_on_server(&script).trim().to_owned()
    }

    /// What we run in the agent's name: as the agent's own unit is, cut off, and over in time.
    fn transient_units_are_as_tight(&self) {
        let told = self.told(
            "as_bot -w -t 60 sleep 50 >&2 &
            for _ in $(seq 100); do
              name=$(systemctl list-units --plain --no-legend 'clawdwako-work-*' | awk '{print $1}')
              [ -z \"$name\" ] || break
              sleep 0.1
            done
            systemd-analyze security --no-pager \"$name\" | tail -1
            end_stale_work
            wait || true
            systemctl list-units --no-legend 'clawdwako-work-*'",
        );
        println!("FIGURE exposure of a transient unit: {told}");
        assert!(exposure(&told) <= EXPOSURE, "{told}");
        assert_eq!(told.lines().count(), 1, "it is still there after its end: {told}");

        let status = self.told("as_bot grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status");
        for line in ["CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"] {
            assert!(status.contains(line), "{status}");
        }
        let odd = "$HOME ${HOME} $$ %n \\ \" a  b";
        assert_eq!(
            self.told(&format!("as_bot printf %s {}; as_bot printf %s '$USER'", quote(odd))),
            format!("{odd}$USER")
        );
        assert_eq!(self.told("as_bot -n 5 yes 123 || true"), "123\n1");
        assert_eq!(self.told("as_bot -t 1 sleep 40 || echo over"), "over");
        assert_eq!(
            self.told("echo in | as_bot -i cat; as_bot bash -c 'exit 7' || echo $?"),
            "in\n7"
        );
        // No descriptor of root's but pipes, in which nothing that it says passes for our words.
        let open = self.told("as_bot bash -c 'for fd in 0 1 2 8 9; do readlink /proc/$$/fd/$fd || true; done'");
        assert!(
            open.lines().all(|to| to.starts_with("pipe:")) && open.lines().count() == 3,
            "{open}"
        );
        for forbidden in [
            "touch /etc/x",
            "ls /root",
            "cat $BOT_DIR/port",
            "cat /etc/clawdwako/firewall.nft",
        ] {
            let told = self.told(&format!("as_bot {forbidden} >&2 || echo no"));
            assert_eq!(told, "no", "{forbidden}");
        }
    }

    /// An agent whose gateway speaks a protocol that is not known here is asked so.
    fn its_command_line_answers(&self) {
        for (ask, holds) in [
            ("health", "\"channels\""),
            ("usage", "\"totals\""),
            ("turn", "\"ok\": true"),
        ] {
            let told = self.told(&format!(
                "{KNOCK}\nASK={ask} WAIT=60 PROMPT='Say ready.'\nask() {{\n{ASK_AGENT}\n}}\nask"
            ));
            let fact = |name: &str| {
                let line = told.lines().find_map(|l| l.strip_prefix(&format!("::fact {name}=")));
                line.unwrap_or_else(|| panic!("{ask}: no {name}: {told}")).to_owned()
            };
            let answer = STANDARD.decode(fact("answer")).unwrap();
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert!(fact("exit") == "0" && answer.contains(holds), "{ask}: {told}\n{answer}");
        }
    }

    /// By the unit, for the agent and for what we run in its name, with the firewall's table gone;
    /// and by the firewall, for whatever else its user may run.
    fn metadata_is_out_of_reach(&self) {
        let shown = self.told("systemctl show -p IPAddressDeny --value $UNIT");
        for address in unit::METADATA {
            let denied = |s: &str| s.split_once('/').is_some_and(|(a, _)| a == address);
            assert!(shown.split_whitespace().any(denied), "{address}: {shown}");
        }
        self.told(&format!(
            "ip addr replace {METADATA}/32 dev lo
            systemd-run -q --unit=metadata python3 -m http.server 80 --bind {METADATA}
            timeout 20 sh -c 'until ss -Hltn | grep -q {METADATA}:80; do sleep 0.1; done'
            mkdir -p /run/systemd/system/clawdwako-.service.d
            printf '[Service]\\nIPAddressDeny={METADATA}\\n' >/run/systemd/system/clawdwako-.service.d/deny.conf
            systemctl daemon-reload
            nft delete table inet clawdwako"
        ));
        let ask = format!("curl -s -m 2 -o /dev/null -w %{{http_code}} http://{METADATA}/");
        let alike = format!("setpriv --reuid={} --regid=clawdwako --clear-groups {ask}", self.user);
        let inside = format!(
            "group=$(systemctl show -p ControlGroup --value $UNIT)
            for root in /sys/fs/cgroup/unified /sys/fs/cgroup; do [ ! -e $root$group/cgroup.procs ] || break; done
            bash -c \"echo \\$\\$ >$root$group/cgroup.procs && exec {alike}\" || true"
        );
        let transient = format!("as_bot {ask} || true");
        assert_eq!(
            self.told(&format!("{alike} || true")),
            "200",
            "nothing keeps others away"
        );
        assert_eq!(self.told(&inside), "000", "the agent's unit");
        assert_eq!(self.told(&transient), "000", "a transient unit");
        // It was the unit that kept them away.
        self.told("rm /run/systemd/system/clawdwako-.service.d/deny.conf; systemctl daemon-reload");
        assert_eq!(self.told(&inside), "200");
        assert_eq!(self.told(&transient), "200");

        self.told(&format!(
            "sed 's/169.254.169.254/{METADATA}/' /etc/clawdwako/firewall.nft | nft -f -"
        ));
        assert_eq!(self.told(&ask), "200", "root reaches it");
        assert_eq!(
            self.told(&format!("{alike} || echo \" $?\"")),
            "000 7",
            "refused at once"
        );
        self.told(&format!(
            "systemctl reload clawdwako-firewall; systemctl stop metadata; ip addr del {METADATA}/32 dev lo"
        ));
    }

    /// In the bot's range nobody else is answered, listening or connecting, by IPv4 and by IPv6.
    fn ports_are_for_their_own_user(&self) {
        let talk = quote(TALK);
        let told = self.told(&format!(
            "talk={talk} own=$(id -u $BOT_USER) port=$(cat $BOT_DIR/port)
            for host in 127.0.0.1 ::1; do
              for who in $own 65534; do
                port=$((port + 1))
                other $who python3 -c \"$talk\" listen $host $port & pid=$!
                for _ in $(seq 100); do ! ss -Hltn \"sport = $port\" | grep . >/dev/null || break; sleep 0.1; done
                for asks in 0 $own 65534; do other $asks python3 -c \"$talk\" ask $host $port; done
                kill $pid
                wait $pid || true
              done
            done"
        ));
        let own = ["5000000", "5000000", "Connection refused"];
        let thief = ["silence", "silence", "Connection refused"];
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines, [own, thief, own, thief].concat());
    }

    /// Debian's own firewall unit, with its stock rules, empties everything when it starts.
    fn the_firewall_outlives_another(&self) {
        for how in ["restart", "reload", "stop", "start"] {
            let told = self.told(&format!("systemctl {how} nftables; nft list tables"));
            let there = told.lines().any(|table| table == "table inet clawdwako");
            assert_eq!(there, how != "stop", "after {how}: {told}");
        }
        self.told("systemctl stop nftables; systemctl reload clawdwako-firewall");
    }

    /// Turns the server back into one of the version before: a cache that the agent may write, the
    /// unit that names it, a port that everybody reads, no rules for it; and a process outside.
    fn becomes_of_the_first_generation(&self) {
        let (unit, rules) = (quote(&FIRST_UNIT.replace("USER", &self.user)), quote(FIRST_FIREWALL));
        self.told(&format!(
            "printf '%s' {unit} >/etc/systemd/system/$UNIT
            printf '%s' {rules} >/etc/clawdwako/firewall.nft
            chmod 0644 $BOT_DIR/port /etc/clawdwako/firewall.nft
            rm -f /etc/systemd/system/nftables.service.d/clawdwako.conf /etc/ssh/sshd_config.d/00-clawdwako.conf
            rm -f /etc/clawdwako/ports
            systemctl daemon-reload
            systemctl reload clawdwako-firewall ssh
            systemctl restart $UNIT
            mkdir -m 700 /tmp/node-compile-cache
            other $BOT_USER touch /var/cache/clawdwako/$BOT_USER/planted
            other $BOT_USER setsid sleep 1000 >/dev/null 2>&1 </dev/null &"
        ));
    }

    /// `status` and `doctor` tell of it, and what to do.
    fn is_named(&self) {
        let status = self.world.json(&["status", "demo"]);
        let cage = &status["health"]["cage"];
        assert_eq!(
            (&cage["safe"], &cage["restart_mends"], &cage["lacks"]),
            (
                &json!(false),
                &json!(true),
                &json!(["unit", "port", "cache", "firewall", "strays"])
            ),
            "{status}"
        );
        let text = self.world.run(&["status", "demo", "--sandbox"]).ok().out;
        assert!(text.contains("clawdwako restart demo"), "{text}");
        let ran = self.world.run(&["doctor", "--sandbox", "--json"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let found = ran.document()["findings"].as_array().unwrap().clone();
        let named = found.iter().find(|f| f["text"].as_str().unwrap().contains("shut in"));
        let named = named.unwrap_or_else(|| panic!("{found:?}"));
        assert_eq!(
            (&named["level"], &named["next_step"]),
            (&Value::from("bad"), &Value::from("`clawdwako restart demo`"))
        );
    }

    fn is_safe(&self) {
        let status = self.world.json(&["status", "demo"]);
        assert_eq!(status["health"]["cage"]["lacks"], json!([]), "{status}");
        let left = self.told(
            "! pgrep -u $BOT_USER sleep || echo a process outside
            ls -d /var/cache/clawdwako/$BOT_USER /tmp/node-compile-cache 2>/dev/null || true
            stat -c %a $BOT_DIR/port /etc/clawdwako/firewall.nft
            cat /etc/clawdwako/ports
            sshd -T | grep -E '^(x11forwarding|allowagentforwarding) ' | sort
            systemctl show -p NeedDaemonReload --value $UNIT nftables.service | grep . | sort -u
            nft list table inet clawdwako | grep -cE 'policy drop|[ds]port [0-9]+-[0-9]+ jump'",
        );
        assert_eq!(
            left, "600\n600\n22\nallowagentforwarding no\nx11forwarding no\nno\n3",
            "{left}"
        );
    }
}
