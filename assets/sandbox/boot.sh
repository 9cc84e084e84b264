# Boots one server and becomes its systemd-nspawn, which ends with 133 when the server reboots.
# In: DIR (the server's folder), ID, NAME (host name), LOWER (image folders for overlayfs), NETNS.
mkdir -p "$DIR/fs" "$DIR/root"
# Without barriers and with `volatile`: a power cut of the host may lose all of it, and it is a sandbox.
mount -o loop,noatime,nobarrier "$DIR/disk.img" "$DIR/fs"
rm -rf "$DIR/fs/w/work/incompat"   # left by `volatile` when the power was cut
mkdir -p "$DIR/fs/u" "$DIR/fs/w"
root=$DIR/root
mount -t overlay "$ID" -o "lowerdir=$LOWER,upperdir=$DIR/fs/u,workdir=$DIR/fs/w,volatile" "$root"

if [ ! -e "$DIR/fs/prepared" ]; then
  echo "$NAME" > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost ip6-loopback\n' "$NAME" > "$root/etc/hosts"
  # A resolver on this machine's loopback (systemd-resolved) is out of the server's reach.
  resolv=/etc/resolv.conf
  if grep -qE '^nameserver 127\.' $resolv && [ -e /run/systemd/resolve/resolv.conf ]; then
    resolv=/run/systemd/resolve/resolv.conf
  fi
  rm -f "$root/etc/resolv.conf"
  cat "$resolv" > "$root/etc/resolv.conf"
  if [ -e "$DIR/seed/user-data" ]; then
    rm -f "$root/etc/cloud/cloud-init.disabled"
    seed=$root/var/lib/cloud/seed/nocloud
    mkdir -p "$seed"
    install -m 600 "$DIR/seed/user-data" "$seed/user-data"
    printf 'instance-id: i-%s\nlocal-hostname: %s\n' "$ID" "$NAME" > "$seed/meta-data"
  else
    install -m 600 "$DIR/seed/authorized_keys" "$root/root/.ssh/authorized_keys"
    install -m 600 "$DIR/seed/host_key" "$root/etc/ssh/ssh_host_ed25519_key"
    install -m 644 "$DIR/host_key.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
  fi
  touch "$DIR/fs/prepared"
  rm -rf "$DIR/seed"
fi

# nspawn's own locks and folders stay in this namespace: a SIGKILL leaves none on the machine.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=755 clawdwako /run/systemd/nspawn
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
# What IPAddressDeny= of a unit takes (a program in the kernel) servers may do, as real ones may.
exec systemd-nspawn --quiet --register=no --keep-unit -M "$ID" -D "$root" \
  --network-namespace-path="/run/netns/$NETNS" \
  --capability=CAP_NET_ADMIN,CAP_SYS_ADMIN,CAP_BPF --system-call-filter=bpf \
  --resolv-conf=off --timezone=off --link-journal=no --console=pipe \
  --kill-signal=SIGRTMIN+3 /usr/sbin/sandbox-init
