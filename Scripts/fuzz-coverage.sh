#!/bin/sh
# One reader under libFuzzer, which keeps the inputs that reach new code: Scripts/fuzz-coverage.sh TARGET SECONDS.
# What it has found worth keeping is in .build-fuzz/corpus/TARGET and is gone on with; what breaks the reader is in
# .build-fuzz/findings. The flags stand here, since Package.swift may not have them.
set -eu
cd "$(dirname "$0")/.."
target=$1 seconds=$2
flags="-c release --scratch-path .build-fuzz --sanitize fuzzer -Xswiftc -DLIBFUZZER"
# shellcheck disable=SC2086
${SWIFT:-swift} build $flags --product phaseflow-fuzz
# shellcheck disable=SC2086
bin=$(${SWIFT:-swift} build $flags --show-bin-path)
mkdir -p ".build-fuzz/corpus/$target" .build-fuzz/findings
FUZZ_TARGET=$target FUZZ_CORPUS=".build-fuzz/corpus/$target" OPENBLAS_NUM_THREADS=1 SWIFT_BACKTRACE=enable=no \
  "$bin/phaseflow-fuzz" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=4096 -detect_leaks=0 -max_len=65536 \
  -artifact_prefix=".build-fuzz/findings/$target-" -print_final_stats=1 ".build-fuzz/corpus/$target"
