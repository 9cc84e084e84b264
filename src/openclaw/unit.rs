//! The systemd unit of a bot.

use super::layout;

/// The most memory that one agent gets, in MiB: it was never seen to need more, and a runaway
/// must not take the server with it.
const MEMORY_CAP_MB: i64 = 4096;

/// What the unit depends on.
#[derive(Debug, Clone)]
pub struct UnitSpec<'a> {
    /// The bot's system user.
    pub user: &'a str,
    /// The bot's name, for people.
    pub bot_name: &'a str,
    /// The server's memory in MiB.
    pub memory_mb: i64,
}

/// How a unit's description begins.
pub(super) const DESCRIPTION: &str = "OpenClaw agent of the bot ";

/// The limit of one agent in MiB: 85 % of the server's memory, at most 4 GB.
pub fn memory_max_mb(server_memory_mb: i64) -> i64 {
    (server_memory_mb * 85 / 100).clamp(1024, MEMORY_CAP_MB)
}

/// The generation of what shuts an agent in. The unit carries it as `X-Clawdwako-Cage=`, which
/// systemd skips, so that a look tells a server that an earlier version of us set up.
pub const CAGE: u32 = 2;

/// Where clouds tell a server of itself, its user data among it: every address that a source of
/// cloud-init asks (EC2, OpenStack, GCE, Oracle, Akamai, Scaleway, Tencent, Alibaba; the others
/// share the first).
pub const METADATA: [&str; 10] = [
    "169.254.169.254",
    "169.254.42.42",
    "169.254.0.23",
    "100.100.100.200",
    "fe80::a9fe:a9fe",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd00:c1::a9fe:a9fe",
    "fd00:a9fe:a9fe::1",
    "fd00:42::42",
];

/// What the agent's Node is told of compiled code that is kept. A folder that the agent may write
/// must never be one of these: whoever runs the agent's program from it runs what the agent put there.
fn compile_cache() -> String {
    "NODE_DISABLE_COMPILE_CACHE=1 OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED=1".to_owned()
}

/// What the agent's unit and every transient unit in its name have in common, one `Key=Value`
/// each: its user, its environment, and everything of systemd's hardening that the agent bears.
/// All of it is known to systemd 249. Not RestrictSUIDSGID and DynamicUser (the agent exits with
/// 78), nor MemoryDenyWriteExecute (V8 crashes).
pub fn cage(user: &str) -> Vec<String> {
    let bot_dir = layout::bot_dir(user);
    let state_dir = layout::state_dir(user);
    let mut lines = vec![
        format!("User={user}"),
        "Group=clawdwako".into(),
        format!("StateDirectory=clawdwako/{user}"),
        "StateDirectoryMode=0700".into(),
        format!("WorkingDirectory={state_dir}"),
        format!("Environment=HOME={state_dir} OPENCLAW_STATE_DIR={state_dir} LANG=C.UTF-8"),
        format!("Environment=PATH={bot_dir}/node/bin:{bot_dir}/current/bin:/usr/local/bin:/usr/bin:/bin"),
        "Environment=OPENCLAW_NO_RESPAWN=1 OPENCLAW_SERVICE_REPAIR_POLICY=external OPENCLAW_NO_AUTO_UPDATE=1".into(),
        "Environment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt".into(),
        format!("Environment={}", compile_cache()),
        "IPAccounting=yes".into(),
        format!("IPAddressDeny={}", METADATA.join(" ")),
    ];
    lines.extend(HARDENING.iter().map(|&line| line.to_owned()));
    lines
}

const HARDENING: [&str; 23] = [
    "UMask=0077",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "LockPersonality=yes",
    "PrivateDevices=yes",
    "PrivateTmp=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHome=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
    "ProtectSystem=strict",
    "RemoveIPC=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "SystemCallArchitectures=native",
    "SystemCallErrorNumber=EPERM",
    "SystemCallFilter=@system-service",
];

/// Writes the unit.
pub fn unit_text(spec: &UnitSpec<'_>) -> String {
    let user = spec.user;
    let bot_dir = layout::bot_dir(user);
    let memory_max = memory_max_mb(spec.memory_mb);
    let cage = cage(user).join("\n");
    // A description must stay one line, and % begins a specifier.
    let title: String = spec
        .bot_name
        .chars()
        .filter(|c| !c.is_control() && *c != '%' && *c != '\\')
        .collect();
    format!(
        "\
[Unit]
Description={DESCRIPTION}{title}
X-Clawdwako-Cage={CAGE}
After=network-online.target clawdwako-firewall.service
Wants=network-online.target clawdwako-firewall.service
StartLimitIntervalSec=600
StartLimitBurst=6

[Service]
Type=exec
ExecStart={bot_dir}/current/bin/openclaw gateway run
Restart=always
RestartSec=5
RestartPreventExitStatus=78
SuccessExitStatus=0 143
TimeoutStopSec=60
KillMode=mixed
OOMPolicy=continue
MemoryMax={memory_max}M
CPUAccounting=yes
TasksMax=512
StandardOutput=journal
StandardError=journal
SyslogIdentifier={user}
{cage}

[Install]
WantedBy=multi-user.target
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_the_server() {
        assert_eq!(memory_max_mb(2048), 1740);
        assert_eq!(memory_max_mb(64 * 1024), 4096);
        assert_eq!(memory_max_mb(512), 1024);
    }

    #[test]
    fn a_name_cannot_add_lines_or_specifiers() {
        let text = unit_text(&UnitSpec {
            user: "cw-demo-00000000",
            bot_name: "demo\nExecStartPre=/bin/evil %n\\",
            memory_mb: 2048,
        });
        assert!(!text.lines().any(|l| l.starts_with("ExecStartPre")));
        assert!(text.contains("Description=OpenClaw agent of the bot demoExecStartPre=/bin/evil n\n"));
        for broken in ["RestrictSUIDSGID", "DynamicUser", "MemoryDenyWriteExecute"] {
            assert!(!text.contains(broken), "{broken} breaks the agent");
        }
    }

    #[test]
    fn what_a_transient_unit_gets_is_all_in_the_agents_unit() {
        let text = unit_text(&UnitSpec {
            user: "cw-demo-00000000",
            bot_name: "demo",
            memory_mb: 2048,
        });
        let service = text.split_once("[Service]\n").unwrap().1;
        for line in cage("cw-demo-00000000") {
            assert!(service.lines().any(|l| l == line), "{line}");
            assert!(!line.contains('\n') && line.contains('='), "{line}");
        }
        assert!(!text.contains("/var/cache"), "a cache that the agent may write");
    }
}
