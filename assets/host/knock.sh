# Talks to an agent's gateway only after a look at who answers there. Any user of the server may take
# a loopback port that is free, so nothing is said to a listener whose uid is not known.
GATEWAY_WAIT=5
# 127.0.0.1 as the kernel writes it, alone and as an IPv6 address.
LOOPBACK='(0100007F|0000000000000000FFFF00000100007F)'

# rows_of PATTERN: $rows, the kernel's TCP sockets that match an extended regular expression. grep, as
# any user may open tens of thousands of them, through which bash would take seconds.
rows_of() { mapfile -t rows < <(grep -hsE "$1" /proc/net/tcp /proc/net/tcp6); }

# read_row ROW: $state, $uid and $inode. The inode is 0 while no process has the socket.
read_row() { read -r _ _ _ state _ _ _ uid _ inode _ <<<"$1"; }

# gateway_port: $port, from a file of root's.
gateway_port() {
  port=''
  [ ! -e "$BOT_DIR/port" ] || read -r port <"$BOT_DIR/port" || true
  case $port in '' | *[!0-9]* | ??????*) return 1 ;; esac
}

# listens PORT UID: whether a process of that user listens on the port; else $holder is the uid of
# another one that does.
listens() {
  local to state inode uid row
  printf -v to %04X "$1"
  holder=''
  rows_of "^ *[0-9]+: ($LOOPBACK|0{8}|0{32}):$to [0-9A-F]+:0000 0A "
  for row in "${rows[@]}"; do
    read_row "$row"
    if [ "$uid" = "$2" ]; then
      holder=''
      return 0
    fi
    holder=$uid
  done
  return 1
}

# knock PORT USER: connects descriptor 3 to the loopback PORT; fails unless a process of USER has
# accepted that very connection. $holder is the uid of another one that listens there or accepted.
# The kernel shows uid 0 for a connection that nobody has accepted yet, so that is waited for. The
# shell that calls this is killed if that takes longer than GATEWAY_WAIT seconds: connecting alone
# may hang in the kernel.
knock() {
  local me=$BASHPID want to mine='' socket state inode uid row gone=0
  holder=''
  want=$(id -u "$2") && [ "$want" != 0 ] || return 1
  printf -v to %04X "$1"
  # At others' doors nobody even knocks.
  listens "$1" "$want" || return 1
  exec 4> >(read -rt "$GATEWAY_WAIT" || (($? <= 128)) || kill -KILL "$me")
  if ! { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null; then
    exec 4>&-
    return 1
  fi
  socket=$(readlink /proc/self/fd/3)
  socket=${socket//[!0-9]/}
  rows_of "^ *[0-9]+: 0100007F:[0-9A-F]{4} 0100007F:$to .* $socket "
  for row in "${rows[@]}"; do
    read_row "$row"
    row=${row#*: 0100007F:}
    if [ "$inode" = "$socket" ]; then mine=${row%% *}; fi
  done
  # Without a row of ours, whoever listens has ended the connection already.
  inode=0
  while [ -n "$mine" ]; do
    rows_of "^ *[0-9]+: $LOOPBACK:$to $LOOPBACK:$mine "
    if [ ${#rows[@]} = 1 ]; then
      read_row "${rows[0]}"
      [ "$inode" = 0 ] || break
      # Established, or about to be, and nobody's yet; any other state is one that is ending.
      case $state in 01 | 03) ;; *) break ;; esac
    elif ((++gone > 20)); then
      break
    fi
    sleep 0.01
  done
  exec 4>&-
  if [ "$inode" != 0 ] && [ "$uid" = "$want" ]; then return 0; fi
  exec 3>&-
  if [ "$inode" != 0 ]; then holder=$uid; fi
  return 1
}

# tell_refusal: the facts of a knock that failed.
tell_refusal() {
  if [ -n "$holder" ]; then
    fact listener "$holder"
    fact refused held
  else
    fact refused closed
  fi
}
