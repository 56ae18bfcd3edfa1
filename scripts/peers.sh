#!/bin/sh
# Installs the programs that the tests talk to, from Debian; as root only. Without them the tests that need one say so and
# are skipped.
set -eu

packages="ipmitool freeipmi-tools openipmi ipmiutil python3-pyghmi python3-pyvmomi python3-zmq python3-sushy python3-cliff
  golang-go golang-github-vmware-govmomi-dev iproute2 systemd logrotate fence-agents ansible redfishtool curl prometheus-ipmi-exporter zsh fish man-db groff-base
  ironic-api ironic-conductor python3-ironicclient socat chromium fonts-dejavu-core"

is_installed() {
  dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# Tests start what they need. The services that some packages bring (Ironic, TFTP) are not started beside them.
install_missing() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  # shellcheck disable=SC2086 # one word per package
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
)

missing=""
if command -v dpkg-query >/dev/null; then
  for package in $packages; do
    is_installed "$package" || missing="$missing $package"
  done
fi
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing$missing"
    apt-get update -qq
    install_missing
  else
    echo "not installed (needs root):$missing; the tests that need them are skipped"
  fi
fi
