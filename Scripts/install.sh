#!/bin/sh
# Installs the program, the library and all that belongs to them:
#
#   PREFIX=/usr/local [DESTDIR=...] [LIBDIR=lib] [ZSHDIR=share/zsh/site-functions] install.sh FOLDER
#
# FOLDER holds `phaseflow` and `libphaseflow.so` as Scripts/static-link.sh makes them. Nothing is run as another user: where
# PREFIX cannot be written, it fails.
set -eu
cd "$(dirname "$0")/.."
built=$1
prefix=${PREFIX:-/usr/local}
lib=${LIBDIR:-lib}
zsh=${ZSHDIR:-share/zsh/site-functions}
root=${DESTDIR:-}$prefix
version=$("$built/phaseflow" --version)
major=${version%%.*}

install -d "$root/bin" "$root/$lib/pkgconfig" "$root/include/phaseflow" "$root/share/man/man1" \
  "$root/share/bash-completion/completions" "$root/$zsh" "$root/share/fish/vendor_completions.d"
install -m 755 "$built/phaseflow" "$root/bin/phaseflow"
install -m 644 "$built/libphaseflow.so" "$root/$lib/libphaseflow.so.$version"
ln -sf "libphaseflow.so.$version" "$root/$lib/libphaseflow.so.$major"
ln -sf "libphaseflow.so.$major" "$root/$lib/libphaseflow.so"
install -m 644 Sources/CPhaseFlow/include/phaseflow.h Sources/CPluginABI/include/phaseflow_plugin.h \
  "$root/include/phaseflow/"

cat >"$root/$lib/pkgconfig/phaseflow.pc" <<PKGCONFIG
prefix=$prefix
libdir=\${prefix}/$lib
includedir=\${prefix}/include

Name: phaseflow
Description: Integrates ODEs and the gradient flow of neural networks
Version: $version
Cflags: -I\${includedir}/phaseflow
Libs: -L\${libdir} -lphaseflow
PKGCONFIG

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
Scripts/man-pages.sh "$built/phaseflow" "$pages"
for page in "$pages"/*.1; do
  gzip -9nc "$page" >"$root/share/man/man1/$(basename "$page").gz"
done

# Completions are read by a shell, not run.
"$built/phaseflow" --generate-completion-script bash | sed '1{/^#!/d;}' >"$root/share/bash-completion/completions/phaseflow"
"$built/phaseflow" --generate-completion-script zsh >"$root/$zsh/_phaseflow"
"$built/phaseflow" --generate-completion-script fish >"$root/share/fish/vendor_completions.d/phaseflow.fish"
