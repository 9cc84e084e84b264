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
  # A parser quotes what it cannot read, and that may be a secret: only its verdict counts.
  node -e "try { for (const f of process.argv.slice(1)) JSON.parse(require(\"fs\").readFileSync(f)) } catch { process.exit(1) }" \
    "$1/openclaw.json" "$1/secrets.json"
' configure "$new" "$CONFIG_BYTES" || {
  as_bot rm -rf "$new"
  fail "the new configuration did not arrive whole"
}
exec </dev/null
if as_bot cmp -s "$new/openclaw.json" openclaw.json && as_bot cmp -s "$new/secrets.json" secrets/secrets.json &&
  [ "$(as_bot cat .validated-by 2>/dev/null || true)" = "$(readlink "$BOT_DIR/current")" ]; then
  as_bot rm -rf "$new"
  fact config unchanged
  return 0
fi
rc=0
said=$(as_bot env OPENCLAW_STATE_DIR="$new" timeout 90 openclaw config validate --json 2>&1) || rc=$?
if [ $rc != 0 ] || ! grep -q '"valid": *true' <<<"$said"; then
  as_bot rm -rf "$new"
  # shellcheck disable=SC2016
  why=$("$BOT_DIR/node/bin/node" -e '
    const raw = require("fs").readFileSync(0, "utf8");
    try { console.log(JSON.parse(raw.slice(raw.indexOf("{"))).issues.map((i) => `${i.path}: ${i.message}`).join("; ")); }
    catch { console.log(raw.trim().split("\n").slice(-3).join(" ")); }' <<<"$said")
  fail "the agent refuses the configuration: $why"
fi
grep -q '"warnings": *\[\]' <<<"$said" || printf '%s\n' "$said"
# shellcheck disable=SC2016
as_bot bash -c '
  set -e
  chmod 600 "$1/openclaw.json" "$1/secrets.json"
  sync "$1/openclaw.json" "$1/secrets.json"
  mv -f "$1/secrets.json" secrets/secrets.json
  mv -f "$1/openclaw.json" openclaw.json
  echo "$2" >.validated-by
  rm -rf "$1"
' configure "$new" "$(readlink "$BOT_DIR/current")"
fact config changed
