# Node of one major version, the newest that the mirror has, checked by SHA-256.
# NODE_MIRROR: base address without a slash at the end. MAJOR.
exec </dev/null
lock npm
case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) fail "no Node for $(uname -m)" ;; esac
install -d -m 0755 "$CW" "$CW/node"
CURL=(curl -q -fsSL --retry 4 --retry-connrefused --connect-timeout 15)
found() {
  fact node "$1"
  fact node_sha256 "$(cat "$CW/node/$1/.archive-sha256")"
}
if ! sums=$("${CURL[@]}" --max-time 60 "$NODE_MIRROR/latest-v$MAJOR.x/SHASUMS256.txt"); then
  have=$(find "$CW/node" -maxdepth 1 -name "$MAJOR.*" -printf '%f\n' | sort -V | tail -1)
  [ -n "$have" ] || fail "Node's list of versions cannot be read at $NODE_MIRROR"
  echo "Node's list of versions cannot be read at $NODE_MIRROR: going on with $have, which is here"
  found "$have"
  return 0
fi
for kind in xz gz; do
  line=$(grep -E "^[0-9a-f]{64}  node-v$MAJOR\.[0-9]+\.[0-9]+-linux-$arch\.tar\.$kind\$" <<<"$sums" || true)
  [ -z "$line" ] || break
done
[ -n "$line" ] || fail "$NODE_MIRROR has no Node $MAJOR for linux-$arch"
sum=${line%% *}
file=${line##* }
version=${file#node-v}
version=${version%%-*}
if [ -x "$CW/node/$version/bin/node" ]; then
  found "$version"
  return 0
fi

progress "downloading Node $version"
for old in "$CW"/node/.new-*; do leave "$old"; done
new=$CW/node/.new-$version
mkdir "$new"
"${CURL[@]}" --max-time "$DOWNLOAD_WAIT" -o "$new/$file" "$NODE_MIRROR/v$version/$file" ||
  fail "Node cannot be downloaded from $NODE_MIRROR"
(cd "$new" && echo "$sum  $file" | sha256sum -c --quiet) ||
  fail "Node's archive from $NODE_MIRROR does not match its SHA-256"
mkdir "$new/node"
# Headers and manuals are half of its files and nobody needs them here.
tar -xf "$new/$file" -C "$new/node" --strip-components=1 --no-same-owner \
  --exclude='node-v*/include' --exclude='node-v*/share'
NODE=$version
npm_ground
ran=$(as_npm / "$new/node/bin/node" --version | told 200) || fail "Node $version does not run on this server"
npm_quiet
[ "$ran" = "v$version" ] || fail "Node's archive of $version holds another version"
echo "$sum" >"$new/node/.archive-sha256"
mv -T "$new/node" "$CW/node/$version"
leave "$new"
found "$version"
