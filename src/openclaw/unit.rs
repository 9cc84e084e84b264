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

/// Writes the unit. Everything of systemd's hardening that the agent bears is on. Not
/// RestrictSUIDSGID and DynamicUser (the agent exits with 78), nor MemoryDenyWriteExecute
/// (V8 crashes).
pub fn unit_text(spec: &UnitSpec<'_>) -> String {
    let user = spec.user;
    let bot_dir = layout::bot_dir(user);
    let state_dir = layout::state_dir(user);
    let memory_max = memory_max_mb(spec.memory_mb);
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
After=network-online.target clawdwako-firewall.service
Wants=network-online.target clawdwako-firewall.service
StartLimitIntervalSec=600
StartLimitBurst=6

[Service]
Type=exec
User={user}
Group=clawdwako
StateDirectory=clawdwako/{user}
StateDirectoryMode=0700
CacheDirectory=clawdwako/{user}
CacheDirectoryMode=0700
WorkingDirectory={state_dir}
Environment=HOME={state_dir} OPENCLAW_STATE_DIR={state_dir} LANG=C.UTF-8
Environment=PATH={bot_dir}/node/bin:{bot_dir}/current/bin:/usr/local/bin:/usr/bin:/bin
Environment=OPENCLAW_NO_RESPAWN=1 OPENCLAW_SERVICE_REPAIR_POLICY=external OPENCLAW_NO_AUTO_UPDATE=1
Environment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt NODE_COMPILE_CACHE=/var/cache/clawdwako/{user}
Environment=OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED=1
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
UMask=0077
StandardOutput=journal
StandardError=journal
SyslogIdentifier={user}
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
LockPersonality=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service

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
}
