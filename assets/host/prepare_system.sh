# Packages, security updates, swap, sshd, firewall. SERVER=rented|existing: on a server that the
# user had before, only what the agent needs is added; nothing of the user's is changed.
# APT_WAIT: seconds to wait for other package work.
exec </dev/null
lock prepare
demand_room
bot_paths
# What bots share stays while there is any of them: from here on there is this one.
exec 8>/run/clawdwako/bots.lock
flock -w 60 8 || fail "another bot is being taken off this server: try again"
install -d -m 0755 "$CW" "$CW/bots" "$BOT_DIR"
exec 8>&-
apt_deadline=$((SECONDS + APT_WAIT))
# Packages build a kernel's first file system in there, which needs more room than memory has.
unset TMPDIR
export NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
APT=(apt-get -qq -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0
  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)

# patient COMMAND...: again while the system's own package work holds a lock, up to the deadline.
patient() {
  local out rc said=
  while :; do
    rc=0
    out=$("$@" 2>&1) || rc=$?
    if [ $rc != 0 ] && grep -qE 'Could not get lock|Unable to lock|Unable to acquire|is another process using it|dpkg frontend lock' <<<"$out" &&
      [ $SECONDS -lt $apt_deadline ]; then
      [ -n "$said" ] || progress "waiting for the system's own package work"
      said=1
      sleep 1
      continue
    fi
    [ -z "$out" ] || printf '%s\n' "$out" | tail -30
    [ $rc = 0 ] || demand_room
    [ $rc != 124 ] || fail "package work failed: $* did not end"
    [ $rc = 0 ] || fail "package work failed: $(printf '%s\n' "$out" | grep -E '^(E|dpkg):' | tail -3)"
    return 0
  done
}

want=(git ca-certificates curl xz-utils nftables libatomic1 dbus procps)
[ "$SERVER" != rented ] || want+=(unattended-upgrades)
missing=()
for p in "${want[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing+=("$p")
done
stamp=/var/lib/clawdwako/.updated
if [ ${#missing[@]} -gt 0 ] || { [ "$SERVER" = rented ] && [ -z "$(find "$stamp" -mmin -720 2>/dev/null || true)" ]; }; then
  # A dpkg that was killed refuses everything until it has finished its work.
  if [ -n "$(ls -A /var/lib/dpkg/updates)" ] || [ -n "$(dpkg --audit)" ]; then
    progress "finishing package work that was interrupted"
    patient dpkg --force-confdef --force-confold --configure -a
    patient "${APT[@]}" -f install
  fi
  progress "reading package lists"
  patient timeout -k 5 240 "${APT[@]}" update
  updates=()
  if [ "$SERVER" = rented ]; then
    mapfile -t updates < <(apt-get -s -q upgrade 2>/dev/null | awk '/^Inst .*[Ss]ecurity/ {print $2}')
  fi
  if [ $((${#missing[@]} + ${#updates[@]})) -gt 0 ]; then
    progress "installing ${#missing[@]} packages and ${#updates[@]} security updates"
    patient "${APT[@]}" -o DPkg::Lock::Timeout=60 --no-install-recommends install "${missing[@]}" "${updates[@]}"
  fi
  install -d -m 0755 /var/lib/clawdwako
  touch "$stamp"
fi
if [ "$SERVER" = rented ]; then
  printf '%s\n' 'APT::Periodic::Update-Package-Lists "1";' 'APT::Periodic::Unattended-Upgrade "1";' |
    put /etc/apt/apt.conf.d/20auto-upgrades 0644
fi

# Swap: the agent's first tool turn needs more than 2 GB leaves.
if [ -n "$(swapon --show --noheadings)" ]; then
  fact swap present
elif systemd-detect-virt -cq; then
  fact swap unavailable
elif [ "$(awk '/^MemTotal:/ {print int($2/1024)}' /proc/meminfo)" -ge 3900 ]; then
  fact swap unneeded
elif [ "$(df -Pk / | awk 'NR==2 {print int($4/1024)}')" -lt 6000 ]; then
  fact swap no_space
else
  progress "making a swap file"
  f=/swapfile.clawdwako
  rm -f "$f"
  (umask 077 && { fallocate -l 2G "$f" 2>/dev/null || dd if=/dev/zero of="$f" bs=1M count=2048 status=none; })
  if mkswap "$f" >/dev/null && swapon "$f"; then
    grep -q "^$f " /etc/fstab || echo "$f none swap sw 0 0" >>/etc/fstab
    fact swap made
  else
    rm -f "$f"
    fact swap unavailable
  fi
fi

mkdir -p /run/sshd
if [ "$SERVER" = rented ]; then harden_sshd; fi
exec 8>/run/clawdwako/bots.lock
flock -w 60 8 || fail "another bot is being set up on this server: try again"
firewall
exec 8>&-
fact firewall "$SERVER"
