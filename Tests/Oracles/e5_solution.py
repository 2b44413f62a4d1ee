"""The solution of E5 (Enright, Hull, Lindberg 1975) at t = 1e13, that ReferenceProblem.e5 carries.

y_2 = y_3 + y_4 for all time; the end, y_2 = y_3 = 8.9e-23, is a difference of numbers that were 1e12 times larger, so that double precision
leaves about 2e-4 of it. Here: Radau IIA of order 9 with 45 digits (mpmath), Newton's iteration on all stages, geometric steps, twice.

Run: python3 Tests/Oracles/e5_solution.py    (some minutes; prints both solutions, which agree to 3e-12)
"""
from mpmath import legendre, lu_solve, matrix, mp, mpf, nstr, polyroots, taylor

mp.dps = 45
A, B, C, MC = mpf("7.89e-10"), mpf("1.1e7"), mpf("1.13e3"), mpf("1.13e9")
STAGES = 5


def coefficients():
    """Radau's right nodes, the zeros of P_s - P_(s-1), and a_ik with sum_k a_ik c_k^j = c_i^(j+1)/(j+1)."""
    difference = [a - b for a, b in zip(*(taylor(lambda x, n=n: legendre(n, x), 0, STAGES) for n in (STAGES, STAGES - 1)))]
    c = sorted((mp.re(r) + 1) / 2 for r in polyroots(difference[::-1], maxsteps=200, extraprec=200))
    powers = matrix([[x**j for x in c] for j in range(STAGES)])
    return [lu_solve(powers, matrix([x ** (j + 1) / (j + 1) for j in range(STAGES)])) for x in c]


def f(y):
    """Of y_1, y_2, y_4."""
    y3 = y[1] - y[2]
    return [-A * y[0] - B * y[0] * y3, A * y[0] - MC * y[1] * y3, B * y[0] * y3 - C * y[2]]


def jacobian(y):
    y3 = y[1] - y[2]
    return [[-A - B * y3, -B * y[0], B * y[0]], [A, -MC * (y3 + y[1]), MC * y[1]], [B * y3, B * y[0], -B * y[0] - C]]


def step(a, y, h):
    stages = [list(y) for _ in range(STAGES)]
    for _ in range(60):
        slopes, jacobians = [f(v) for v in stages], [jacobian(v) for v in stages]
        residual, system = matrix(3 * STAGES, 1), matrix(3 * STAGES, 3 * STAGES)
        for i in range(STAGES):
            for d in range(3):
                residual[3 * i + d] = stages[i][d] - y[d] - h * sum(a[i][k] * slopes[k][d] for k in range(STAGES))
                for k in range(STAGES):
                    for e in range(3):
                        system[3 * i + d, 3 * k + e] = (i == k and d == e) - h * a[i][k] * jacobians[k][d][e]
        change = lu_solve(system, -residual)
        size = mpf(0)
        for i in range(STAGES):
            for d in range(3):
                stages[i][d] += change[3 * i + d]
                size = max(size, abs(change[3 * i + d]) / (abs(stages[i][d]) + mpf("1e-40" if d == 0 else "1e-60")))
        if size < mpf("1e-24"):
            return stages[-1]
    raise SystemExit("no convergence")


def solve(ratio, first, end=mpf(10) ** 13):
    a, t, y = coefficients(), mpf(0), [mpf("1.76e-3"), mpf(0), mpf(0)]
    while t < end:
        h = first if t < 3 * first else ratio * t
        if t + mpf("1.01") * h > end:
            h = end - t
        y, t = step(a, y, h), t + h
    return [y[0], y[1], y[1] - y[2], y[2]]


for ratio, first in ((mpf("0.2"), mpf("1e-7")), (mpf("0.1"), mpf("5e-8"))):
    print(nstr(ratio, 3), [nstr(v, 15) for v in solve(ratio, first)], flush=True)
