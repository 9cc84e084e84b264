# Configuration and secrets, validated by the agent itself before they are used.
# Standard input: CONFIG_BYTES bytes of openclaw.json, then secrets.json.
lock "bot-$BOT_USER"
bot_paths
new=$STATE/.new
# shellcheck disable=SC2016
as_bot bash -c '
  set -e
  rm -rf "$1"
  mkdir -p "$1" secrets logs
  head -c "$2" >"$1/openclaw.json"
  cat >"$1/secrets.json"
  node -e "for (const f of process.argv.slice(1)) JSON.parse(require(\"fs\").readFileSync(f))" "$1/openclaw.json" "$1/secrets.json"
' configure "$new" "$CONFIG_BYTES" || fail "the new configuration did not arrive whole"
exec </dev/null
if as_bot cmp -s "$new/openclaw.json" .applied.json && as_bot cmp -s "$new/secrets.json" secrets/secrets.json &&
  [ "$(as_bot cat .validated-by 2>/dev/null || true)" = "$(readlink "$BOT_DIR/current")" ] && as_bot test -s openclaw.json; then
  as_bot rm -rf "$new"
  fact config unchanged
  return 0
fi
rc=0
said=$(as_bot env OPENCLAW_STATE_DIR="$new" timeout 90 openclaw config validate --json 2>&1) || rc=$?
if [ $rc != 0 ] || ! grep -q '"valid":true' <<<"$said"; then
  as_bot rm -rf "$new"
  fail "the agent refuses the configuration: $(tail -5 <<<"$said")"
fi
grep -q '"warnings":\[\]' <<<"$said" || printf '%s\n' "$said"
# shellcheck disable=SC2016
as_bot bash -c '
  set -e
  chmod 600 "$1/openclaw.json" "$1/secrets.json"
  cp "$1/openclaw.json" "$1/applied.json"
  sync "$1/openclaw.json" "$1/secrets.json"
  mv -f "$1/secrets.json" secrets/secrets.json
  mv -f "$1/openclaw.json" openclaw.json
  mv -f "$1/applied.json" .applied.json
  echo "$2" >.validated-by
  rm -rf "$1"
' configure "$new" "$(readlink "$BOT_DIR/current")"
fact config changed
