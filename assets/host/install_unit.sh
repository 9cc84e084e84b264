# The bot's systemd unit. Standard input: its text.
lock units
bot_paths
put "/etc/systemd/system/$UNIT" 0644
if [ "$changed" = yes ]; then fact unit changed; else fact unit unchanged; fi
exec </dev/null
if why=$(systemd-analyze verify "/etc/systemd/system/$UNIT" 2>&1); then :; else echo "$why"; fi
systemctl daemon-reload
systemctl -q enable "$UNIT"
