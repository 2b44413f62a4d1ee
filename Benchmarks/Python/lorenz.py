"""Lorenz' system to t = 20 from Python: ours with a right-hand side compiled by Numba, SciPy's with it in Python and by `njit`.

Both sides take turns in one process. Of each the fastest call counts, in processor time, so that other work on the machine
counts little. Needs NumPy, SciPy and Numba, and the library:

    PYTHONPATH=Bindings/Python PHASEFLOW_LIBRARY=.build/release/libPhaseFlowC.so python3 Benchmarks/Python/lorenz.py [ROUNDS]
"""

import sys
import time

import numba
import numpy as np
import phaseflow
import scipy.integrate

START = [1.0, 1.0, 1.0]
TOLERANCES = [(1e-3, 1e-6), (1e-6, 1e-9), (1e-9, 1e-12)]
OURS = ["auto", "dormand-prince", "dop853"]
THEIRS = ["RK45", "DOP853", "LSODA"]


@numba.cfunc("int32(float64, CPointer(float64), CPointer(float64), voidptr)")
def compiled(t, y, ydot, user):
    ydot[0] = 10 * (y[1] - y[0])
    ydot[1] = y[0] * (28 - y[2]) - y[1]
    ydot[2] = y[0] * y[1] - 8 / 3 * y[2]
    return 0


def plain(t, y):
    return [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]]


@numba.njit
def jitted(t, y):
    return np.array([10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]])


def calls(rtol: float, atol: float):
    """Name and call of everything that is compared."""
    keys = dict(rtol=rtol, atol=atol)
    for method in OURS:
        yield f"phaseflow {method}, cfunc", lambda m=method: phaseflow.solve_ivp(compiled, (0, 20), START, m, **keys)
    for method in THEIRS:
        for kind, function in (("Python", plain), ("njit", jitted)):
            yield f"SciPy {method}, {kind}", lambda m=method, f=function: scipy.integrate.solve_ivp(f, (0, 20), START, m, **keys)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    for rtol, atol in TOLERANCES:
        best: dict[str, tuple[float, int]] = {}
        for _ in range(rounds):
            for name, call in calls(rtol, atol):
                for _ in range(20 if name.startswith("phaseflow") else 1):
                    began = time.thread_time()
                    found = call()
                    seconds = time.thread_time() - began
                    best[name] = min(best.get(name, (np.inf, 0)), (seconds, found.nfev))
        print(f"\nrtol {rtol:g}, atol {atol:g}")
        for name, (seconds, nfev) in sorted(best.items(), key=lambda item: item[1]):
            print(f"  {name:32s} {1e3 * seconds:8.3f} ms  {nfev:6d} evaluations")
        for kind in ("Python", "njit"):
            theirs = min(seconds for name, (seconds, _) in best.items() if name.startswith("SciPy") and name.endswith(kind))
            ours = min(seconds for name, (seconds, _) in best.items() if name.startswith("phaseflow"))
            print(f"  SciPy's best with {kind} over ours: {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
