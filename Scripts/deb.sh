#!/bin/sh
# Makes a Debian package of FOLDER, which holds `phaseflow` and `libphaseflow.so`, in the folder OUT.
set -eu
cd "$(dirname "$0")/.."
built=$1
out=$2
mkdir -p "$out"
version=$("$built/phaseflow" --version)
architecture=$(dpkg --print-architecture)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

PREFIX=/usr DESTDIR="$root" LIBDIR="lib/$triplet" ZSHDIR=share/zsh/vendor-completions Scripts/install.sh "$built"
ldconfig -n "$root/usr/lib/$triplet"

doc=$root/usr/share/doc/phaseflow
install -d "$doc" "$root/DEBIAN"
{
  printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: PhaseFlow\n\n'
  printf 'Files: *\nCopyright: %s\nLicense: Expat\n' "$(sed -n 's/^Copyright (c) //p' LICENSE)"
  sed '1,/^Copyright/d' LICENSE | sed '/./,$!d; s/^$/./; s/^/ /'
} >"$doc/copyright"
{
  printf 'phaseflow (%s) unstable; urgency=low\n\n  * The changes of each version are in CHANGELOG.md of the sources.\n\n' "$version"
  printf ' -- The PhaseFlow developers <phaseflow@users.noreply.github.com>  %s\n' "$(date -R -u -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}")"
} | gzip -9n >"$doc/changelog.gz"

# What lintian would say against the whole being one package, and against a library that the package Yams compiles from its
# own copy.
install -d "$root/usr/share/lintian/overrides"
cat >"$root/usr/share/lintian/overrides/phaseflow" <<OVERRIDES
# The reader of YAML that the program is written with brings libyaml along.
phaseflow: embedded-library libyaml *
# Program, library and header are one package: they are of one version always.
phaseflow: package-name-doesnt-match-sonames *
phaseflow: link-to-shared-library-in-wrong-package *
OVERRIDES

# The packages that hold the libraries which the two need by themselves.
depends=$(
  for file in "$built/phaseflow" "$built/libphaseflow.so"; do
    objdump -p "$file" | awk '$1 == "NEEDED" { print $2 }'
  done | sort -u | while read -r name; do
    path=$(ldd "$built/phaseflow" | awk -v name="$name" '$1 == name { print $3 }')
    [ -n "$path" ] || continue
    dpkg -S "$(readlink -f "$path")" 2>/dev/null || dpkg -S "*/$(basename "$(readlink -f "$path")")" 2>/dev/null
  done | cut -d: -f1 | sort -u | sed 's/^libopenblas0-pthread$/libopenblas0/; s/^libc6$/libc6 (>= 2.36)/' | sort -u | paste -sd, | sed 's/,/, /g'
)
cat >"$root/DEBIAN/control" <<CONTROL
Package: phaseflow
Version: $version
Section: science
Priority: optional
Architecture: $architecture
Maintainer: The PhaseFlow developers <phaseflow@users.noreply.github.com>
Installed-Size: $(du -ks "$root/usr" | cut -f1)
Depends: $depends
Recommends: gnuplot-nox | gnuplot
Suggests: dataset-fashion-mnist
Description: integrates ODEs and the gradient flow of neural networks
 PhaseFlow integrates the training of neural networks as what it is in
 continuous time, an ordinary differential equation, with error control in
 place of a learning rate. It observes runs, scans phase diagrams, and solves
 your own ODEs. The package holds the program, the library libphaseflow
 with its header, manual pages and completions for shells.
CONTROL
printf 'activate-noawait ldconfig\n' >"$root/DEBIAN/triggers"
printf 'libphaseflow 0 phaseflow\n' >"$root/DEBIAN/shlibs"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -type d -exec chmod 755 {} +
dpkg-deb --root-owner-group --build "$root" "$out/phaseflow_${version}_$architecture.deb"
