# Runs the script that follows on standard input, and sees to it that it ends: after its time,
# when nobody listens any more, and when a later run of the same deployment takes over.
# The line before this one began a shell without the login's environment: neither /etc/environment
# nor a .bashrc, BASH_ENV or function from there counts.
cd /
umask 022

# Ends what an earlier run of this deployment left, then holds its lock (descriptor 9).
clawdwako_alone() {
  local i p left signal=TERM said=
  install -d -m 0700 /run/clawdwako || return 1
  exec 9>>"/run/clawdwako/$1.lock" || return 1
  for ((i = 0; i < 75; i++)); do
    left=
    # Only root's: anybody else may put our name into an environment of theirs.
    for p in $(grep -lzsxF "CLAWDWAKO_RUN=$1" /proc/[0-9]*/environ); do
      p=${p%/environ}
      [[ ! -O $p ]] || left+=" ${p#/proc/}"
    done
    if [[ -z $left ]] && flock -n 9; then return 0; fi
    [[ $said ]] || { said=1; echo 'an earlier run of this deployment is still at work here: ending it'; }
    ((i < 25)) || signal=KILL
    for p in $left; do kill "-$signal" "$p" 2>/dev/null; done
    sleep 0.2
  done
  echo '::busy'
  return 1
}

# Ends the process group $2 after $1 seconds, or when standard error leads nowhere any more.
clawdwako_watch() {
  local end=$((SECONDS + $1)) group=$2 why=124 i
  trap '' PIPE
  while ((SECONDS < end)); do
    i=$((end - SECONDS))
    sleep "$((i < 2 ? i : 2))" >/dev/null 2>&1
    printf '\0' >&2 2>/dev/null || { why=125; break; }
  done
  trap '' TERM
  kill -TERM -- "-$group" 2>/dev/null
  for ((i = 0; i < 25; i++)); do
    kill -0 -- "-$group" 2>/dev/null || exit "$why"
    sleep 0.2 >/dev/null 2>&1
  done
  kill -KILL -- "-$group" 2>/dev/null
  exit "$why"
}

clawdwako_supervise() {
  local group watch code why
  echo '::started'
  install -d -m 0700 /run/clawdwako /run/clawdwako/tmp || return 1
  if [[ $2 ]]; then clawdwako_alone "$2" || return 75; fi
  CLAWDWAKO_RUN=$2 TMPDIR=/run/clawdwako/tmp setsid bash -s <&0 9>&- &
  group=$!
  clawdwako_watch "$1" "$group" </dev/null 9>&- &
  watch=$!
  { wait "$group"; } 2>/dev/null
  code=$?
  kill -TERM "$watch" 2>/dev/null
  { wait "$watch"; } 2>/dev/null
  why=$?
  kill -TERM -- "-$group" 2>/dev/null
  if ((why == 124)); then code=124; fi
  return "$code"
}
