# Makes the servers' network. In: BRIDGE, NET (such as 198.18.7), TABLE, UPLINK (may be empty),
# SHARED: a file of all sandboxes, which names the uplink whose forwarding they switched on.
# The route claims the range in one step (it fails if another sandbox was quicker), and keeps packets for
# servers that are gone from leaving by the default route.
# Only one sandbox at a time: one that ends meanwhile would switch our forwarding off again.
exec 9>>"$SHARED"
flock --wait 30 9
ip route add unreachable "$NET.0/24" metric 4096 || exit 75
ip link add "$BRIDGE" type bridge
ip addr add "$NET.1/24" dev "$BRIDGE"
ip link set "$BRIDGE" up
echo 1 > "/proc/sys/net/ipv4/conf/$BRIDGE/forwarding"
if [ -n "$UPLINK" ]; then
  forwarding=/proc/sys/net/ipv4/conf/$UPLINK/forwarding
  if [ "$(cat "$forwarding")" = 0 ]; then
    echo "$UPLINK" > "$SHARED"
    echo 1 > "$forwarding"
  fi
  nft -f - <<NFT
table ip $TABLE {
  chain post { type nat hook postrouting priority 100; ip saddr $NET.0/24 oifname "$UPLINK" masquerade; }
  chain forward { type filter hook forward priority 0; oifname "$UPLINK" tcp flags syn tcp option maxseg size set rt mtu; }
}
NFT
fi
