# Reads what the server and the agent tell of themselves. One fact, reading: JSON with what
# could be learnt. The agent's own report costs it a second or two.
exec </dev/null
bot_paths
node=$BOT_DIR/node/bin/node
if [ ! -x "$node" ] || [ ! -d "$STATE" ]; then
  fact reading '{}'
  return 0
fi
usage=$(as_bot -q -t 40 openclaw gateway call sessions.usage \
  --params '{"range":"all","agentScope":"all","limit":1}' --json || true)
printf '%s' "$usage" | UNIT_STATE=$(systemctl show -p MemoryCurrent,CPUUsageNSec "$UNIT") \
  DISK=$(df -B1 --output=used,size "$STATE" | tail -n 1) \
  MEMORY=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) "$node" -e '
  const fs = require("fs"), e = process.env;
  const unit = Object.fromEntries(e.UNIT_STATE.split("\n").map((l) => l.split(/=(.*)/s)));
  // systemd says [not set], or a number near 2^64, for what it does not know.
  const whole = (s) => (/^\d+$/.test(s ?? "") && Number(s) < 2 ** 53 ? Number(s) : null);
  const times = (n, by) => (n === null ? null : Math.round(n * by));
  const [used, size] = e.DISK.trim().split(/\s+/).map(whole);
  let usage = null;
  try { usage = JSON.parse(fs.readFileSync(0, "utf8")); } catch {}
  const number = (n) => (Number.isFinite(n) ? n : null);
  console.log("::fact reading=" + JSON.stringify({
    memory_bytes: whole(unit.MemoryCurrent), memory_total_bytes: times(whole(e.MEMORY), 1024),
    disk_bytes: used ?? null, disk_total_bytes: size ?? null, cpu_us: times(whole(unit.CPUUsageNSec), 1e-3),
    messages: number(usage?.aggregates?.messages?.total), tokens: number(usage?.totals?.totalTokens),
    cost_usd: number(usage?.totals?.totalCost),
  }));'
