"""Prints what Tests/StudiesTests/PowerLawFitTests.swift expects: SciPy's regression and Student's t."""
import numpy as np
from scipy import stats

for nu in (1, 2, 3, 4, 7, 30):
    print("t", nu, [float(stats.t.ppf(p, nu)) for p in (0.6, 0.975, 0.9995)])
x = np.array([1000, 2000, 4000, 8000, 16000] * 2, dtype=float)
y = np.array([0.31, 0.22, 0.16, 0.109, 0.08, 0.3, 0.215, 0.15, 0.112, 0.077])
fit = stats.linregress(np.log(x), np.log(y))
print("fit", fit.slope, fit.stderr, fit.intercept, fit.intercept_stderr, fit.rvalue**2)
half = stats.t.ppf(0.975, len(x) - 2) * fit.stderr
print("95 %", fit.slope - half, fit.slope + half)
