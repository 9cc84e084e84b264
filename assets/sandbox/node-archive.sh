# Puts Node's archives together from npm packages, laid out as on Node's own site, in the folder $OUT (made here).
# The package with the binary has no npm in it: that is added where the official archive has it.
# In: OUT, VERSION (26.1.0), ARCH (x64), NPM_CACHE.
work=$OUT.work
rm -rf "$work"; mkdir -p "$work"; trap 'rm -rf "$work"' EXIT
cd "$work"
pack() { npm pack --silent --cache "$NPM_CACHE" "$1" | tail -1; }
binary=$(pack "node-linux-$ARCH@$VERSION")
manager=$(pack npm@11)
name=node-v$VERSION-linux-$ARCH
mkdir -p "$name/lib/node_modules/npm"
tar -xzf "$binary" -C "$name" --strip-components=1
rm -f "$name/package.json"
tar -xzf "$manager" -C "$name/lib/node_modules/npm" --strip-components=1
chmod 755 "$name/bin/node" "$name"/lib/node_modules/npm/bin/np[mx]-cli.js
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$name/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$name/bin/npx"
mkdir out
# The quickest settings, side by side: xz's default takes minutes for the same file.
tar -c --owner=0 --group=0 "$name" | gzip -1 > "out/$name.tar.gz" &
gz=$!
XZ_OPT='-0 -T0' tar -cJf "out/$name.tar.xz" --owner=0 --group=0 "$name"
wait "$gz"
(cd out; sha256sum "$name".tar.gz "$name".tar.xz > SHASUMS256.txt)
rm -rf "$OUT"
mv out "$OUT"
