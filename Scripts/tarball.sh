#!/bin/sh
# Makes a tarball that runs from wherever it is unpacked, with the shared libraries that it needs inside, and its SHA-256,
# in the folder OUT. Needs what `make build` has built.
set -eu
cd "$(dirname "$0")/.."
out=$1
mkdir -p "$out"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
PHASEFLOW_RELOCATABLE=1 Scripts/static-link.sh "$scratch/built" library program
version=$("$scratch/built/phaseflow" --version)
name=phaseflow-$version-linux-$(uname -m)
PREFIX="$scratch/$name" Scripts/install.sh "$scratch/built"
# Relative to itself.
sed -i 's|^prefix=.*|prefix=${pcfiledir}/../..|' "$scratch/$name/lib/pkgconfig/phaseflow.pc"
# The system's own libc, libm, loader and C++ runtime stay the system's.
ldd "$scratch/built/phaseflow" | awk '$2 == "=>" { print $1, $3 }' | while read -r file path; do
  case $file in
  libc.so* | libm.so* | libstdc++.so* | libgcc_s.so* | ld-linux*) ;;
  *) install -m 644 "$(readlink -f "$path")" "$scratch/$name/lib/$file" ;;
  esac
done
cp README.md LICENSE NOTICE.md "$scratch/$name/"
tar -C "$scratch" --owner=0 --group=0 --sort=name -czf "$out/$name.tar.gz" "$name"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256" && cat "$name.tar.gz.sha256")
