# Asks an agent whose gateway speaks a protocol that is not known here, by its own command line. ASK:
# health, usage or turn (with PROMPT); WAIT: seconds. Facts: answer, what it printed, in base64, and
# exit; or why it was not asked, as in relay.sh.
exec </dev/null
bot_paths
gateway_port || {
  fact refused absent
  return 0
}
fact port "$port"
# The command sends the gateway's token to whoever listens.
said=$(if knock "$port" "$BOT_USER"; then echo ours; else tell_refusal; fi) || said='::fact refused silent'
if [ "$said" != ours ]; then
  printf '%s\n' "$said"
  return 0
fi
case $ASK in
health) ask=(openclaw health --json) ;;
usage) ask=(openclaw gateway call sessions.usage --params '{"range":"all","agentScope":"all","limit":1}' --json) ;;
turn) ask=(openclaw infer model run --gateway --prompt "$PROMPT" --json) ;;
*) fail "the agent cannot be asked for $ASK" ;;
esac
rc=0
answer=$(as_bot -q -t $((WAIT + 10)) -n 700000 timeout "$WAIT" "${ask[@]}" | base64 -w 0) || rc=$?
fact exit "$rc"
fact answer "$answer"
