# Shared by every script: facts, progress, failing, locking, and running things as the bot.
CW=/opt/clawdwako
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# Node does not read the system's CA store by itself.
: "${NODE_EXTRA_CA_CERTS:=/etc/ssl/certs/ca-certificates.crt}"
export NODE_EXTRA_CA_CERTS

# Whatever root's .curlrc says.
curl() { command curl -q "$@"; }

fact() { printf '::fact %s=%s\n' "$1" "$2"; }
progress() { printf '::progress %s\n' "$1"; }
fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# demand_room: not everything fails on a full disk; apt, for one, was seen to wait for ever.
has_room() { [ "$(stat -f -c %a /)" -gt 0 ]; }
demand_room() { has_room || exit 1; }
# What fails on a full disk rarely says that this is why.
tell_full_disk() { [ "$1" = 0 ] || has_room || printf "No space left on device: the server's disk is full\n" >&2; }
trap 'tell_full_disk "$?"' EXIT

# lock NAME: one run at a time. A run that lost its session may still be going; children hold
# the lock with it, so the next run starts on quiet ground.
lock() {
  install -d -m 0700 /run/clawdwako
  exec 9>"/run/clawdwako/$1.lock"
  flock -w "${LOCK_WAIT:-240}" 9 || fail "another run of $1 is still at work on this server"
}

# put FILE MODE: writes standard input to FILE by rename; $changed tells whether it changed. It has
# no status for that: where somebody asks for a status, an error does not end the script, and on a
# full disk an empty file would take the place of the old one.
put() {
  local new
  changed=no
  new=$(mktemp "$(dirname "$1")/.clawdwako.XXXXXX") || fail "$1 cannot be written"
  { cat >"$new" && chmod "$2" "$new"; } || {
    rm -f "$new"
    fail "$1 cannot be written"
  }
  if cmp -s "$new" "$1"; then
    rm -f "$new"
    return 0
  fi
  mv -f "$new" "$1"
  changed=yes
}

# sshd_accepts: whether sshd takes its configuration; if not, $why tells what it said. cloud-init
# restarts ssh.service while a server boots (cc_set_passwords), and systemd removes sshd's folder
# in between.
sshd_accepts() {
  for _ in $(seq 1 50); do
    mkdir -p /run/sshd
    why=$(sshd -t 2>&1 </dev/null) && return 0
    case $why in *"Missing privilege separation directory"*) sleep 0.1 ;; *) return 1 ;; esac
  done
  return 1
}

# as_bot [-w] [-i] [-q] [-t SECONDS] [-n BYTES] COMMAND...: as the bot's user, in a transient unit
# that is as tight as the agent's own ($CAGE). What it prints, to standard error too unless -q, is an
# enemy's word: it comes through a pipe and is cut off after BYTES, and no descriptor of ours that can
# be written to as root is within its reach. -i hands standard input on. It ends after SECONDS.
# -w names the unit as one that only the holder of the bot's lock starts: see end_stale_work.
as_bot() {
  local family=look input=no quiet=no seconds=60 bytes=65536 args=() line o OPTIND=1
  while getopts wiqt:n: o; do
    case $o in
    w) family=work ;;
    i) input=yes ;;
    q) quiet=yes ;;
    t) seconds=$OPTARG ;;
    n) bytes=$OPTARG ;;
    *) return 2 ;;
    esac
  done
  shift $((OPTIND - 1))
  while IFS= read -r line; do args+=(-p "$line"); done <<<"$CAGE"
  # The bot's own shell, as systemd-run would look the program up in root's PATH.
  # shellcheck disable=SC2016
  set -- /bin/bash --norc --noprofile -c 'if [ "$1" = yes ]; then exec 2>/dev/null; fi; shift; exec "$@"' as_bot "$quiet" "$@"
  # systemd would put variables of the unit in where an argument says so.
  set -- "${@//\$/\$\$}"
  # Whoever got hold of the pipe's other end and keeps it must not keep us.
  if [ "$input" = yes ]; then timeout --foreground $((seconds + 15)) cat; fi |
    systemd-run --quiet --pipe --wait --collect --service-type=exec \
      --unit="clawdwako-$family-$BOT_USER:$BASHPID-$RANDOM" --description="clawdwako: $family of $BOT_USER" \
      "${args[@]}" -p "RuntimeMaxSec=$seconds" -p TimeoutStopSec=5 -p MemoryMax=1024M -p TasksMax=128 "$@" 2>&1 |
    timeout --foreground $((seconds + 15)) head -c "$bytes"
}

# end_stale_work: ends what a killed run of the bot's work left behind. Its lock is held.
end_stale_work() { systemctl stop "clawdwako-work-$BOT_USER:*" 2>/dev/null || true; }

# kill_all USER: ends all processes of a user in one step, since one that forks is away before it is
# met by its number.
kill_all() {
  [ "$(id -u "$1")" -gt 0 ] || fail "there is no user $1 to end"
  command -v pgrep >/dev/null || fail "pgrep is missing on this server: \`apt-get install procps\` brings it"
  for _ in $(seq 1 50); do
    pgrep -u "$1" >/dev/null || return 0
    setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups /bin/bash --norc --noprofile -c 'kill -KILL -1' || true
    sleep 0.1
  done
  fail "processes of the user $1 do not end: \`pgrep -u $1\` on the server lists them"
}

# end_strays: ends what the bot's user runs outside its unit, and what would start there by itself.
# What an earlier version of us ran in its name was not shut in, and may have left both.
end_strays() {
  systemctl stop "clawdwako-work-$BOT_USER:*" "clawdwako-look-$BOT_USER:*" 2>/dev/null || true
  rm -f "/var/lib/systemd/linger/$BOT_USER"
  find /var/spool/cron /var/spool/at -xdev -type f -user "$BOT_USER" -delete 2>/dev/null || true
  kill_all "$BOT_USER"
  find /tmp /var/tmp /dev/shm -xdev -user "$BOT_USER" -delete 2>/dev/null || true
}

# bot_paths: where things of $BOT_USER are.
bot_paths() {
  STATE=/var/lib/clawdwako/$BOT_USER
  BOT_DIR=$CW/bots/$BOT_USER
  UNIT=clawdwako-$BOT_USER.service
}

# reread UNIT...: has systemd read units again whose files changed; enable UNIT: starts it at boot.
# Both cost a small server a good part of a second: only where it is needed.
reread() {
  if systemctl show -p NeedDaemonReload "$@" | grep "=yes" >/dev/null; then systemctl daemon-reload; fi
}
enable() { systemctl -q is-enabled "$1" 2>/dev/null || systemctl -q enable "$1"; }

# point LINK TARGET: makes or switches a symbolic link by rename.
point() {
  [ "$(readlink "$1" || true)" = "$2" ] && return 0
  rm -f "$1.new"
  ln -s "$2" "$1.new"
  mv -Tf "$1.new" "$1"
}

# leave FOLDER: deletes a folder that may be half made, so that no half of it is ever taken for whole.
leave() { rm -rf --one-file-system "$1"; }
