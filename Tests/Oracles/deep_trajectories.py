#!/usr/bin/env python3
"""Whole trajectories of networks of any depth, by SciPy's DOP853 at rtol 1e-12 with gradients written here by hand (NumPy),
and the singular values of deep linear networks by their closed equations (Saxe, McClelland, Ganguli 2014, arXiv 1312.6120).

    python3 Tests/Oracles/deep_trajectories.py > Tests/DeepNetworksTests/Fixtures/deep_trajectories.json

State: W_1, ..., W_L, each row-major. The start is default_rng(seed).standard_normal(N).
"""
import json
import sys

import numpy as np
from scipy.integrate import solve_ivp

PAPER_X = np.array([[-0.5, 1], [-1 / 6, 1], [1 / 6, 1], [0.5, 1]])
PAPER_Y = np.array([[0.25], [1 / 36], [1 / 36], [0.25]])


def tanh(z):
    t = np.tanh(z)
    return t, 1 - t * t


def identity(z):
    return z, np.ones_like(z)


SIGMA = {"tanh": tanh, "identity": identity}


def rhs(widths, sigma, kappa, mobilities, x, y, offset):
    n = len(x)
    shapes = [(widths[l], widths[l - 1]) for l in range(1, len(widths))]
    sizes = [r * c for r, c in shapes]
    ends = np.cumsum([0] + sizes)

    def weights(theta):
        return [theta[ends[l] : ends[l + 1]].reshape(shapes[l]) for l in range(len(shapes))]

    def forward(theta):
        w = weights(theta)
        a, slopes, values = x, [], [x]
        for l in range(len(w) - 1):
            a, s = SIGMA[sigma](a @ w[l].T)
            values.append(a)
            slopes.append(s)
        return w, values, slopes, kappa * a @ w[-1].T

    def f(t, theta):
        w, values, slopes, out = forward(theta)
        p = kappa * (out - offset - y) / n
        result = [None] * len(w)
        for l in range(len(w) - 1, -1, -1):
            result[l] = -mobilities[l] * p.T @ values[l]
            if l > 0:
                p = (p @ w[l]) * slopes[l - 1]
        return np.concatenate([r.ravel() for r in result])

    return f, lambda theta: forward(theta)[3]


def trajectory(name, widths, sigma, kappa, mobilities, x, y, seed, centred, end):
    count = sum(a * b for a, b in zip(widths, widths[1:]))
    start = np.random.default_rng(seed).standard_normal(count)
    zero = np.zeros_like(y)
    _, out = rhs(widths, sigma, kappa, mobilities, x, y, zero)
    offset = out(start) if centred else zero
    f, _ = rhs(widths, sigma, kappa, mobilities, x, y, offset)
    solution = solve_ivp(f, (0, end), start, method="DOP853", rtol=1e-12, atol=1e-13)
    theta = solution.y[:, -1]
    return {
        "name": name, "widths": widths, "activation": sigma, "kappa": kappa, "mobilities": mobilities,
        "x": x.tolist(), "y": y.ravel().tolist(), "seed": seed, "centred": centred, "end": end,
        "theta": theta.tolist(), "loss": float(((out(theta) - offset - y) ** 2).sum() / 2 / len(x)),
    }


def linear_modes():
    """x'x = n I and W_l = u_(l+1) s_l u_l^T aligned: each mode obeys s_l' = (prod_k!=l s_k)(sigma - prod s)."""
    strengths, sizes, end = [1.5, 0.6], [[0.4, 0.7, 0.5], [0.3, 0.2, 0.6]], 4.0

    def f(t, s):
        s = s.reshape(2, 3)
        out = np.empty_like(s)
        for q in range(2):
            product = s[q].prod()
            for l in range(3):
                out[q, l] = (product / s[q, l]) * (strengths[q] - product)
        return out.ravel()

    solution = solve_ivp(f, (0, end), np.array(sizes).ravel(), method="DOP853", rtol=1e-13, atol=1e-14)
    return {"strengths": strengths, "start": sizes, "end": end, "sizes": solution.y[:, -1].reshape(2, 3).tolist()}


def main():
    rng = np.random.default_rng(5)
    x = np.hstack([rng.uniform(-1, 1, (6, 2)), np.ones((6, 1))])
    y = rng.uniform(-1, 1, (6, 2))
    json.dump(
        {
            "trajectories": [
                trajectory("three layers", [2, 8, 8, 1], "tanh", 0.2, [1, 1, 1], PAPER_X, PAPER_Y, 1, True, 30.0),
                trajectory("mobilities", [3, 5, 6, 4, 2], "tanh", 0.3, [0.5, 2, 0.8, 1.25], x, y, 2, False, 20.0),
                trajectory("two layers, two outputs", [3, 7, 2], "tanh", 0.25, [2, 0.5], x, y, 3, False, 20.0),
            ],
            "linear": linear_modes(),
        },
        sys.stdout, indent=1)
    print()


main()
