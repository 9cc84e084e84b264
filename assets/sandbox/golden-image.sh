# Keeps Node and the agent of a running server as an extra image layer. Runs in the server's mount namespace.
# Only what is the same for every bot: no settings, no users, no secrets. In: DIR, OUT (does not exist yet).
from=$DIR/root/opt/clawdwako
mkdir -p "$OUT/opt/clawdwako"
for part in node openclaw; do
  [ -d "$from/$part" ] || { echo "the server has no /opt/clawdwako/$part: deploy a bot to it first" >&2; exit 1; }
  cp -a "$from/$part" "$OUT/opt/clawdwako/"
done
