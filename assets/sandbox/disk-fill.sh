# Fills a server's disk from beneath: the file is outside what the server sees. Runs in its mount namespace. In: DIR.
room() { df --output=avail -B1 "$DIR/fs" | tail -1 | tr -d ' '; }
free=$(room)
if [ "$free" -gt 0 ]; then fallocate -l "$free" "$DIR/fs/fill" 2>/dev/null || true; fi
dd if=/dev/zero of="$DIR/fs/fill-rest" bs=4k 2>/dev/null || true   # ends when nothing fits any more
free=$(room)
[ "$free" = 0 ] || { echo "$free bytes stayed free" >&2; exit 1; }
