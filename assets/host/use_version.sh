# Points the bot at a version of the agent and of Node. VERSION, NODE.
exec </dev/null
lock bots
bot_paths
[ -e "$CW/openclaw/$VERSION/.integrity" ] || fail "version $VERSION of the agent is not on this server"
[ -x "$CW/node/$NODE/bin/node" ] || fail "Node $NODE is not on this server"
[ -d "$BOT_DIR" ] || fail "the bot has no folder on this server yet"
point "$BOT_DIR/node" "../../node/$NODE"
point "$BOT_DIR/current" "../../openclaw/$VERSION"
fact agent_version "$VERSION"
