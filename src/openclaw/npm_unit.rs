//! The unit in which npm and Node run on a server while something is installed.

use super::unit::METADATA;
use std::time::Duration;

/// The settings, in systemd's words. The user owns one folder, and that is all that it may write;
/// it reaches the network, but neither the cloud's metadata nor a socket that could hand a file on.
const SETTINGS: &[&str] = &[
    "User=clawdwako-npm",
    "Group=clawdwako-npm",
    "ReadWritePaths=/opt/clawdwako/.npm-work",
    "UMask=0022",
    "KillSignal=SIGKILL",
    "MemoryMax=1536M",
    "TasksMax=256",
    "OOMScoreAdjust=500",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "KeyringMode=private",
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
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "SystemCallErrorNumber=EPERM",
    "SystemCallFilter=@system-service",
];

/// The settings of a unit that may run so long, each for `systemd-run -p`.
pub fn settings(longest: Duration) -> Vec<String> {
    let mut all: Vec<String> = SETTINGS.iter().map(|&s| s.to_owned()).collect();
    all.push(format!("IPAddressDeny={}", METADATA.join(" ")));
    all.push(format!("RuntimeMaxSec={}", longest.as_secs()));
    all
}
