#!/bin/sh
# What the C interface costs: the built-in tanh against the very same kernel as a run-time plug-in, in runs with the
# same steps at m = 10,000. The program must have been built: swift build -c release.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
phaseflow=${PHASEFLOW:-$root/.build/release/phaseflow}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/same-tanh.c" <<'C'
#include "phaseflow_plugin.h"
#include "CMathKernels.h"
static void evaluate(const void *i, size_t n, const double *z, double *v, double *d) {
  (void)i;
  cmath_tanh(z, v, d, n);
}
static void second(const void *i, size_t n, const double *z, double *r) {
  (void)i;
  cmath_tanh_second(z, r, n);
}
static const phaseflow_activation same = {.struct_size = sizeof same, .name = "same-tanh", .evaluate = evaluate,
  .second_derivative = second};
static const phaseflow_activation *const activations[] = {&same};
static const phaseflow_plugin plugin = {.struct_size = sizeof plugin, .abi_version = PHASEFLOW_ABI_VERSION,
  .activation_count = 1, .activations = activations};
PHASEFLOW_EXPORT const phaseflow_plugin *phaseflow_plugin_entry(void) { return &plugin; }
C
kernels=$root/Sources/CMathKernels
clang -std=gnu11 -O2 -fPIC -shared -I "$root/Sources/CPluginABI/include" -I "$kernels/include" -I "$kernels" \
  -o "$folder/same-tanh.so" "$folder/same-tanh.c" "$kernels/Tanh.c" -lm
best() {
  for _ in 1 2 3 4 5; do
    "$phaseflow" run --width 10000 --gamma 0.5 --t-end 2000 --integrator dormand-prince --observe none \
      --record endpoints --json --quiet "$@" | sed -n 's/.*"wallSeconds" : \([0-9.e-]*\).*/\1/p'
  done | sort -g | head -1
}
builtin=$(best --activation tanh)
runtime=$(best --plugin "$folder/same-tanh.so" --activation same-tanh)
awk -v a="$builtin" -v b="$runtime" 'BEGIN {
  printf "tanh, m = 10,000: built-in %.4f s, run-time plug-in %.4f s, cost %+.1f %%\n", a, b, 100 * (b / a - 1) }'
