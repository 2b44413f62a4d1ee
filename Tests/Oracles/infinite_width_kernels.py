"""Prints the numbers in Tests/GradientFlowTests/InfiniteWidthKernelTests.swift and ArcCosineKernelTests.swift: the kernels (30) by SciPy's adaptive
quadrature (dblquad over the two correlated normals, 1e-12), and Gauss-Hermite nodes by numpy.polynomial.hermite_e.hermegauss."""

import numpy as np
from scipy.integrate import dblquad

points = [np.array([-0.5, 1.0]), np.array([0.3, 1.0]), np.array([1.5, 1.0]), np.array([9.0, 1.0])]
sigmoid = lambda z: 1 / (1 + np.exp(-z))
activations = {
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "leaky-relu:0.1": (lambda z: z if z > 0 else 0.1 * z, lambda z: 1.0 if z > 0 else 0.1),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "softplus": (lambda z: np.logaddexp(0, z), sigmoid),
    "monomial:3": (lambda z: z**3, lambda z: 3 * z**2),
}


def expectation(g, x, x2, kinked):
    """E g(w.x) g(w.x') in polar coordinates where g has a kink, else in Cartesian ones."""
    basis = np.linalg.qr(np.array([x, x2]).T)[0]
    u, v = basis.T @ x, basis.T @ x2
    if not kinked:
        f = lambda q, p: g(u[0] * p + u[1] * q) * g(v[0] * p + v[1] * q) * np.exp(-(p * p + q * q) / 2)
        return dblquad(f, -12, 12, -12, 12, epsabs=1e-12, epsrel=1e-12)[0] / (2 * np.pi)
    # The kinks are four rays.
    rays = sorted(np.mod([np.arctan2(*p) + s for p in [(-u[0], u[1]), (-v[0], v[1])] for s in (0, np.pi)], 2 * np.pi))
    total = 0.0
    for a, b in zip(rays, rays[1:] + [rays[0] + 2 * np.pi]):
        f = lambda r, t: g(r * (u[0] * np.cos(t) + u[1] * np.sin(t))) * g(
            r * (v[0] * np.cos(t) + v[1] * np.sin(t))
        ) * r * np.exp(-r * r / 2)
        total += dblquad(f, a, b, 0, 12, epsabs=1e-12, epsrel=1e-12)[0]
    return total / (2 * np.pi)


for name, (value, slope) in activations.items():
    kinked = "relu" in name
    print(name)
    for i in range(4):
        for j in range(i):
            ka = expectation(value, points[i], points[j], kinked)
            kw = expectation(slope, points[i], points[j], kinked) * points[i] @ points[j]
            print(f"  ({i}, {j})  ka = {ka:.12g}  kw = {kw:.12g}")

# The paper's four points. On the diagonal E max(w.x, 0)^2 = |x|^2/2 and P(w.x > 0) |x|^2 = |x|^2/2.
four = [np.array([x, 1.0]) for x in (-1 / 2, -1 / 6, 1 / 6, 1 / 2)]
ka, kw = (np.diag([x @ x / 2 for x in four]) for _ in range(2))
for i in range(4):
    for j in range(i):
        value, slope = activations["relu"]
        ka[i, j] = ka[j, i] = expectation(value, four[i], four[j], True)
        kw[i, j] = kw[j, i] = expectation(slope, four[i], four[j], True) * four[i] @ four[j]
for name, matrix in [("K^a", ka), ("K^w", kw), ("K^a + K^w", ka + kw)]:
    print(name, ", ".join(f"{value:.12g}" for value in np.linalg.eigvalsh(matrix)))

nodes, weights = np.polynomial.hermite_e.hermegauss(5)
print("hermegauss(5)", repr(nodes), repr(weights / np.sqrt(2 * np.pi)))
