# The bot's systemd unit, and everything around it that shuts the agent in: also on a server that an
# earlier version of us set up. The agent starts anew after this. SERVER=rented|existing.
# Standard input: the unit's text.
lock bots
bot_paths
put "/etc/systemd/system/$UNIT" 0644
if [ "$changed" = yes ]; then fact unit changed; else fact unit unchanged; fi
exec </dev/null
if why=$(systemd-analyze verify "/etc/systemd/system/$UNIT" 2>&1); then :; else echo "$why"; fi
reread "$UNIT"
enable "$UNIT"
if [ "$SERVER" = rented ]; then harden_sshd; fi
if [ -e "$BOT_DIR/port" ]; then chmod 0600 "$BOT_DIR/port"; fi
firewall
# Code that root's npm kept here, and whoever came first, until version 2 of the cage.
case $(stat -c %U /tmp/node-compile-cache 2>/dev/null) in root | cw-*) leave /tmp/node-compile-cache ;; esac
