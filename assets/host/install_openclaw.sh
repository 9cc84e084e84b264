# One version of the agent beside the others. VERSION, INTEGRITY (sha512-…, as resolved).
exec </dev/null
lock npm
npm_ground
leave /var/cache/clawdwako/npm # of clawdwako 0.1.0, whose npm was root
install -d -m 0755 "$CW/openclaw"
home=$CW/openclaw/$VERSION
# list_packages FOLDER: everything that npm put there, as $packages. What came inside of another
# package has no hash of its own.
list_packages() {
  packages=$(as_npm / node -e '
    const { packages } = JSON.parse(require("fs").readFileSync(process.argv[1]));
    const all = Object.entries(packages).filter(([path, p]) => path && !p.link);
    const rows = all.map(([path, p]) => [p.name ?? path.split("node_modules/").pop(), p.version, p.integrity ?? null]);
    console.log(JSON.stringify(rows));' "$1/node_modules/.package-lock.json" | told 1000000) ||
    fail "npm's list of what belongs to version $VERSION of the agent is missing or damaged: remove $home"
}
done_well() {
  npm_quiet
  leave "$NPM_WORK" # 220 MB of downloads that nobody needs again
  fact agent_version "$VERSION"
  fact integrity "$INTEGRITY"
  fact packages "$packages"
}
if [ -e "$home/.integrity" ]; then
  [ "$(cat "$home/.integrity")" = "$INTEGRITY" ] ||
    fail "version $VERSION of the agent on this server has another integrity than the registry says now"
  list_packages "$home"
  done_well
  return 0
fi
for old in "$CW"/openclaw/.new-*; do leave "$old"; done
# A project of its own instead of a global install: it leaves a lock file to check against.
# Only the agent's own install script may run.
mkdir "$NPM_WORK/agent"
printf '{"private":true,"dependencies":{"openclaw":"%s"},"allowScripts":{"openclaw":true}}\n' "$VERSION" \
  >"$NPM_WORK/agent/package.json"
chown -R "$NPM_USER:$NPM_USER" "$NPM_WORK/agent"
progress "installing OpenClaw $VERSION"
as_npm "$NPM_WORK/agent" npm install --omit=dev --prefer-offline --loglevel=error | shown ||
  fail "npm could not install the agent"
npm_quiet
new=$CW/openclaw/.new-$VERSION
mkdir "$new" "$new/bin"
take_tree "$NPM_WORK/agent" "$new"
check_tree "$new/node_modules" "$NPM_USER"
chown -hR root:root "$new/node_modules"
ln -s ../node_modules/openclaw/openclaw.mjs "$new/bin/openclaw"
list_packages "$new"
case $packages in
*"[\"openclaw\",\"$VERSION\",\"$INTEGRITY\"]"*) ;;
*) fail "what npm installed is not version $VERSION of the agent with integrity $INTEGRITY" ;;
esac
ran=$(as_npm / "$new/bin/openclaw" --version | told 200) || fail "the agent does not run on this server"
case $ran in *"$VERSION"*) ;; *) fail "the agent that npm installed is not version $VERSION" ;; esac
npm_quiet
echo "$INTEGRITY" >"$new/.integrity"
mv -T "$new" "$home"
done_well
