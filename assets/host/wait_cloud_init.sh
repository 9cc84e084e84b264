# Waits until the first boot's set-up has ended. WAIT: seconds. STRICT=yes: it is ours, and so are its
# errors; else nothing of it is touched.
exec </dev/null
if ! command -v cloud-init >/dev/null || [ ! -d /run/cloud-init ]; then
  fact cloud_init absent
  return 0
fi

# A stage that died, on a full disk for instance, never tells its end, and cloud-init itself would
# be waited for in vain: systemd knows what became of the stages, and what is still to come.
stages=(cloud-init-local.service cloud-init.service cloud-config.service cloud-final.service)
died() { systemctl -q is-failed "${stages[@]}" && ! at_work; }
at_work() { systemctl list-jobs --no-legend | grep -E ' cloud-(init-local|init|config|final)\.service ' >/dev/null; }

# On a full disk the first boot's apt would wait for ever: it is done again later.
demand_room_or_end() {
  [ "$STRICT" != yes ] || has_room || pkill -x apt-get || true
  demand_room
}

end=$((SECONDS + WAIT))
demand_room_or_end
# What an earlier run saw die gets another chance: whatever killed it may be mended.
if [ "$STRICT" = yes ] && died; then
  progress "running the first boot's set-up again, which had failed"
  systemctl reset-failed "${stages[@]}" || true
  systemctl --no-block restart cloud-config.service cloud-final.service
fi
while at_work && [ $SECONDS -lt $end ]; do
  demand_room_or_end
  # Not more often: each look takes processor time from what it waits for.
  sleep 1
done

rc=0
if died; then
  # It may say "running" for ever.
  out=$(cloud-init status --long 2>&1) || true
  rc=1
else
  rest=$((end - SECONDS))
  out=$(timeout "$((rest > 1 ? rest : 1))" cloud-init status --wait --long 2>&1) || rc=$?
fi
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
