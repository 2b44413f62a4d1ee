"""What an evaluation of a small system costs: HIRES to t = 50 at rtol 1e-6 by methods of ours, the right-hand side compiled by Numba.

Beside it `Benchmarks/Systems/cvode_loop.c`: the same problem by CVODE from plain C. Processor time, the fastest of the calls. Needs NumPy, Numba and
the library:

    PYTHONPATH=Bindings/Python PHASEFLOW_LIBRARY=.build/release/libPhaseFlowC.so python3 Benchmarks/Python/overhead.py [CALLS]
"""

import sys
import time

import numba
import phaseflow

METHODS = ["dormand-prince", "dop853", "cvode-adams", "cvode-bdf", "radau"]
START = [1, 0, 0, 0, 0, 0, 0, 0.0057]


@numba.cfunc("int32(float64, CPointer(float64), CPointer(float64), voidptr)")
def hires(t, y, d, user):
    r = 280 * y[5] * y[7]
    d[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007
    d[1] = 1.71 * y[0] - 8.75 * y[1]
    d[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4]
    d[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3]
    d[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6]
    d[5] = -r + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6]
    d[6] = r - 1.81 * y[6]
    d[7] = -r + 1.81 * y[6]
    return 0


def fastest(method: str, end: float, calls: int):
    """Seconds and evaluations of the fastest of some calls."""
    best = (float("inf"), 0)
    for _ in range(calls):
        began = time.thread_time()
        found = phaseflow.solve_ivp(hires, (0, end), START, method, rtol=1e-6, atol=1e-9, t_eval=[end])
        best = min(best, (time.thread_time() - began, found.nfev))
    return best


def main():
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for method in METHODS:
        # A run of a few steps is what the call itself costs.
        call, few = fastest(method, 1e-6, calls)
        seconds, evaluations = fastest(method, 50, calls)
        each = 1e9 * (seconds - call) / (evaluations - few)
        print(f"{method:16s} {evaluations:6d} evaluations, {each:4.0f} ns each, {1e6 * call:3.0f} us the call")


if __name__ == "__main__":
    main()
