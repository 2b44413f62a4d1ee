"""Reference solutions of semidiscrete Allen-Cahn and Burgers equations and of Robertson's reaction at t = 40.

u_t = 0.01 u_xx + u - u^3, u(0) = 0.8 sin 3 pi x, to t = 5; u_t = 0.03 u_xx - (u^2/2)_x, u(0) = sin 2 pi x + sin(pi x)/2, to t = 1;
63 inner points of the unit interval, zero at the boundary, central differences.

Run: python3 Tests/Oracles/semilinear.py   (prints the values that ExponentialIntegratorsTests/SemilinearTests.swift carries)
"""
import numpy as np
from scipy.integrate import solve_ivp

n = 63
h = 1 / (n + 1)
x = np.arange(1, n + 1) * h


def neighbours(u):
    return np.concatenate([[0], u[:-1]]), np.concatenate([u[1:], [0]])


def allen_cahn(t, u):
    l, r = neighbours(u)
    return 0.01 * (l - 2 * u + r) / h**2 + u - u**3


def burgers(t, u):
    l, r = neighbours(u)
    return 0.03 * (l - 2 * u + r) / h**2 - (r**2 - l**2) / (4 * h)


def robertson(t, y):
    r1, r2, r3 = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return [-r1 + r2, r1 - r2 - r3, r3]


for name, f, u0, end in [
    ("allenCahn", allen_cahn, 0.8 * np.sin(3 * np.pi * x), 5),
    ("burgers", burgers, np.sin(2 * np.pi * x) + 0.5 * np.sin(np.pi * x), 1),
]:
    s = solve_ivp(f, (0, end), u0, method="Radau", rtol=1e-12, atol=1e-14)
    print(name, [(i, float(s.y[i, -1])) for i in (0, 10, 31, 45, 62)])
s = solve_ivp(robertson, (0, 40), [1, 0, 0], method="Radau", rtol=1e-12, atol=1e-18)
print("robertson", s.y[:, -1].tolist())
