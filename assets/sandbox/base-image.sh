# Builds the servers' base image, a Debian with cloud-init, as the folder $OUT.
# In: OUT, SUITE, PACKAGES.
# Runs in a mount namespace of its own, so that nothing stays mounted however it ends.
export DEBIAN_FRONTEND=noninteractive
work=$OUT.work
mkdir -p "$work"
trap 'umount "$work" 2>/dev/null || true; rm -rf "$work"' EXIT
# Unpacking calls fsync for every package: in memory it takes half the time.
if [ "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" -gt 4000000 ]; then
  mount -t tmpfs -o size=3g clawdwako-base "$work"
fi
root=$work/root

# This machine's own package sources and settings reach its network best; another system's do not fit.
sources=()
. /etc/os-release
if [ "${ID:-}" = debian ] && [ -n "${VERSION_CODENAME:-}" ]; then
  own=/etc/apt/sources.list.d/debian.sources
  [ -s "$own" ] || own=/etc/apt/sources.list
  if [ -s "$own" ]; then
    sed "s/\b$VERSION_CODENAME\b/$SUITE/g" "$own" > "$work/${own##*/}"
    sources=("$work/${own##*/}")
  fi
fi
options=()
for file in /etc/apt/apt.conf.d/*; do
  if grep -qE '^Acquire::(Check|http|https)' "$file"; then options+=(--aptopt="$file"); fi
done

mmdebstrap --quiet --mode=root --variant=minbase --dpkgopt=force-unsafe-io --skip=cleanup/apt/lists \
  "${options[@]}" --include="$PACKAGES" "$SUITE" "$root" "${sources[@]}"

# Host keys and the machine id are each server's own.
rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
: > "$root/etc/machine-id"
mkdir -p "$root/var/log/journal"
install -d -m 700 "$root/root/.ssh"
echo LANG=C.UTF-8 > "$root/etc/default/locale"
chroot "$root" systemctl -q mask apt-daily.timer apt-daily-upgrade.timer

# cloud-init runs only where a server has user data, and leaves network, locale and sources as they are.
touch "$root/etc/cloud/cloud-init.disabled"
echo 'datasource_list: [ NoCloud ]' > "$root/etc/cloud/cloud.cfg.d/90_dpkg.cfg"
cat > "$root/etc/cloud/cloud.cfg.d/99-sandbox.cfg" <<CFG
network: {config: disabled}
locale: false
apt: {preserve_sources_list: true}
disable_root: false
CFG

# Whom this machine trusts the servers trust too: apt and curl reach its network as it does.
for file in /usr/local/share/ca-certificates/*.crt; do
  if [ -e "$file" ]; then cp "$file" "$root/usr/local/share/ca-certificates/"; fi
done
chroot "$root" update-ca-certificates >/dev/null 2>&1

# Controllers of cgroup version 1 reach a server read-only; writable, MemoryMax and the like are real there.
cat > "$root/usr/sbin/sandbox-init" <<'INIT'
#!/bin/sh
for c in memory pids cpu cpuacct; do mount -o remount,bind,rw /sys/fs/cgroup/$c 2>/dev/null; done
# systemd 256 and later wants to be asked before it runs there.
export SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1
exec /lib/systemd/systemd
INIT
chmod 755 "$root/usr/sbin/sandbox-init"

rm -rf "$OUT"
cp -a "$root" "$OUT"
sync -f "$OUT"   # whoever sees its final name sees all of it
