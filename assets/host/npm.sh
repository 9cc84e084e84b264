# npm with our settings. NODE: version. REGISTRY: another registry, or empty. A registry that is
# down is asked again for half a minute: npm's own pauses grow to more than two minutes in all,
# and a script's deadline would pass before npm says what is wrong.
export PATH=$CW/node/$NODE/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export npm_config_cache=/var/cache/clawdwako/npm npm_config_update_notifier=false \
  npm_config_audit=false npm_config_fund=false npm_config_progress=false \
  npm_config_fetch_retries=4 npm_config_fetch_retry_mintimeout=1000 npm_config_fetch_retry_maxtimeout=10000 \
  npm_config_fetch_timeout=60000
[ -z "$REGISTRY" ] || export npm_config_registry=$REGISTRY
install -d -m 0755 /var/cache/clawdwako /var/cache/clawdwako/npm
