#!/bin/sh
# Draws docs/architecture.svg from Package.swift.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
swift package dump-package --scratch-path "$scratch" >"$scratch/package.json"
swift build -c release --product phaseflow-architecture
"$(swift build -c release --show-bin-path)/phaseflow-architecture" <"$scratch/package.json" >"$scratch/architecture.svg"
mv "$scratch/architecture.svg" docs/architecture.svg
