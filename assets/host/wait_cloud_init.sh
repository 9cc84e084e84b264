# Waits until the first boot's set-up has ended. WAIT: seconds. STRICT=yes: its errors are ours.
exec </dev/null
if ! command -v cloud-init >/dev/null || [ ! -d /run/cloud-init ]; then
  fact cloud_init absent
  return 0
fi
rc=0
out=$(timeout "$WAIT" cloud-init status --wait --long 2>&1) || rc=$?
state=$(printf '%s\n' "$out" | sed -n 's/^\.*status: //p' | tail -1)
fact cloud_init "${state:-unknown}"
case $rc in
0) ;;
2) printf '%s\n' "cloud-init ended with a warning:" "$out" ;;
124) fail "cloud-init is still at work after $WAIT s: ${out//./}" ;;
*)
  printf '%s\n' "$out" | sed 's/^\.*//'
  grep -hE ' - [^ ]*(ERROR|WARNING|CRITICAL)\]?:' /var/log/cloud-init.log | tail -8 || true
  [ "$STRICT" != yes ] || fail "cloud-init failed at the first boot" "${out//../}"
  ;;
esac
