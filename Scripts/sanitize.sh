#!/bin/sh
# The tests of everything that is C or calls it, under the address and the undefined-behaviour sanitizers, which end a test
# program at the first wrong access, overflow, bad shift or misaligned pointer. SUNDIALS and OpenBLAS are the system's, not
# built so: what they are given is watched at our side. Leaks: Scripts/leak-check.sh. Usage: Scripts/sanitize.sh [FILTER].
set -eu
cd "$(dirname "$0")/.."
filter=${1:-'UntrustedNumbersTests|RungeKuttaTests|ImplicitRungeKuttaTests|SundialsIntegratorsTests|GradientFlowTests|KinkAwareTests|ActivationsPluginsTests|DatasetsPluginsTests|FilesTests|PluginKitTests|FuzzTests'}
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export SWIFT_BACKTRACE=enable=no OPENBLAS_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "== the SUNDIALS shim by itself, with leaks"
${CC:-clang} -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -ISources/CSundials/include \
  -ISources/CLanes/include Scripts/leak-check.c Sources/CSundials/*.c Sources/CLanes/*.c -lsundials_cvodes -lsundials_arkode -lsundials_sunlinsolklu -lm -o "$work/shim"
ASAN_OPTIONS=detect_leaks=1 "$work/shim"

echo "== the tests"
# Swift has no undefined-behaviour sanitizer on Linux; in C each finding is a trap, which needs no library.
${SWIFT:-swift} test -c release --scratch-path .build-sanitize --sanitize address \
  -Xswiftc -enable-testing -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined -Xcc -fno-omit-frame-pointer --filter "$filter"
