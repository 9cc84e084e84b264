# Removes the servers' network; what is gone already is well. In: BRIDGE, NET, TABLE, and UNFORWARD: the
# uplink whose forwarding we switched on (may be empty).
if nft list table ip "$TABLE" >/dev/null 2>&1; then nft delete table ip "$TABLE"; fi
if ip link show "$BRIDGE" >/dev/null 2>&1; then ip link del "$BRIDGE"; fi
# Unless the range is another sandbox's: then ours lost the claim.
if [ -n "$(ip -4 route show type unreachable "$NET.0/24")" ] && [ -z "$(ip -4 addr show to "$NET.1/32")" ]; then ip route del unreachable "$NET.0/24" metric 4096; fi
# Another sandbox may need the forwarding still; the last one switches it off.
if [ -n "$UNFORWARD" ] && ! nft list tables | grep -q ' clawdwako_'; then
  echo 0 > "/proc/sys/net/ipv4/conf/$UNFORWARD/forwarding"
fi
