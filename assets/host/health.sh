# Looks at the agent, and waits up to WAIT seconds while it may still become well. START: the start
# that was looked at before (its InvocationID); empty for the one of the first look.
# Prints one fact, health: JSON with everything that a verdict needs. Judging is not done here.
exec </dev/null
bot_paths
cage_state
port=$(cat "$BOT_DIR/port" 2>/dev/null || true)
node=$BOT_DIR/node/bin/node
if [ -z "$port" ] || [ ! -x "$node" ] || [ ! -e "/etc/systemd/system/$UNIT" ]; then
  fact health '{"unit":{"active":"absent"}}'
  return 0
fi
install -d -m 0700 /run/clawdwako
end=$((SECONDS + WAIT))
# How often systemd has started it again in the last ten minutes, which is the time of the unit's
# own limit. The message is SD_MESSAGE_UNIT_RESTART_SCHEDULED of sd-messages.h; a start by hand sets
# systemd's count to zero, and leaves the journal.
count_restarts() {
  local all
  all=$(property NRestarts) lately=0
  [ "${all:-0}" != 0 ] || return 0
  lately=$(journalctl -q "UNIT=$UNIT" MESSAGE_ID=5eb03494b6584870a536b337290809b3 --since -10min -o cat --no-pager | wc -l) ||
    lately=0
  if [ "$lately" -gt "$all" ]; then lately=$all; fi
}
property() { sed -n "s/^$1=//p" <<<"$state"; }
said='' second_poller=''
while :; do
  state=$(systemctl show -p ActiveState,SubState,Result,ExecMainStatus,MainPID,NRestarts,MemoryCurrent,InvocationID "$UNIT")
  # What an agent said that has ended since says nothing of the next one.
  deep=''
  rm -f "/run/clawdwako/$BOT_USER.ready"
  code=$(curl -s -m 3 -o "/run/clawdwako/$BOT_USER.ready" -w '%{http_code}' "http://127.0.0.1:$port/readyz" || true)
  ready=$(cat "/run/clawdwako/$BOT_USER.ready" 2>/dev/null || true)
  count_restarts
  : "${START:=$(property InvocationID)}"
  case $state in
    *ActiveState=failed* | *ActiveState=inactive*) break ;;
    # Ended again and again: waiting does not help.
    *SubState=auto-restart*) if [ "$lately" -ge 3 ]; then break; fi ;;
  esac
  # The agent's own check costs it seconds: only once it has something to tell.
  if [ "$code" = 200 ] || { [ "$code" = 503 ] && grep -q '"failing":\["telegram"' <<<"$ready"; }; then
    deep=$(as_bot -q -t 40 openclaw health --json || true)
    if grep -q '"connected": *true' <<<"$deep" && [ "$code" = 200 ]; then break; fi
    if grep -q '"terminalDisconnect": *true' <<<"$deep"; then break; fi
    # Another poller may be one that is just ending: give it half a minute, not more.
    if grep -qE '"lastError": *"[^"]*(409|Conflict)' <<<"$deep"; then
      : "${second_poller:=$SECONDS}"
      if [ $((SECONDS - second_poller)) -gt 30 ]; then break; fi
    fi
  fi
  [ $SECONDS -lt $end ] || break
  if [ -z "$said" ] && [ "$code" = 200 ]; then
    progress "waiting for Telegram"
    said=1
  fi
  sleep 0.3
done
rm -f "/run/clawdwako/$BOT_USER.ready"
# Only the last start's lines, as older ones tell of troubles that are over; unless it has just begun
# and another was waited for, whose end is the reason, or they end again and again.
start=$(property InvocationID)
entries=("_SYSTEMD_INVOCATION_ID=$start" + "INVOCATION_ID=$start")
case $state in
  *ActiveState=active*)
    if [ "$code" = 200 ]; then
      :
    elif [ "$start" != "$START" ]; then
      entries+=(+ "_SYSTEMD_INVOCATION_ID=$START" + "INVOCATION_ID=$START")
    elif [ "$lately" -ge 3 ]; then
      entries=(-u "$UNIT" --since -10min)
    fi
    ;;
esac
[ -n "$start" ] || entries=(-u "$UNIT")
printf '%s' "$deep" | UNIT_STATE=$state LATELY=$lately READY_CODE=$code READY=$ready LOG=$(
  journalctl -q "${entries[@]}" -n 40 -o cat --no-pager | cut -c1-400
) SECRETS=$STATE/secrets/secrets.json PACKAGE=$BOT_DIR/current/node_modules/openclaw/package.json PORT=$port "$node" -e '
  const fs = require("fs"), e = process.env;
  const json = (t) => { try { return JSON.parse(t); } catch { return null; } };
  const unit = Object.fromEntries(e.UNIT_STATE.split("\n").map((l) => l.split(/=(.*)/s)));
  const deep = json(fs.readFileSync(0, "utf8")), ready = json(e.READY), t = deep?.channels?.telegram;
  let version = null;
  try { version = JSON.parse(fs.readFileSync(e.PACKAGE)).version; } catch {}
  const number = (s) => (/^\d+$/.test(s ?? "") && Number(s) < 2 ** 53 ? Number(s) : null);
  let text = JSON.stringify({
    unit: { active: unit.ActiveState, sub: unit.SubState, result: unit.Result, exit_status: number(unit.ExecMainStatus),
      pid: number(unit.MainPID) || null,
      restarts_lately: number(e.LATELY), memory_bytes: number(unit.MemoryCurrent) },
    ready: e.READY_CODE === "200" ? true : e.READY_CODE === "503" ? false : null,
    failing: ready?.failing ?? [],
    telegram: t ? { connected: t.connected === true, lifecycle: t.lifecycle ?? null, last_error: t.lastError ?? null,
      terminal: t.terminalDisconnect === true } : null,
    version, port: Number(e.PORT), log: e.LOG.split("\n").filter(Boolean),
  });
  // The agent hides secrets in its own words; this makes sure of it.
  let secrets = {};
  try { secrets = JSON.parse(fs.readFileSync(e.SECRETS)); } catch {}
  for (const s of Object.values(secrets)) if (typeof s === "string" && s.length > 7) text = text.split(s).join("***");
  console.log("::fact health=" + text);'
