# Cuts a server off or connects it again. In: NETNS, VETH, HOW (blackhole, reset, unplug, restore).
# `nsenter`, not `ip netns exec`: that one hides /sys/fs/cgroup.
inside() { nsenter --net="/run/netns/$NETNS" "$@"; }
filter() { inside nft -f - <<NFT
table inet sandbox_cut {}
flush table inet sandbox_cut
table inet sandbox_cut {
  chain in { type filter hook input priority -300; policy accept; iifname "lo" accept; $1; }
  chain out { type filter hook output priority -300; policy accept; oifname "lo" accept; $2; }
}
NFT
}
case $HOW in
  blackhole) filter drop drop ;;
  reset) filter "meta l4proto tcp reject with tcp reset" accept ;;
  unplug) ip link set "$VETH" down ;;
  restore)
    if inside nft list table inet sandbox_cut >/dev/null 2>&1; then inside nft delete table inet sandbox_cut; fi
    ip link set "$VETH" up ;;
  *) echo "what is $HOW?" >&2; exit 2 ;;
esac
