# Shared by every script: facts, progress, failing, locking, and running things as the bot.
CW=/opt/clawdwako
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# Node does not read the system's CA store by itself.
: "${NODE_EXTRA_CA_CERTS:=/etc/ssl/certs/ca-certificates.crt}"
export NODE_EXTRA_CA_CERTS

fact() { printf '::fact %s=%s\n' "$1" "$2"; }
progress() { printf '::progress %s\n' "$1"; }
fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# demand_room: not everything fails on a full disk; apt, for one, was seen to wait for ever.
has_room() { [ "$(stat -f -c %a /)" -gt 0 ]; }
demand_room() { has_room || fail "No space left on device: the server's disk is full"; }

# lock NAME: one run at a time. A run that lost its session may still be going; children hold
# the lock with it, so the next run starts on quiet ground.
lock() {
  install -d -m 0755 /run/clawdwako
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

# as_bot COMMAND...: as the bot's user, without root's environment. Root never writes into a
# folder of the bot: the agent could have put a link there.
as_bot() {
  (
    cd "$STATE" || exit 1
    umask 077
    exec setpriv --reuid="$BOT_USER" --regid=clawdwako --init-groups --no-new-privs \
      env -i HOME="$STATE" LANG=C.UTF-8 PATH="$BOT_DIR/node/bin:$BOT_DIR/current/bin:/usr/bin:/bin" \
      OPENCLAW_STATE_DIR="$STATE" OPENCLAW_NO_RESPAWN=1 OPENCLAW_SERVICE_REPAIR_POLICY=external \
      OPENCLAW_NO_AUTO_UPDATE=1 NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS" \
      NODE_COMPILE_CACHE="/var/cache/clawdwako/$BOT_USER" OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED=1 "$@"
  )
}

# bot_paths: where things of $BOT_USER are.
bot_paths() {
  STATE=/var/lib/clawdwako/$BOT_USER
  BOT_DIR=$CW/bots/$BOT_USER
  UNIT=clawdwako-$BOT_USER.service
}

# point LINK TARGET: makes or switches a symbolic link by rename.
point() {
  [ "$(readlink "$1" || true)" = "$2" ] && return 0
  rm -f "$1.new"
  ln -s "$2" "$1.new"
  mv -Tf "$1.new" "$1"
}

# leave FOLDER: deletes a folder that may be half made, so that no half of it is ever taken for whole.
leave() { rm -rf --one-file-system "$1"; }
