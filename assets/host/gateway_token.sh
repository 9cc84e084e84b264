# What `open` needs: the gateway's port and token.
exec </dev/null
bot_paths
[ -e "$STATE/secrets/secrets.json" ] || fail "the bot is not configured on this server"
fact port "$(cat "$BOT_DIR/port")"
# shellcheck disable=SC2016
fact gateway_token "$("$BOT_DIR/node/bin/node" -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).gateway' "$STATE/secrets/secrets.json")"
