#!/bin/sh
# Side by side: PhaseFlow against SciPy, diffrax, torchdiffeq and scikit-SUNDAE. See Benchmarks/README.md.
#   Benchmarks/Peers/run.sh [--phaseflow FILE] [--out DIR] [--quick] [--problems A,B] [--libraries A,B] ...
# Makes .venv-peers on first use. A package that cannot be installed is named, and its peer reported missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv="$root/.venv-peers"
wanted="$here/requirements.txt"

# A version of Python that the pinned packages have wheels for.
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11} none; do
  if [ "$python" = none ]; then
    echo "run.sh: Python 3.11 or newer is needed (set PYTHON)" >&2
    exit 1
  fi
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
done

if ! cmp -s "$wanted" "$venv/requirements.txt"; then
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  if "$venv/bin/pip" install --quiet -r "$wanted"; then
    cp "$wanted" "$venv/requirements.txt"
  else
    echo "run.sh: not all at once; one by one" >&2
    grep -v '^#' "$wanted" | while read -r package; do
      "$venv/bin/pip" install --quiet "$package" || echo "run.sh: MISSING $package" >&2
    done
  fi
fi
CALLER_DIRECTORY=$(pwd)
export CALLER_DIRECTORY
cd "$here"
exec "$venv/bin/python" -m peers --root "$root" "$@"
