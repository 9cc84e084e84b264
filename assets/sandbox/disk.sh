# Makes a server's disk and, where $MAKE_HOST_KEY is set, its host key. In: DIR, SIZE_GB, MAKE_HOST_KEY.
truncate -s "${SIZE_GB}G" "$DIR/disk.img"
mkfs.ext4 -q -F -O ^has_journal -m 0 -E lazy_itable_init=1,nodiscard "$DIR/disk.img"
if [ -n "$MAKE_HOST_KEY" ]; then
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$DIR/seed/host_key"
  mv "$DIR/seed/host_key.pub" "$DIR/host_key.pub"
fi
