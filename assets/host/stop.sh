# Stops the agent and keeps it from starting at boot. Nothing to stop is well.
exec </dev/null
bot_paths
lock "bot-$BOT_USER"
[ -e "/etc/systemd/system/$UNIT" ] || return 0
systemctl -q disable "$UNIT"
systemctl stop "$UNIT"
[ "$(systemctl show -p MainPID --value "$UNIT")" = 0 ] || fail "the agent did not stop"
