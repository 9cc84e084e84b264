# npm and Node run as a user that owns nothing but its work folder, in a unit of its own, with an
# environment of ours alone. What they print and leave is a stranger's until it is checked: printed
# text is read through `told` or `shown` only, and never becomes part of a command.
# NPM_UNIT: that unit's settings, a line each. NODE: version. REGISTRY: another registry, or empty.
umask 022
NPM_USER=clawdwako-npm
NPM_UNIT_NAME=clawdwako-npm.service
NPM_WORK=$CW/.npm-work

# npm_quiet: nothing of that user runs. A unit outlives a script that was killed.
npm_quiet() {
  systemctl -q stop "$NPM_UNIT_NAME" 2>/dev/null || true
  kill_all "$NPM_USER"
}

# npm_ground: makes the user and its empty work folder. What npm downloaded stays while one script
# hands over to the next.
npm_ground() {
  getent group "$NPM_USER" >/dev/null || groupadd -r "$NPM_USER"
  getent passwd "$NPM_USER" >/dev/null ||
    useradd -r -g "$NPM_USER" -d /nonexistent -M -s /usr/sbin/nologin -c "clawdwako npm" "$NPM_USER"
  [ "$(id -Gn "$NPM_USER")" = "$NPM_USER" ] || fail "user $NPM_USER exists and is not clawdwako's own"
  npm_quiet
  install -d -m 0755 "$CW"
  install -d -m 0700 -o "$NPM_USER" -g "$NPM_USER" "$NPM_WORK"
  find "$NPM_WORK" -mindepth 1 -maxdepth 1 \( ! -name cache -o ! -user "$NPM_USER" \) \
    -exec rm -rf --one-file-system {} +
  install -d -m 0700 -o "$NPM_USER" -g "$NPM_USER" "$NPM_WORK/home" "$NPM_WORK/tmp"
}

# as_npm FOLDER COMMAND...: as that user. A registry that is down is asked again for half a minute:
# npm's own pauses grow to more than two minutes in all, and a script's deadline would pass before npm
# says what is wrong.
as_npm() {
  local setting folder=$1 settings=()
  shift
  while IFS= read -r setting; do settings+=(-p "$setting"); done <<<"$NPM_UNIT"
  # systemd puts variables in where a `$` stands; two of them are one.
  set -- env -i HOME="$NPM_WORK/home" TMPDIR="$NPM_WORK/tmp" LANG=C.UTF-8 \
    PATH="$CW/node/$NODE/bin:/usr/bin:/bin" \
    NODE_DISABLE_COMPILE_CACHE=1 NODE_NO_WARNINGS=1 NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    npm_config_cache="$NPM_WORK/cache" npm_config_userconfig=/dev/null npm_config_globalconfig=/nonexistent/npmrc \
    npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false npm_config_progress=false \
    npm_config_fetch_retries=4 npm_config_fetch_retry_mintimeout=1000 npm_config_fetch_retry_maxtimeout=10000 \
    npm_config_fetch_timeout=60000 ${REGISTRY:+"npm_config_registry=$REGISTRY"} "$@"
  systemd-run --quiet --pipe --wait --collect --unit="$NPM_UNIT_NAME" --description="npm for clawdwako" \
    --working-directory="$folder" "${settings[@]}" -- "${@//\$/\$\$}" </dev/null 2>&1
}

# told LENGTH: what comes in as one line, cut off there.
told() { { head -c "$1" && cat >/dev/null; } | tr -d '\000-\037\177'; }

# shown: the last lines of what comes in, none of which can be taken for one of ours.
shown() { tail -c 20000 | tr '\r' '\n' | tail -n 40 | sed 's/^/npm: /'; }
