#!/bin/sh
# The main job, end to end: the paper's Figure 2 on its four points, then a linear and a condensed run
# on 45 Fashion-MNIST images.
#
# usage: demo.sh PHASEFLOW OUTPUT_FOLDER
set -eu

phaseflow=$1
out=$2
rm -rf "$out"
mkdir -p "$out"

for gamma in 0.5 1.0 1.75; do
  echo "four points, gamma = $gamma, gamma' = 0, m = 1000"
  "$phaseflow" run --data four-points --width 1000 --gamma "$gamma" --gamma-prime 0 --asi \
    --out "$out/four-points-$gamma" >/dev/null
done

for gamma in 0.5 1.75; do
  echo "Fashion-MNIST, 45 images, gamma = $gamma, gamma' = 0, m = 1000"
  "$phaseflow" run --data fashion-mnist --width 1000 --gamma "$gamma" --gamma-prime 0 \
    --rtol 1e-3 --atol 1e-6 --out "$out/fashion-mnist-$gamma" >/dev/null
done

echo
"$phaseflow" plot "$out"/four-points-0.5 "$out"/four-points-1.0 "$out"/four-points-1.75 \
  --out "$out/figure2"
echo
"$phaseflow" plot "$out"/fashion-mnist-0.5 "$out"/fashion-mnist-1.75 --out "$out/fashion-mnist"
