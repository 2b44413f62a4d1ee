#!/bin/sh
# Tests the Python package on the library LIBRARY, as it comes from the build tree, beside the program PROGRAM. Where there is no
# Python with NumPy it says so, and that is all.
set -eu
library=$(readlink -f "$1")
program=$(readlink -f "$2")
cd "$(dirname "$0")/../Bindings/Python"
python=${PYTHON:-python3}
if ! "$python" -c "import sys; assert sys.version_info >= (3, 9); import numpy" 2>/dev/null; then
  echo "skipped: the tests of the Python package, since there is no Python 3.9 or later with NumPy"
  exit 0
fi
export PHASEFLOW_LIBRARY="$library" PHASEFLOW_PROGRAM="$program" PYTHONPATH="$PWD"
"$python" -B -m unittest discover -s tests -t .
if "$python" -c "import pytest, scipy.integrate" 2>/dev/null; then
  "$python" -B tests/scipy_suite.py >.scipy-suite.log 2>&1 || { cat .scipy-suite.log; rm .scipy-suite.log; exit 1; }
  tail -1 .scipy-suite.log
  rm .scipy-suite.log
else
  echo "skipped: SciPy's own tests of solve_ivp, since there is no SciPy with pytest"
fi
