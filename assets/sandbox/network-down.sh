# Removes the servers' network; what is gone already is well. In: BRIDGE, NET, TABLE, and SHARED: a file
# of all sandboxes, which names the uplink whose forwarding they switched on.
exec 9>>"$SHARED"
flock --wait 30 9
if nft list table ip "$TABLE" >/dev/null 2>&1; then nft delete table ip "$TABLE"; fi
if ip link show "$BRIDGE" >/dev/null 2>&1; then ip link del "$BRIDGE"; fi
# Unless the range is another sandbox's: then ours lost the claim.
if [ -n "$(ip -4 route show type unreachable "$NET.0/24")" ] && [ -z "$(ip -4 addr show to "$NET.1/32")" ]; then ip route del unreachable "$NET.0/24" metric 4096; fi
# Another sandbox may need the forwarding still; the last one switches it off.
if ! nft list tables | grep -q ' clawdwako_'; then
  uplink=$(cat "$SHARED")
  forwarding=/proc/sys/net/ipv4/conf/$uplink/forwarding
  if [ -n "$uplink" ] && [ -e "$forwarding" ]; then echo 0 > "$forwarding"; fi
  : > "$SHARED"
fi
