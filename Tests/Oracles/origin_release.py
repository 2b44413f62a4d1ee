"""A neuron at w = 0 that leaves when the loss can fall, by SciPy: two neurons on the bench points, kappa = kappa' = 1.

Neuron B alone moves, and smoothly, until on some ray u along a kink g(u) = sum_i e_i max(x_i.u, 0) falls below zero (a = 0.8
> 0 for neuron A). From there on A slides along that ray: w = r u, r' = -(a/n) g(u), a' = -(r/n) g(u). Its equivalent control
must stay in (0, 1), and B must not meet a kink; both are printed. Then the time and the state (a_A, a_B, w_A, w_B) at t = 10.
"""
import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

x = np.array([[-1, 1], [-0.33, 1], [0.33, 1], [1, 1.0]])
y, n, end = np.array([0.8, 0.2, 0.6, 0.3]), 4, 10.0
accuracy = dict(rtol=1e-13, atol=1e-15, method="DOP853", dense_output=True)


def alone(t, z):
    h = x @ z[1:]
    e = z[0] * np.maximum(h, 0) - y
    return np.r_[-np.maximum(h, 0) @ e / n, -z[0] / n * ((h > 0) * e) @ x]


def outputs(k, u):
    o = np.maximum(x @ u, 0)
    o[k] = 0
    return o


B = solve_ivp(alone, (0, end), [1.5, 0.1, 0.9], **accuracy)
rays = [(k, turn * np.array([-x[k, 1], x[k, 0]]) / np.linalg.norm(x[k])) for k in range(n) for turn in (-1, 1)]


def g(t, k, u):
    z = B.sol(t)
    return outputs(k, u) @ (z[0] * np.maximum(x @ z[1:], 0) - y)


T, k, u = min(
    ((brentq(g, 0, end, (k, u), xtol=1e-15), k, u) for k, u in rays if g(0, k, u) > 1e-9 and g(end, k, u) < -1e-9),
    key=lambda r: r[0])
o = outputs(k, u)


def both(t, z):
    h = x @ z[3:]
    e = z[0] * z[1] * o + z[2] * np.maximum(h, 0) - y
    return np.r_[-z[1] * (o @ e) / n, -z[0] / n * (o @ e), -np.maximum(h, 0) @ e / n, -z[2] / n * ((h > 0) * e) @ x]


S = solve_ivp(both, (T, end), np.r_[0.8, 0, B.sol(T)], **accuracy)
for t in np.linspace(T, end, 200)[1:]:
    z = S.sol(t)
    e = z[0] * z[1] * o + z[2] * np.maximum(x @ z[3:], 0) - y
    control = -(((o > 1e-9) * e) @ x @ x[k]) / (x[k] @ x[k]) / e[k]
    assert 0 < control < 1 and (x @ z[3:] > 0.1).all()
z = S.y[:, -1]
print("leaves at", repr(T), "on the kink of input", k)
print([float(v) for v in np.r_[z[0], z[2], z[1] * u[0], z[3], z[1] * u[1], z[4]]])
