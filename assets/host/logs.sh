# The agent's log. COUNT lines; SINCE may be empty; FOLLOW=yes|no.
exec </dev/null
bot_paths
args=(-q -u "$UNIT" -o short-iso --no-hostname --no-pager -n "$COUNT")
[ -z "$SINCE" ] || args+=(--since "$SINCE")
[ "$FOLLOW" != yes ] || args+=(-f)
exec journalctl "${args[@]}"
