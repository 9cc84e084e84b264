# One version of the agent beside the others. VERSION, INTEGRITY (sha512-…, as resolved).
exec </dev/null
lock npm
install -d -m 0755 "$CW/openclaw"
home=$CW/openclaw/$VERSION
done_well() {
  fact agent_version "$VERSION"
  fact integrity "$INTEGRITY"
  # Everything that npm put there. What came inside of another package has no hash of its own.
  # shellcheck disable=SC2016
  node -e '
    const { packages } = JSON.parse(require("fs").readFileSync(process.argv[1]));
    const all = Object.entries(packages).filter(([path, p]) => path && !p.link);
    const rows = all.map(([path, p]) => [p.name ?? path.split("node_modules/").pop(), p.version, p.integrity ?? null]);
    console.log(`::fact packages=${JSON.stringify(rows)}`);' "$home/node_modules/.package-lock.json" ||
    fail "npm's list of what belongs to version $VERSION of the agent is missing or damaged: remove $home"
}
if [ -e "$home/.integrity" ]; then
  [ "$(cat "$home/.integrity")" = "$INTEGRITY" ] ||
    fail "version $VERSION of the agent on this server has another integrity than the registry says now"
  done_well
  return 0
fi
for old in "$CW"/openclaw/.new-*; do leave "$old"; done
new=$CW/openclaw/.new-$VERSION
mkdir "$new"
# A project of its own instead of a global install: it leaves a lock file to check against.
# Only the agent's own install script may run.
printf '{"private":true,"dependencies":{"openclaw":"%s"},"allowScripts":{"openclaw":true}}\n' "$VERSION" >"$new/package.json"
progress "installing OpenClaw $VERSION"
(cd "$new" && npm install --omit=dev --prefer-offline --loglevel=error 2>&1 | tail -40) ||
  fail "npm could not install the agent"
# shellcheck disable=SC2016
have=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1]))["packages"]["node_modules/openclaw"].integrity' \
  "$new/node_modules/.package-lock.json")
[ "$have" = "$INTEGRITY" ] || fail "what npm installed has integrity $have, not $INTEGRITY"
mkdir "$new/bin"
ln -s ../node_modules/openclaw/openclaw.mjs "$new/bin/openclaw"
ran=$(cd / && "$new/bin/openclaw" --version) || fail "the agent does not run on this server"
case $ran in *"$VERSION"*) ;; *) fail "the agent that npm installed says it is $ran" ;; esac
echo "$INTEGRITY" >"$new/.integrity"
mv -T "$new" "$home"
# 220 MB that nobody needs again, unless somebody gave the folder.
mountpoint -q /var/cache/clawdwako/npm || leave /var/cache/clawdwako/npm
done_well
