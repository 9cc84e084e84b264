# What the registry says of the agent's version: its integrity, and the Node that it needs.
exec </dev/null
lock npm
out=$(cd / && npm view "openclaw@$VERSION" version engines.node dist.integrity --json 2>&1) || {
  code=$(grep -oE '"code": "[A-Z0-9]+"' <<<"$out" | head -1 | cut -d'"' -f4 || true)
  case $code in
  E404 | ETARGET) fail "the registry has no version $VERSION of the agent" ;;
  *) fail "the registry cannot be asked for the agent${code:+ ($code)}: $(grep -E '^npm error' <<<"$out" | tail -2 | tr '\n' ' ')" ;;
  esac
}
[ -n "$out" ] || fail "the registry has no version $VERSION of the agent"
# shellcheck disable=SC2016
node -e '
  const r = JSON.parse(require("fs").readFileSync(0, "utf8").replace(/^npm .*$/gm, ""));
  if (Array.isArray(r)) throw new Error("more than one version answers");
  for (const [fact, key] of [["agent_version", "version"], ["engines", "engines.node"], ["integrity", "dist.integrity"]])
    console.log(`::fact ${fact}=${String(r[key] ?? "").replace(/\s+/g, " ")}`);' <<<"$out"
