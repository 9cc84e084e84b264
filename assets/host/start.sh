# Starts the agent, or starts it anew: HOW=start|restart.
exec </dev/null
bot_paths
lock "bot-$BOT_USER"
[ -e "/etc/systemd/system/$UNIT" ] || fail "the bot has no unit on this server"
systemctl reset-failed "$UNIT" 2>/dev/null || true
enable "$UNIT"
if [ "$HOW" = restart ]; then
  systemctl stop "$UNIT"
  end_strays
  # Compiled code that the agent could write: no unit of ours names it any more.
  leave "/var/cache/clawdwako/$BOT_USER"
fi
systemctl start "$UNIT"
