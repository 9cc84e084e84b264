# Looks at the agent's unit and its gateway's /readyz, and waits up to WAIT seconds while the agent may
# still come up. START: the start that was looked at before (its InvocationID); empty for the one of
# this look. Tells facts as they are; what the agent wrote is in base64, as it may write anything.
# Nothing below the agent's own folder is read, and judging is not done here.
exec </dev/null
bot_paths
if ! gateway_port || [ ! -e "/etc/systemd/system/$UNIT" ]; then
  fact ActiveState absent
  return 0
fi
end=$((SECONDS + WAIT))
property() { sed -n "s/^$1=//p" <<<"$state"; }
# How often systemd has started it again in the last ten minutes, which is the time of the unit's
# own limit. The message is SD_MESSAGE_UNIT_RESTART_SCHEDULED of sd-messages.h; a start by hand sets
# systemd's count to zero, and leaves the journal.
count_restarts() {
  local all
  all=$(property NRestarts) lately=0
  [ "${all:-0}" != 0 ] || return 0
  lately=$(journalctl -q "UNIT=$UNIT" MESSAGE_ID=5eb03494b6584870a536b337290809b3 _PID=1 --since -10min -o cat --no-pager | wc -l) ||
    lately=0
  if [ "$lately" -gt "$all" ]; then lately=$all; fi
}
# ask_ready: one line of ours (answer, or who else holds the port), then what the gateway said.
# HTTP/1.0, so that the answer ends with the connection.
ask_ready() {
  if knock "$port" "$BOT_USER"; then
    printf 'GET /readyz HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$port" >&3
    echo answer
    timeout 3 head -c 8192 <&3 | tr -d '\000'
  elif [ -n "$holder" ]; then
    echo "held $holder"
  fi
}
while :; do
  state=$(systemctl show -p ActiveState,SubState,Result,ExecMainStatus,MainPID,NRestarts,MemoryCurrent,CPUUsageNSec,InvocationID "$UNIT")
  code='' ready='' listener=''
  # One that hangs costs only the shell that asked it.
  said=$(ask_ready 2>/dev/null) || true
  case $said in
  answer$'\n'*)
    ready=${said#*$'\n'}
    if [[ $ready =~ ^HTTP/1\.[01]\ ([0-9]{3}) ]]; then code=${BASH_REMATCH[1]}; fi
    ;;
  held*) listener=${said#* } ;;
  esac
  count_restarts
  : "${START:=$(property InvocationID)}"
  case $state in
  *ActiveState=failed* | *ActiveState=inactive*) break ;;
  # Ended again and again: waiting does not help.
  *SubState=auto-restart*) if [ "$lately" -ge 3 ]; then break; fi ;;
  esac
  # Now it has something to tell of Telegram.
  if [ "$code" = 200 ]; then break; fi
  if [ "$code" = 503 ] && [[ $ready == *'"failing":["telegram"'* ]]; then break; fi
  # Somebody else's program does not go away by waiting.
  if [ -n "$listener" ] || [ $SECONDS -ge $end ]; then break; fi
  sleep 0.3
done
# Anybody may write an entry that names a unit or a start of it: only process 1 is believed there.
# Only the last start's lines, as older ones tell of troubles that are over; unless it has just begun
# and another was waited for, whose end is the reason, or they end again and again.
start=$(property InvocationID)
entries=("_SYSTEMD_INVOCATION_ID=$start" + "INVOCATION_ID=$start" _PID=1)
case $state in
*ActiveState=active*)
  if [ "$code" = 200 ]; then
    :
  elif [ "$start" != "$START" ]; then
    entries+=(+ "_SYSTEMD_INVOCATION_ID=$START" + "INVOCATION_ID=$START" _PID=1)
  elif [ "$lately" -ge 3 ]; then
    entries=(-u "$UNIT" --since -10min)
  fi
  ;;
esac
[ -n "$start" ] || entries=(-u "$UNIT")
sed -n '/^[A-Za-z]*=/s/^/::fact /p' <<<"$state"
fact Lately "$lately"
fact Port "$port"
[ -z "$listener" ] || fact Listener "$listener"
# The link and what it points to are root's.
fact Version "$(basename "$(readlink "$BOT_DIR/current" || true)")"
fact Memory "$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)"
fact Disk "$(df -B1 --output=used,size /var/lib/clawdwako | tail -n 1)"
fact Ready "$(printf '%s' "$ready" | base64 -w 0)"
# More of each line than is shown, and whole ones: a secret that is cut in two is not known as one.
fact Log "$(journalctl -q "${entries[@]}" -n 40 -o cat --no-pager | tail -n 45 | cut -c1-1000 | base64 -w 0)"
cage_state
