#!/bin/sh
# Builds the site: the pages of docs/ as a guide, and the reference of the library modules from the catalogues
# Sources/*/*.docc and the doc comments, into .build-docs/html, which any static web server shows. A warning, such
# as a link that leads nowhere, is an error.
#
# usage: docs.sh BIN [OUT]
#
# BIN is the folder of a finished `swift build` (--show-bin-path). With OUT the site goes there, without the notebooks, and
# OUT/symbols has the plug-ins' public declarations as well, which the site leaves out: for a check of all links and comments.
set -eu
cd "$(dirname "$0")/.."
bin=$1
out=${2:-.build-docs}
is_check=${2:+yes}
# A module comes after those that it links to.
modules="ODECore RungeKutta ImplicitRungeKutta SundialsIntegrators ExponentialIntegrators Files StatisticalInference Networks GradientFlow DeepNetworks TrainingDynamics KinkAwareIntegrator PluginKit PhaseFlowPlugin Figures Studies Sweeps Validation ReferenceProblems ODETestKit"

for tool in docc swift-symbolgraph-extract; do
  command -v "$tool" >/dev/null || {
    echo "$tool is not on the PATH; it is part of the Swift toolchain, beside swift" >&2
    exit 1
  }
done
rm -rf "$out"
mkdir -p "$out/symbols" "$out/archives"

# The C modules that the Swift ones import.
set --
for folder in Sources/*/include; do set -- "$@" -I "$folder"; done
for map in Sources/*/module.modulemap "$bin"/../../checkouts/*/Sources/*/module.modulemap \
  "$bin"/../../checkouts/*/Sources/*/include/module.modulemap; do
  set -- "$@" -I "$(dirname "$map")"
done
for map in "$bin"/*.build/module.modulemap; do set -- "$@" -Xcc "-fmodule-map-file=$map"; done

# extract MODULE FLAGS...: its public declarations, with their comments.
extract() {
  name=$1
  shift
  mkdir "$out/symbols/$name"
  swift-symbolgraph-extract -module-name "$name" -target "$(uname -m)-unknown-linux-gnu" \
    -I "$bin/Modules" "$@" -module-cache-path "$out/cache" -output-dir "$out/symbols/$name" \
    -minimum-access-level public -emit-extension-block-symbols -skip-synthesized-members
}

# The guide: links between the pages are DocC's, and those to sources are dropped.
guide="$out/Guide.docc"
mkdir "$guide"
cp docs/*.png docs/*.svg "$guide"
for page in docs/*.md; do
  name=$(basename "$page" .md)
  [ "$name" = README ] && name=Guide
  sed -E -e 's/\]\(([a-z-]+)\.md(#[^)]*)?\)/](doc:\1)/g' -e 's/!?\[([^]]*)\]\((\.\.\/|#)[^)]*\)/\1/g' "$page" >"$guide/$name.md"
done
printf '\n@Metadata {\n  @TechnologyRoot\n}\n' >>"$guide/Guide.md"
docc convert "$guide" --fallback-display-name Guide --fallback-bundle-identifier Guide \
  --warnings-as-errors --output-path "$out/archives/Guide.doccarchive"

# What is already built, for links from one module to another.
dependencies=""
archives="$out/archives/Guide.doccarchive"
for module in $modules; do
  echo "$module"
  extract "$module" "$@"
  # Parameters that need no words have none: hence no check that all have.
  # shellcheck disable=SC2086 # a list of words
  docc convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$out/symbols/$module" \
    --fallback-display-name "$module" --fallback-bundle-identifier "$module" \
    --fallback-default-module-kind Library \
    --enable-experimental-external-link-support $dependencies \
    --disable-parameters-and-returns-validation --warnings-as-errors \
    --output-path "$out/archives/$module.doccarchive"
  dependencies="$dependencies --dependency $out/archives/$module.doccarchive"
  archives="$archives $out/archives/$module.doccarchive"
done
# shellcheck disable=SC2086 # a list of words
docc merge $archives --synthesized-landing-page-name PhaseFlow --output-path "$out/html"
if [ -n "$is_check" ]; then
  for module in "$bin"/Modules/*Plugins.swiftmodule; do
    extract "$(basename "$module" .swiftmodule)" "$@"
  done
  exit 0
fi
# The notebooks, executed on the library of the build.
PYTHONPATH="$PWD/Bindings/Python" PHASEFLOW_LIBRARY="$bin/libPhaseFlowC.so" Scripts/notebooks.sh "$out/html/notebooks"
echo "documentation: python3 -m http.server -d $out/html 8000, then http://localhost:8000/documentation"
