"""Prints what Tests/ValidationTests expects: tails of distributions (SciPy)."""
from math import exp, log
from scipy import stats

for v, n, p in ((5, 400, 0.01), (20, 400, 0.05), (31, 400, 0.05), (1, 10, 1e-4), (400, 400, 0.5)):
    print("binomial", v, n, p, repr(float(stats.binom.sf(v - 1, n, p))))
c = (0.5 - log(1.5)) / 2
for n in (1, 5, 20, 100, 300):
    tail = stats.chi2.cdf(n / 2, n) + stats.chi2.sf(1.5 * n, n)
    print("chi-square outside [N/2, 3N/2]", n, float(tail), "<=", 2 * exp(-c * n))
