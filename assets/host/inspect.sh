# Looks at the server and says early what would fail late. Changes nothing. METADATA: addresses that
# agents are kept from. LEAST_MB: memory.
exec </dev/null
[ "$(id -u)" = 0 ] || fail "not root: the user needs sudo without a password"
[ -d /run/systemd/system ] || fail "systemd does not run this server: the agent needs it"
# shellcheck disable=SC1091
{ read -r os; read -r release; read -r title; } < <(. /etc/os-release && printf '%s\n' "${ID:-}" "${VERSION_ID:-}" "${PRETTY_NAME:-this system}")
case "$os:$release" in
debian:12 | ubuntu:22.04 | ubuntu:24.04) ;;
debian:* | ubuntu:*) echo "$title is not one that clawdwako is tested on" ;;
*) fail "$title is not supported: Debian 12, Ubuntu 22.04 or Ubuntu 24.04 is needed" ;;
esac
arch=$(uname -m)
case $arch in
x86_64 | aarch64) ;;
*) fail "processor architecture $arch is not supported: x86_64 or aarch64 is needed" ;;
esac
# Some clouds answer names at the address at which they tell of the server, which an agent must not
# reach. The system's own resolver may.
while read -r word address _; do
  case "$word ${address%%%*}" in nameserver\ ?*) ;; *) continue ;; esac
  case " $METADATA " in *" ${address%%%*} "*)
    case $os in
    debian) mend="apt-get install systemd-resolved" ;;
    *) mend="ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf" ;;
    esac
    fail "the server asks for names at its cloud's metadata address, which is closed to agents: run \`$mend\` there"
    ;;
  esac
done < <(cat /etc/resolv.conf 2>/dev/null; echo)

# A container's own limit counts, not the memory of the machine around it.
memory=$(($(awk '/^MemTotal:/ {print $2}' /proc/meminfo) / 1024))
for f in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do
  limit=$(cat "$f" 2>/dev/null || true)
  case $limit in
  '' | max) ;;
  *) if [ "${#limit}" -lt 16 ] && [ $((limit / 1048576)) -lt "$memory" ]; then memory=$((limit / 1048576)); fi ;;
  esac
done
[ "$memory" -ge "$LEAST_MB" ] || fail "the server has $memory MB of memory: the agent needs 2 GB, 4 GB is better"

free=$(($(df -Pk /opt | awk 'NR==2 {print $4}') / 1024))
if [ ! -e "$CW/openclaw" ] && [ "$free" -lt 2500 ]; then
  fail "no space left: /opt has $free MB free and the agent needs 2500 MB"
fi
fact os "$os-$release"
fact arch "$arch"
fact memory_mb "$memory"
fact disk_free_mb "$free"
fact container "$(systemd-detect-virt -c || true)"
