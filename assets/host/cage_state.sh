# cage_state: one fact, cage: the generation of what shuts the agent in, and words for what is not as
# it should be. All of it is read from what is root's.
cage_state() {
  local unit=/etc/systemd/system/$UNIT version lacks=() shown port process group
  [ -e "$unit" ] || return 0
  version=$(sed -n 's/^X-Clawdwako-Cage=\([0-9]\{1,4\}\)$/\1/p' "$unit")
  port=$(cat "$BOT_DIR/port" 2>/dev/null || true)
  [ "$(stat -c %a "$BOT_DIR/port" 2>/dev/null || true)" = 600 ] || lacks+=(port)
  [ ! -e "/var/cache/clawdwako/$BOT_USER" ] || lacks+=(cache)
  case $(nft list table inet clawdwako 2>/dev/null || true) in
  *"jump metadata"*"dport $port-"*"sport $port-"*) ;;
  *) lacks+=(firewall) ;;
  esac
  # One that ends meanwhile has no group.
  for process in $(pgrep -u "$BOT_USER" 2>/dev/null || true); do
    group=$(cat "/proc/$process/cgroup" 2>/dev/null || true)
    case $group in
    *user.slice*) ;;
    '' | *"/system.slice/$UNIT"* | *"/system.slice/clawdwako-look-$BOT_USER:"* | *"/system.slice/clawdwako-work-$BOT_USER:"*) continue ;;
    esac
    lacks+=(strays)
    break
  done
  shown=$(systemctl show -p ActiveState,IPAccounting,IPEgressBytes "$UNIT")
  # systemd counts with the program that also filters: without a count there is no filter.
  case $shown in
  *ActiveState=active*) case $shown in *IPAccounting=yes*) case $shown in *IPEgressBytes=[0-9]*) ;; *) lacks+=(addresses) ;; esac ;; esac ;;
  esac
  fact cage "${version:-1} ${lacks[*]-}"
}
