# Moves itself into the control groups given as arguments, then becomes $BODY in a mount namespace of its
# own: what is mounted there is gone with the last process, even after a SIGKILL.
for group in "$@"; do echo $$ > "$group/cgroup.procs"; done
exec unshare --mount --propagation slave -- bash -euo pipefail -c "$BODY" boot
