"""Prints the numbers in Tests/GradientFlowTests/LinearizedFlowTests.swift: the linearised flow (15) of a small tanh network
by scipy.linalg.expm of its full m (d + 1) x m (d + 1) matrix, which knows nothing of Gram matrices, and the
eigenvalues of its Gram matrix (32) by numpy.linalg.eigvalsh."""

import numpy as np
from scipy.linalg import expm

m, kappa, kappa_prime = 6, 0.7, 1.6
X = np.array([[-0.5, 1.0], [0.2, 1.0], [0.9, 1.0]])
y = np.array([0.3, -0.4, 0.8])
n, d = X.shape
theta = np.random.default_rng(3).standard_normal((m, d + 1))
a, w = theta[:, 0], theta[:, 1:]
z = X @ w.T
sigma, slope = np.tanh(z), 1 / np.cosh(z) ** 2
f0 = kappa * sigma @ a
# Columns of J in the order a_1...a_m, w_11...w_m1, w_12...w_m2.
J = np.hstack([kappa * sigma] + [kappa * slope * a * X[:, [j]] for j in range(d)])
M = np.array([1 / kappa_prime] * m + [kappa_prime] * (m * d))
A = -(M[:, None] * J.T) @ J / n
b = -(M * (J.T @ (f0 - y))) / n
# v = theta - theta_0 obeys v' = A v + b: one exponential of the augmented matrix.
augmented = np.zeros((len(b) + 1,) * 2)
augmented[:-1, :-1], augmented[:-1, -1] = A, b
for t in [0.5, 5.0, 50.0]:
    v = expm(augmented * t)[:-1, -1]
    e = f0 + J @ v - y
    print(f"t = {t}: e = {[float(f'{x:.14g}') for x in e]}")
    print(f"  R = {e @ e / (2 * n):.14g}, a_1 = {a[0] + v[0]:.14g}, w_62 = {w[5, 1] + v[-1]:.14g}")
G = J @ (M[:, None] * J.T) / m
print("eigenvalues of G:", [float(f"{x:.14g}") for x in np.linalg.eigvalsh(G)])
