# Configuration and secrets, validated by the agent itself before they are used. Whatever is below
# the bot's folder is written and read by the bot's user alone; root does not even look.
# Standard input: CONFIG_BYTES bytes of openclaw.json, then SECRETS_BYTES bytes of secrets.json.
lock "bot-$BOT_USER"
bot_paths
end_stale_work
rc=0
# shellcheck disable=SC2016
said=$(as_bot -w -i -t 120 -n 32768 bash -c '
  set -eu
  new=$PWD/.new
  rm -rf "$new"
  mkdir -p "$new" secrets logs
  head -c "$1" >"$new/openclaw.json"
  cat >"$new/secrets.json"
  if [ "$(stat -c %s "$new/openclaw.json" "$new/secrets.json" | tr "\n" " ")" != "$1 $2 " ]; then
    rm -rf "$new"
    exit 12
  fi
  if cmp -s "$new/openclaw.json" openclaw.json && cmp -s "$new/secrets.json" secrets/secrets.json &&
    [ "$(cat .validated-by 2>/dev/null)" = "$3" ]; then
    rm -rf "$new"
    exit 10
  fi
  rc=0
  OPENCLAW_STATE_DIR=$new openclaw config validate --json >"$new/said" 2>&1 </dev/null || rc=$?
  cat "$new/said"
  if [ $rc != 0 ] || ! grep -q "\"valid\": *true" "$new/said"; then
    rm -rf "$new"
    exit 11
  fi
  sync "$new/openclaw.json" "$new/secrets.json"
  mv -f "$new/secrets.json" secrets/secrets.json
  mv -f "$new/openclaw.json" openclaw.json
  echo "$3" >.validated-by
  rm -rf "$new"
' configure "$CONFIG_BYTES" "$SECRETS_BYTES" "$(readlink "$BOT_DIR/current")" | base64 -w 0) || rc=$?
exec </dev/null
case $rc in
0) fact config changed ;;
10) fact config unchanged ;;
11) fact config refused ;;
12) fail "the new configuration did not arrive whole" ;;
*)
  demand_room
  fact config broken
  ;;
esac
# What the check printed is for whoever reads this to judge: it is no text of ours.
fact said "$said"
