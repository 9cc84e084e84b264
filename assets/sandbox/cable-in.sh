# Gives a server its network namespace, address and cable. In: NETNS, VETH, BRIDGE, NET, IP.
ip netns add "$NETNS"
ip link add "$VETH" type veth peer name eth0 netns "$NETNS"
ip link set "$VETH" master "$BRIDGE" up
ip -n "$NETNS" link set lo up
ip -n "$NETNS" addr add "$IP/24" dev eth0
ip -n "$NETNS" link set eth0 up
ip -n "$NETNS" route add default via "$NET.1"
