# Takes a server's cable and network namespace away; what is gone already is well. In: NETNS, VETH.
if ip link show "$VETH" >/dev/null 2>&1; then ip link del "$VETH"; fi
if [ -e "/run/netns/$NETNS" ]; then ip netns del "$NETNS"; fi
