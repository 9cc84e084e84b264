# Carries bytes between standard input and output and the gateway of BOT_USER's agent. They begin
# after a line that is MARK, once a process of that user has accepted the connection. Else it ends with
# facts: refused (absent, closed, held), port, listener (the uid of who holds the port).
bot_paths
gateway_port || {
  fact refused absent
  return 0
}
fact port "$port"
knock "$port" "$BOT_USER" || {
  tell_refusal
  return 0
}
printf '%s\n' "$MARK"
cat <&3 &
down=$!
cat <&0 >&3 &
up=$!
exec 3>&-
# Whoever asked may be gone without a word, which sshd need not notice.
sleep 43200 >/dev/null 2>&1 &
longest=$!
wait -n "$up" "$down" "$longest" || true
# The answer to what was said last still passes, but is not waited for for ever.
for _ in 1 2 3 4 5; do
  if kill -0 "$up" 2>/dev/null || ! kill -0 "$down" 2>/dev/null; then break; fi
  sleep 0.1
done
kill "$up" "$down" "$longest" 2>/dev/null || true
