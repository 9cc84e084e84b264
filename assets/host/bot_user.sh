# The bot's own user, folders and gateway port.
exec </dev/null
lock bots
bot_paths
getent group clawdwako >/dev/null || groupadd -r clawdwako
getent passwd "$BOT_USER" >/dev/null ||
  useradd -r -g clawdwako -d "$STATE" -M -s /usr/sbin/nologin -c "clawdwako bot" "$BOT_USER"
# The firewall knows the agents by their primary group.
[ "$(id -gn "$BOT_USER")" = clawdwako ] || fail "user $BOT_USER exists and is not one of clawdwako's"
install -d -m 0755 /var/lib/clawdwako "$CW" "$CW/bots" "$BOT_DIR"
install -d -m 0700 -o "$BOT_USER" -g clawdwako "$STATE"

# An agent also uses ports up to 110 above its gateway's: keep them 120 apart, and take a range that
# nobody listens in. No other user is told which: a stopped bot's port is there for whoever knows it.
if [ ! -s "$BOT_DIR/port" ]; then
  taken=$(
    cat "$CW"/bots/*/port 2>/dev/null || true
    ss -Hltn | awk '{n = split($4, a, ":"); print a[n]}'
  )
  port=$(awk '$1 >= 18789 {taken[int(($1 - 18789) / 120)] = 1}
    END {for (i = 0; i in taken; i++); print 18789 + 120 * i}' <<<"$taken")
  [ "$port" -lt 32000 ] || fail "no port is free for another bot on this server"
  echo "$port" | put "$BOT_DIR/port" 0600
fi
firewall
fact user "$BOT_USER"
fact port "$(cat "$BOT_DIR/port")"
