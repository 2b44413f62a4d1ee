#!/bin/bash
# Kills runs and sweeps at random instants, half of them in the last second, lets them go on, kills some again, and compares
# what they give with what unbroken ones gave, byte for byte. Usage: Scripts/kills.sh PHASEFLOW [COUNT] [SEED].
set -u
program=$(realpath "$1") count=${2:-100} seed=${3:-$RANDOM}
RANDOM=$seed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
export SWIFT_BACKTRACE=enable=no

cat >run.yaml <<'YAML'
data: four-points
width: 3000
gamma: 1.75
gamma-prime: 0
asi: true
integrator: dormand-prince
rtol: 1.0e-3
t-end: 3.0e+7
record: geometric:40
YAML
cat >sweep.yaml <<'YAML'
base: {data: four-points, asi: true, rtol: 1.0e-4, observe: [relative-distance], record: steps}
axes: {gamma: [0.5, 1.25, 1.75], gamma-prime: [0], width: [4000, 8000], seed: [1, 2]}
keep: {curves: 50, neurons: 20, weights: true, fit: true}
accuracy: {sample: 2}
YAML

start() { # KIND OUT
  if [ "$1" = run ]; then
    exec "$program" run run.yaml --out "$2" --quiet --checkpoint-interval 0.05
  else
    exec "$program" sweep sweep.yaml --out "$2" --quiet --checkpoint-interval 0.02 --workers 2
  fi
}
go_on() { # KIND OUT
  # A run that was killed before its configuration was written is started again.
  if [ "$1" = run ] && { [ -e "$2" ] || [ -e "$2.part/config.yaml" ]; }; then
    if [ -e "$2" ] && "$program" run --resume "$2" --quiet 2>message; then return 0; fi
    if [ -e "$2" ] && grep -q 'is complete' message; then return 0; fi
    exec "$program" run --resume "$2" --quiet --checkpoint-interval 0.05
  fi
  start "$1" "$2"
}
# What must not depend on chance: no seconds, no claims, no pictures.
digest() { # KIND OUT
  if [ "$1" = run ]; then
    (cd "$2" && cat config.yaml trajectory.csv neurons-initial.npy neurons-final.npy && grep -Ev 'wallSeconds|"date"' summary.json) | sha256sum
  else
    for table in sweep run result curve neurons weights fit; do
      sqlite3 "$2/sweep.sqlite" ".mode quote" "SELECT * FROM $table ORDER BY 1, 2"
    done | sha256sum
  fi
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

declare -A whole length
for kind in run sweep; do
  before=$(milliseconds)
  (start $kind whole-$kind) || exit 2
  length[$kind]=$(($(milliseconds) - before))
  whole[$kind]=$(digest $kind whole-$kind)
  echo "$kind: ${length[$kind]} ms unbroken"
done

kills=0 late=0 different=0 survived=0
while [ $kills -lt "$count" ]; do
  kind=run
  if [ $((RANDOM % 2)) = 0 ]; then kind=sweep; fi
  rm -rf out out.part
  first=1
  # At most three kills on the way.
  for _ in 1 2 3; do
    delay=$((RANDOM * 32768 + RANDOM)) now=$((kills % 2))
    if [ $now = 1 ]; then
      delay=$((length[$kind] - 900 + delay % 1000))
      if [ $delay -lt 0 ]; then delay=0; fi
    else
      delay=$((delay % length[$kind]))
    fi
    if [ $first = 1 ]; then (start $kind out) 2>error & else (go_on $kind out) 2>error & fi
    child=$! first=0
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    # The child execs the program; what it started, gnuplot, goes on alone as after any kill.
    if kill -9 $child 2>/dev/null; then kills=$((kills + 1)) late=$((late + now)); else survived=$((survived + 1)); fi
    wait $child 2>/dev/null
    if [ $((RANDOM % 3)) != 0 ]; then break; fi
  done
  if ! (go_on $kind out) 2>error && ! grep -q 'is complete' error; then
    echo "after $kills kills: $kind does not go on: $(tail -1 error)"
    different=$((different + 1))
  elif [ "$(digest $kind out)" != "${whole[$kind]}" ]; then
    kept=$(mktemp -d "${TMPDIR:-/tmp}/phaseflow-kills-XXXXXX")
    cp -r out "whole-$kind" "$kept"
    echo "after $kills kills: $kind gives other bytes; both are kept in $kept"
    different=$((different + 1))
  fi
done
echo "$kills kills (seed $seed), $late of them in the last second, $survived came too late; $different of the results differ"
[ $different = 0 ]
