#!/bin/sh
# Executes the notebooks in Examples/Notebooks and writes them as HTML into the folder OUT. Needs a Python with phaseflow,
# nbconvert and ipykernel: PYTHON names it.
set -eu
cd "$(dirname "$0")/.."
out=$1
python=${PYTHON:-python3}
if ! "$python" -c "import nbconvert, ipykernel, phaseflow" 2>/dev/null; then
  echo "skipped: the notebooks, since there is no Python with phaseflow, nbconvert and ipykernel"
  exit 0
fi
mkdir -p "$out"
"$python" -m nbconvert --to html --execute --log-level WARN --output-dir "$out" Examples/Notebooks/*.ipynb
