# harden_sshd: nobody signs in with a password, and sshd passes nothing on that nobody needs here.
# For a server that was rented for a bot.
harden_sshd() {
  local conf=/etc/ssh/sshd_config.d/00-clawdwako.conf pending=/run/clawdwako/sshd.pending text former='' shown line
  grep -qiE '^[[:space:]]*Include[[:space:]]+/etc/ssh/sshd_config.d/' /etc/ssh/sshd_config ||
    sed -i '1i Include /etc/ssh/sshd_config.d/*.conf' /etc/ssh/sshd_config
  install -d -m 0755 /etc/ssh/sshd_config.d
  text='PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
PermitRootLogin prohibit-password
X11Forwarding no
AllowAgentForwarding no
LoginGraceTime 30'
  # A run that dies before sshd has read it leaves word for the next one.
  cmp -s "$conf" - <<<"$text" || touch "$pending"
  [ ! -e "$conf" ] || former=$(cat "$conf")
  put "$conf" 0644 <<<"$text"
  if ! sshd_accepts; then
    # What was shut stays shut.
    if [ -n "$former" ]; then put "$conf" 0644 <<<"$former"; else rm -f "$conf"; fi
    fail "sshd does not accept our settings: $why"
  fi
  if [ -e "$pending" ]; then
    systemctl reload ssh.service || systemctl restart ssh.service
    rm -f "$pending"
  fi
  shown=$(sshd -T)
  for line in 'passwordauthentication no' 'x11forwarding no' 'allowagentforwarding no' 'logingracetime 30'; do
    grep -qx "$line" <<<"$shown" || fail "another setting of sshd's counts more than ours: it should say '$line'"
  done
}
