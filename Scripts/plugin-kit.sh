#!/bin/sh
# Lists the sources that `phaseflow plugins new --language swift` copies: ODECore, Networks and PhaseFlowPlugin, but for
# the files that need more than the compiler has. Writes links in Sources/PluginTemplates/Templates, which are embedded in
# the program, and Sources/PluginTemplates/KitSources.swift, which names them. A test fails when a file is missing.
set -eu
cd "$(dirname "$0")/../Sources"
links=PluginTemplates/Templates
list=PluginTemplates/KitSources.swift
rm -f "$links"/*.swift.kit
{
  echo "// Written by Scripts/plugin-kit.sh."
  echo
  echo "/// The sources of the kit that a plug-in's package gets a copy of."
  echo "let kitSources: [(path: String, text: [UInt8])] = ["
  find ODECore Networks PhaseFlowPlugin -name '*.swift' | LC_ALL=C sort | while read -r file; do
    if grep -Eq '^import (Files|Dispatch)$' "$file"; then continue; fi
    name=$(echo "$file" | tr / -).kit
    ln -s "../../$file" "$links/$name"
    echo "  (\"$file\", PackageResources.$(echo "$name" | sed 's/[^A-Za-z0-9]/_/g')),"
  done
  echo "]"
} >"$list"
