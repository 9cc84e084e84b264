# The agent's log: one entry of the journal a line, as JSON. Without CURSOR the last COUNT, SINCE
# may be empty; after CURSOR all, and all that there are after 0. FOLLOW=yes|no.
exec </dev/null
bot_paths
args=(-q -u "$UNIT" -o json --all "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_PID" --no-pager)
# With --since the first lines are meant by -n, and the last ones in reverse.
last=(-r -n "$COUNT")
[ -z "$SINCE" ] || last+=(--since "$SINCE")
if [ "$FOLLOW" != yes ] && [ -z "$CURSOR" ]; then
  journalctl "${args[@]}" "${last[@]}" | tac
  return 0
fi
# place: the cursor of the last of the entries that come in.
place() { sed -n '$s/.*"__CURSOR" *: *"\([^"]*\)".*/\1/p'; }
from=()
if [ -z "$CURSOR" ]; then
  # The first line holds no message: whoever is cut off before anything came goes on from there.
  # What is written from now on is told, whatever else is.
  CURSOR=$(journalctl "${args[@]}" --output-fields=_PID -n 1 | place || true)
  CURSOR=${CURSOR:-0}
  printf '{"__CURSOR":"%s"}\n' "$CURSOR"
  first=''
  [ "$COUNT" = 0 ] || first=$(journalctl "${args[@]}" --output-fields=_PID "${last[@]}" | place || true)
  [ -z "$first" ] || from=(--cursor "$first")
fi
if [ ${#from[@]} = 0 ] && [ "$CURSOR" != 0 ]; then from=(--after-cursor "$CURSOR"); fi
[ "$FOLLOW" != yes ] || args+=(-f)
exec journalctl "${args[@]}" -n all "${from[@]}"
