#!/bin/sh
# Runs the CVODE integrators under valgrind: first the C shim by itself (leak-check.c), where any error and
# any block not freed fails; then Swift on top of it (leak-check.swift), where any report fails that names
# the shim, SUNDIALS or our Swift modules. Swift's own runtime keeps some memory to the end.
#
# The test bundle itself cannot run under valgrind 3.19, which crashes when libdispatch ends the main thread.
#
# Needs valgrind and Swift's clang. Usage: Scripts/leak-check.sh [--shim-only]
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "== the shim by itself"
# valgrind 3.19 reads DWARF 4 at most.
${CC:-clang} -std=gnu11 -gdwarf-4 -O1 -ISources/CSundials/include -ISources/CLanes/include Scripts/leak-check.c \
  Sources/CSundials/*.c Sources/CLanes/*.c -lsundials_cvodes -lsundials_arkode -lsundials_sunlinsolklu -lm -o "$work/shim"
valgrind --quiet --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
  --error-exitcode=9 "$work/shim"

[ "${1:-}" = "--shim-only" ] && exit 0

echo "== Swift on top of it"
swift build -c release --target SundialsIntegrators
bin=$(swift build -c release --show-bin-path)
cp Scripts/leak-check.swift "$work/main.swift"
swiftc -O -gnone -swift-version 6 -I "$bin/Modules" -Xcc "-fmodule-map-file=$bin/CSundials.build/module.modulemap" \
  -Xcc -ISources/CSundials/include "$work/main.swift" "$bin"/ODECore.build/*.o "$bin"/SundialsIntegrators.build/*.o \
  "$bin"/CSundials.build/*.o "$bin"/Logging.build/*.o -lsundials_cvodes -lsundials_arkode -lsundials_sunlinsolklu -o "$work/unstripped"
strip --strip-debug -o "$work/swift" "$work/unstripped"
valgrind --leak-check=full --show-leak-kinds=definite,indirect \
  --errors-for-leak-kinds=definite,indirect --num-callers=40 --log-file="$work/log" "$work/swift" || {
  tail -20 "$work/log"
  exit 1
}
grep -E "definitely lost|ERROR SUMMARY" "$work/log" || {
  tail -20 "$work/log"
  exit 1
}
# One report is a paragraph.
sed 's/^==[0-9]*== *//' "$work/log" | awk '
  BEGIN { RS = ""; found = 0 }
  /csundials|libsundials|ODECore|SundialsIntegrators/ && /lost in loss record|Invalid|ninitialised|Mismatched/ {
    print; print ""; found = 1
  }
  END { exit found }' || {
  echo "leaks or wrong accesses, see above"
  exit 1
}
echo "no leaks, no wrong accesses"
