# Takes one bot off the server; what other bots share stays while there are any.
exec </dev/null
lock "bot-$BOT_USER"
bot_paths
case $BOT_USER in cw-?*) ;; *) fail "not a bot's user: $BOT_USER" ;; esac
if [ -e "/etc/systemd/system/$UNIT" ]; then
  systemctl -q disable --now "$UNIT"
  rm -f "/etc/systemd/system/$UNIT"
  leave "/etc/systemd/system/$UNIT.d"
  systemctl daemon-reload
fi
systemctl reset-failed "$UNIT" 2>/dev/null || true
if getent passwd "$BOT_USER" >/dev/null; then
  end_strays
  userdel "$BOT_USER"
fi
leave "$STATE"
leave "/var/cache/clawdwako/$BOT_USER"
leave "$BOT_DIR"
rm -f "/run/clawdwako/$BOT_USER.ready"
exec 8>/run/clawdwako/bots.lock
flock -w 60 8 || fail "another bot is being set up on this server: try again"
if [ -n "$(ls -A "$CW/bots" 2>/dev/null)" ]; then
  firewall
  fact left shared
  return 0
fi
no_firewall
# What was half written where nothing else is ours.
rm -f /etc/systemd/system/.clawdwako.*
systemctl -q stop clawdwako-npm.service 2>/dev/null || true
for d in node openclaw bots .npm-work; do leave "$CW/$d"; done
if getent passwd clawdwako-npm >/dev/null; then userdel clawdwako-npm; fi
if getent group clawdwako-npm >/dev/null; then groupdel clawdwako-npm; fi
rmdir "$CW" 2>/dev/null || true
if [ -e /swapfile.clawdwako ]; then
  swapoff /swapfile.clawdwako 2>/dev/null || true
  sed -i '\#^/swapfile.clawdwako #d' /etc/fstab
  rm -f /swapfile.clawdwako
fi
leave /var/cache/clawdwako
leave /var/lib/clawdwako
find /run/clawdwako/tmp -mindepth 1 -delete 2>/dev/null || true
if getent group clawdwako >/dev/null; then groupdel clawdwako; fi
fact left nothing
