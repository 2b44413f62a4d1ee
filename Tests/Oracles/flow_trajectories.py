"""Independent integrations of whole flows, for Tests/StudiesTests.

Uses NumPy and SciPy only (no code of PhaseFlow): the start is numpy's
default_rng(seed).standard_normal((m, d + 1)), columns a, w_1..w_d; the flow is (25), (26) of the paper
written out; the integrator is scipy's DOP853 at rtol 1e-12 (ReLU: 1e-6). For ReLU the field jumps at the kinks, so the
tolerance says little there: the same flow is also integrated with RK45 at rtol 1e-5 and the
difference is recorded as `uncertainty`.

    python3 flow_trajectories.py > ../StudiesTests/Fixtures/flow_trajectories.json
"""
import json

import numpy as np
from scipy.integrate import solve_ivp

DATA = {
    "four-points": ([-1 / 2, -1 / 6, 1 / 6, 1 / 2], [1 / 4, 1 / 36, 1 / 36, 1 / 4]),
    "bench-points": ([-1, -0.33, 0.33, 1], [0.8, 0.2, 0.6, 0.3]),
}
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "softplus": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z))),
}
CASES = [
    dict(data="four-points", width=50, gamma=0.5, gammaPrime=0.2, activation="tanh", seed=1, tEnd=20.0),
    dict(data="bench-points", width=60, gamma=1.5, gammaPrime=-0.2, activation="softplus", seed=7, tEnd=300.0),
    dict(data="four-points", width=100, gamma=0.5, gammaPrime=0.0, activation="relu", seed=1, tEnd=30.0),
    dict(data="bench-points", width=100, gamma=1.0, gammaPrime=0.0, activation="relu", seed=3, tEnd=100.0),
]


def integrate(case, method, rtol):
    x, y = DATA[case["data"]]
    x = np.column_stack([x, np.ones(len(x))])
    y = np.array(y)
    m, (n, d) = case["width"], x.shape
    kappa, kappa_p = float(m) ** -case["gamma"], float(m) ** -case["gammaPrime"]
    s, ds = ACTIVATIONS[case["activation"]]
    theta0 = np.random.default_rng(case["seed"]).standard_normal((m, d + 1))

    def f(theta):
        return kappa * s(theta[:, 1:] @ x.T).T @ theta[:, 0]

    def rhs(_, flat):
        theta = flat.reshape(m, d + 1)
        z = theta[:, 1:] @ x.T
        e = f(theta) - y
        da = -kappa / (kappa_p * n) * s(z) @ e
        dw = -kappa_p * kappa / n * (theta[:, :1] * ds(z) * e) @ x
        return np.column_stack([da, dw]).ravel()

    result = solve_ivp(rhs, (0, case["tEnd"]), theta0.ravel(), method=method, rtol=rtol, atol=1e-2 * rtol)
    assert result.success
    theta = result.y[:, -1].reshape(m, d + 1)
    rd = np.linalg.norm(theta[:, 1:] - theta0[:, 1:]) / np.linalg.norm(theta0[:, 1:])
    e = f(theta) - y
    return rd, e @ e / (2 * n), f(theta)


out = []
for case in CASES:
    smooth = case["activation"] != "relu"
    rd, risk, f = integrate(case, "DOP853", 1e-12 if smooth else 1e-6)
    rd2, _, _ = integrate(case, "RK45", 1e-9 if smooth else 1e-5)
    out.append(dict(case, rdW=rd, loss=risk, f=list(f), uncertainty=abs(rd - rd2) / rd))
print(json.dumps(out, indent=1))
