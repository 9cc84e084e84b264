# One real turn of the model through the running agent; it does not touch the user's chats.
# Prints one fact, turn: the agent's JSON answer, and which of its starts was asked. WAIT: seconds.
exec </dev/null
bot_paths
rc=0
start=$(systemctl show -p InvocationID --value "$UNIT" || true)
out=$(as_bot -q -t "$((WAIT + 10))" timeout "$WAIT" openclaw infer model run --gateway --prompt "$PROMPT" --json) || rc=$?
if [ $rc = 124 ]; then out='{"ok":false,"error":{"message":"the model did not answer in time"}}'; fi
printf '%s' "$out" | SECRETS=$STATE/secrets/secrets.json START=$start "$BOT_DIR/node/bin/node" -e '
  const fs = require("fs"), raw = fs.readFileSync(0, "utf8"), at = raw.indexOf("{");
  let o = { ok: false, error: { message: raw.trim().slice(0, 500) || "the agent gave no answer" } };
  try { o = JSON.parse(raw.slice(at)); } catch {}
  let text = JSON.stringify({ ok: o.ok === true, provider: o.provider ?? null, model: o.model ?? null,
    text: o.outputs?.[0]?.text?.slice(0, 500) ?? null, error: o.error?.message?.slice(0, 1000) ?? null,
    start: process.env.START || null });
  let secrets = {};
  try { secrets = JSON.parse(fs.readFileSync(process.env.SECRETS)); } catch {}
  for (const s of Object.values(secrets)) if (typeof s === "string" && s.length > 7) text = text.split(s).join("***");
  console.log("::fact turn=" + text);'
