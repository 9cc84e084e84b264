# Starts the agent, or starts it anew: HOW=start|restart. Where another user holds its port it would
# only end again and again, so it is not started: facts as of relay.sh.
exec </dev/null
bot_paths
lock "bot-$BOT_USER"
[ -e "/etc/systemd/system/$UNIT" ] || fail "the bot has no unit on this server"
if gateway_port && ! listens "$port" "$(id -u "$BOT_USER")" && [ -n "$holder" ]; then
  fact port "$port"
  tell_refusal
  return 0
fi
systemctl reset-failed "$UNIT" 2>/dev/null || true
enable "$UNIT"
if [ "$HOW" = restart ]; then
  systemctl stop "$UNIT"
  end_strays
  # Compiled code that the agent could write: no unit of ours names it any more.
  leave "/var/cache/clawdwako/$BOT_USER"
fi
systemctl start "$UNIT"
