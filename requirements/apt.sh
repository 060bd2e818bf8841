#!/bin/sh
# Install Debian packages without starting a service: `apt.sh PACKAGE…`, or `apt.sh --tests` for what is missing of the
# lists here. As root, or with a sudo that asks nothing; otherwise it prints the line to type and fails.
# `apt.sh --run [PACKAGE…]` fails for want of a PACKAGE only: what is missing of apt-run.txt, the PDFs can wait for.
set -eu
cd "$(dirname "$0")"
missing() {
  cat "$@" | while read -r package file; do
    ls $file >/dev/null 2>&1 || command -v "${file##*/}" >/dev/null || echo "$package"
  done
}
if [ "$*" = --tests ]; then
  set -- $(missing apt*.txt)
elif [ "${1-}" = --run ]; then
  shift
  wished=$(missing apt-run.txt)
  if [ -n "$wished" ]; then
    if ./apt.sh "$@" $wished; then exit 0; fi
    echo "Without them RFOs have no PDF; everything else works." >&2
  fi
fi
[ $# -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ]; then
  if sudo -n true 2>/dev/null; then exec sudo -n ./apt.sh "$@"; fi
  echo "System packages are missing. As root, run" >&2
  echo "  apt-get update && apt-get install -y --no-install-recommends $*" >&2
  exit 1
fi
echo "Installing with apt: $*"
policy=/usr/sbin/policy-rc.d # while it answers 101, "not allowed", no package starts its service
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 1' INT TERM
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o Acquire::Retries=3 update
apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"
