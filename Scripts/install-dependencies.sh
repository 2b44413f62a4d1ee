#!/bin/sh
# Installs the Debian packages that PhaseFlow builds and runs with, and those named as arguments, if any of
# them is missing. For anybody but root it says which, and how to install them, and changes nothing.
set -eu

packages="libsundials-dev libsuitesparse-dev libopenblas-dev libsqlite3-dev libssl-dev zlib1g-dev gnuplot-nox dataset-fashion-mnist $*"
missing=""
for package in $packages; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "these Debian packages are missing:$missing" >&2
  echo "install them, as root: apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
echo "installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $missing >/dev/null
