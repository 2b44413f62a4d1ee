#!/bin/sh
# Installs the Debian packages that PhaseFlow builds and runs with, and those named as arguments, if any of
# them is missing.
set -eu

packages="libsundials-dev libopenblas-dev libsqlite3-dev zlib1g-dev gnuplot-nox dataset-fashion-mnist $*"
missing=""
for package in $packages; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "installing$missing"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
