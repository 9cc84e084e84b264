//! What root does on the server to let a fault happen, or to end it.

/// sshd goes, also while it is only about to come, and comes some seconds later. Whoever has it
/// restarted meanwhile, as cloud-init does, waits with it: masked, it would be refused to them.
pub const SSH_LATE: &str = "
late=/run/systemd/system/ssh.service.d/late.conf
mkdir -p ${late%/*}
printf '[Service]\nExecStartPre=/bin/sleep 5\nExecStartPost=/bin/rm -f %s\n' $late >$late
until systemctl daemon-reload; do sleep 0.1; done
systemctl stop ssh.service
systemctl --no-block start ssh.service";

/// Another host key, once the first boot has written ours.
pub const ANOTHER_HOST_KEY: &str = "
until systemctl -q is-active ssh.service; do sleep 0.1; done
cd /etc/ssh
cp -p ssh_host_ed25519_key fault-kept
cp -p ssh_host_ed25519_key.pub fault-kept.pub
ssh-keygen -q -t ed25519 -N '' -f fault-new
mv fault-new ssh_host_ed25519_key
mv fault-new.pub ssh_host_ed25519_key.pub
systemctl restart ssh.service";

pub const OWN_HOST_KEY: &str = "
cd /etc/ssh
mv fault-kept ssh_host_ed25519_key
mv fault-kept.pub ssh_host_ed25519_key.pub
systemctl restart ssh.service";

/// Takes all memory but some, and keeps it; nothing else may be killed instead of the others.
pub const MEMORY_HOG: &str = "
until systemctl is-system-running 2>/dev/null | grep -qE 'starting|running|degraded'; do sleep 0.1; done
systemd-run -q --unit=fault-memory -p OOMScoreAdjust=-1000 -p MemoryMax=infinity python3 -c '
import time
def number(name): return int(open(\"/sys/fs/cgroup/memory/memory.\" + name).read())
kept = []
while number(\"usage_in_bytes\") < number(\"limit_in_bytes\") - (150 << 20): kept.append(bytearray(8 << 20))
print(len(kept), flush=True)
time.sleep(3600)'";

/// Holds every lock of the package manager, and has it look for packages again.
pub const LOCKS: &str = "
rm -f /var/lib/clawdwako/.updated
systemd-run -q --unit=fault-locks python3 -c '
import fcntl, time
held = [open(\"/var/lib/\" + name, \"w\") for name in (\"dpkg/lock-frontend\", \"dpkg/lock\", \"apt/lists/lock\")]
for file in held: fcntl.lockf(file, fcntl.LOCK_EX)
open(\"/run/fault-locks\", \"w\")
time.sleep(SECONDS)'
until [ -e /run/fault-locks ]; do sleep 0.1; done
rm /run/fault-locks";

/// The next npm that installs is killed.
pub const KILL_NPM: &str = "
rm -rf /opt/clawdwako/openclaw/*
systemd-run -q bash -c 'until pkill -KILL -u clawdwako-npm -f \"[n]pm install\"; do sleep 0.1; done'";

pub const CRASHES: &str = "
mkdir -p /run/systemd/system/UNIT.d
printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >/run/systemd/system/UNIT.d/fault.conf
systemctl daemon-reload
systemctl restart UNIT || true";

/// Less memory than any start of the agent takes.
pub const STARVES: &str = "
mkdir -p /run/systemd/system/UNIT.d
printf '[Service]\\nMemoryMax=150M\\n' >/run/systemd/system/UNIT.d/fault.conf
systemctl daemon-reload
systemctl restart UNIT || true";

pub const UNIT_AS_IT_WAS: &str = "
rm -r /run/systemd/system/UNIT.d
systemctl daemon-reload";
