# Starts the agent, or starts it anew: HOW=start|restart.
exec </dev/null
bot_paths
lock "bot-$BOT_USER"
[ -e "/etc/systemd/system/$UNIT" ] || fail "the bot has no unit on this server"
systemctl reset-failed "$UNIT" 2>/dev/null || true
systemctl -q enable "$UNIT"
if [ "$HOW" = restart ]; then systemctl restart "$UNIT"; else systemctl start "$UNIT"; fi
