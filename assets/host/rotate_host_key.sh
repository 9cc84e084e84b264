# Puts another ed25519 host key in place; the session that runs this stays open.
# Standard input: the private key in OpenSSH's format.
umask 077
lock host-key
key=/etc/ssh/ssh_host_ed25519_key
rm -f /etc/ssh/.clawdwako.*
new=$(mktemp /etc/ssh/.clawdwako.XXXXXX)
cat >"$new"
public=$(ssh-keygen -y -P '' -f "$new" </dev/null) || { rm -f "$new"; fail "the new host key is not a private key"; }
case $public in ssh-ed25519\ *) ;; *) rm -f "$new"; fail "the new host key is not ed25519" ;; esac
printf '%s\n' "$public" >"$new.pub"
chmod 0644 "$new.pub"
sync "$new" "$new.pub"
mv -f "$new" "$key"
mv -f "$new.pub" "$key.pub"

# Also when the key was in place already: an earlier run may have died before this line.
sshd_accepts || fail "$why" "sshd does not accept its configuration with the new host key"
systemctl reload ssh.service </dev/null || systemctl restart ssh.service </dev/null

# shellcheck disable=SC2086
set -- ${SSH_CONNECTION:-}
address=${3:-127.0.0.1} port=${4:-22}
want=$(printf '%s' "$public" | cut -d' ' -f2)
for _ in $(seq 1 50); do
  have=$(ssh-keyscan -T 2 -t ed25519 -p "$port" "$address" 2>/dev/null </dev/null | awk 'NR==1 {print $3}' || true)
  [ "$have" = "$want" ] && break
  sleep 0.1
done
[ "$have" = "$want" ] || fail "sshd still shows its old host key"
fact host_key "$public"
