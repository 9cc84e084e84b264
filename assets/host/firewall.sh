# sshd_ports: the ports that SSH is reached at, a line each.
sshd_ports() {
  # shellcheck disable=SC2086
  set -- ${SSH_CONNECTION:-}
  {
    echo "${4:-22}"
    sshd -T | awk '$1 == "port" {print $2}'
    systemctl show -p Listen ssh.socket 2>/dev/null | grep -oE ':[0-9]+ \(Stream\)' | tr -dc '0-9\n' || true
  } | sort -un
}

# commas: its arguments, with commas between.
commas() {
  local IFS=,
  printf '%s' "$*"
}

# agents_rules: keeps whoever runs an agent or npm from where a cloud tells a server of itself.
agents_rules() {
  local group gids=() v4=() v6=() address
  for group in clawdwako clawdwako-npm; do
    if address=$(getent group "$group"); then gids+=("$(cut -d: -f3 <<<"$address")"); fi
  done
  for address in $METADATA; do
    case $address in *:*) v6+=("$address") ;; *) v4+=("$address") ;; esac
  done
  cat <<NFT
  chain agents {
    type filter hook output priority 0; policy accept;
    meta skgid { $(commas "${gids[@]}") } jump metadata
  }
  chain metadata {
    ip daddr { $(commas "${v4[@]}") } reject
    ip6 daddr { $(commas "${v6[@]}") } reject
    ip daddr 168.63.129.16 tcp dport { 80, 32526 } reject
  }
NFT
}

# gateways_rules: a bot's ports are for root and for its own user. Nobody else connects to them; and
# whoever else listens there cannot answer. The handshake alone is judged, where the kernel's own first
# answer counts as the listener's: any user's connection may have come by such a port as its own.
gateways_rules() {
  local file user uid port chains='' jumps=''
  for file in "$CW"/bots/*/port; do
    [ -s "$file" ] || continue
    user=$(basename "$(dirname "$file")")
    uid=$(id -u "$user" 2>/dev/null) || continue
    port=$(cat "$file")
    case $port in *[!0-9]*) continue ;; esac
    jumps+="    oif lo tcp dport $port-$((port + 119)) jump to_$uid"$'\n'
    jumps+="    oif lo tcp sport $port-$((port + 119)) jump from_$uid"$'\n'
    chains+="  chain to_$uid {
    meta skuid { $(commas 0 "$uid") } accept
    tcp flags & (syn | ack) == syn reject with tcp reset
  }
  chain from_$uid {
    meta skuid { 0, $uid } accept
    tcp flags & (syn | ack) == (syn | ack) drop
  }
"
  done
  printf '%s' "$chains"
  printf '  chain gateways {\n    type filter hook output priority 1; policy accept;\n%s  }\n' "$jumps"
}

# input_rules: of a server that was rented, SSH alone is open. Once it was, it stays so, also while
# a bot is put there as on a server of the user's own.
input_rules() {
  [ -s /etc/clawdwako/ports ] || return 0
  cat <<NFT
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    ct state invalid drop
    iif lo accept
    meta l4proto { icmp, icmpv6 } accept
    ip6 saddr fe80::/10 udp dport 546 accept
    tcp dport { $(paste -sd, /etc/clawdwako/ports) } accept
  }
NFT
}

# firewall: writes the rules anew from what root knows of the server and its bots, and loads them.
# They have a table and a unit of their own, so that they neither meet nor need another firewall;
# but Debian's nftables.service empties everything when it starts, and then loads them again.
# The lock "bots" is held.
firewall() {
  local rules old=/etc/clawdwako/firewall.nft
  install -d -m 0755 /etc/clawdwako /etc/systemd/system/nftables.service.d
  local group
  for group in clawdwako clawdwako-npm; do getent group "$group" >/dev/null || groupadd -r "$group"; done
  if [ "${SERVER:-}" = rented ]; then
    sshd_ports | put /etc/clawdwako/ports 0600
  elif [ ! -e /etc/clawdwako/ports ] && [ -e $old ]; then
    # An earlier version of us kept them nowhere else.
    sed -n 's/^ *tcp dport { \([0-9,]*\) } accept$/\1/p' $old | tr , '\n' | put /etc/clawdwako/ports 0600
  fi
  rules=$(
    printf 'table inet clawdwako\ndelete table inet clawdwako\ntable inet clawdwako {\n'
    agents_rules
    gateways_rules
    input_rules
    echo '}'
  )
  nft -c -f - <<<"$rules" || fail "the kernel does not accept the firewall's rules"
  put /etc/clawdwako/firewall.nft 0600 <<<"$rules"
  put /etc/systemd/system/clawdwako-firewall.service 0644 <<'UNIT'
[Unit]
Description=clawdwako firewall
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target systemd-modules-load.service nftables.service ufw.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/clawdwako/firewall.nft
ExecReload=/usr/sbin/nft -f /etc/clawdwako/firewall.nft
ExecStop=-/usr/sbin/nft delete table inet clawdwako

[Install]
WantedBy=multi-user.target
UNIT
  put /etc/systemd/system/nftables.service.d/clawdwako.conf 0644 <<'UNIT'
[Service]
ExecStartPost=-/usr/sbin/nft -f /etc/clawdwako/firewall.nft
ExecReload=-/usr/sbin/nft -f /etc/clawdwako/firewall.nft
UNIT
  reread clawdwako-firewall.service nftables.service
  enable clawdwako-firewall.service
  systemctl reload-or-restart clawdwako-firewall.service ||
    fail "the firewall does not start: $(journalctl -q -u clawdwako-firewall.service -n 3 -o cat --no-pager | tr '\n' ' ')"
}

# no_firewall: takes it off the server.
no_firewall() {
  if [ -e /etc/systemd/system/clawdwako-firewall.service ]; then
    systemctl -q disable --now clawdwako-firewall.service
  fi
  rm -f /etc/systemd/system/clawdwako-firewall.service /etc/systemd/system/nftables.service.d/clawdwako.conf
  rm -f /etc/systemd/system/nftables.service.d/.clawdwako.*
  rmdir /etc/systemd/system/nftables.service.d 2>/dev/null || true
  systemctl daemon-reload
  leave /etc/clawdwako
}
