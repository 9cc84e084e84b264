# Starts what would be waited for later. Not needed for success: whatever fails here is done
# again, with its reasons told, once there is a session. Within limits, as apt was seen to wait
# for ever after the disk had been full for a moment.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
(
  timeout -k 5 60 apt-get -qq -o DPkg::Lock::Timeout=40 update &&
    timeout -k 5 200 apt-get -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends install \
      git ca-certificates curl xz-utils nftables libatomic1 unattended-upgrades
) >/var/log/clawdwako-first-boot.log 2>&1 || true
