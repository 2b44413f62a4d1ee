"""Converged reference for a smooth flow: SciPy's Radau with exact structured linear algebra.

`J = -M (Jf^T Jf / n + B)` is block-diagonal plus rank n, so `c I - J` is inverted by the formula of Woodbury, with
no N x N matrix (Radau needs one real and one complex `c`). SciPy's Radau IIA of order 5 keeps its own step control
and its own Newton iteration: a mistake in J could slow it down, not change its answer.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import Radau

from peers.flow import gradient_parts, numpy_flow, pack, relative_distance
from peers.problems import Problem


class Structured:
    """`J` at one state; `c * 1 - J` factorises it."""

    def __init__(self, problem: Problem, x: np.ndarray, y: np.ndarray, u: np.ndarray):
        self.features, self.blocks = gradient_parts(problem, x, y, u)
        d = x.shape[1]
        self.mobility = np.array([1 / problem.kappa_prime] + [problem.kappa_prime] * d)

    # NumPy scalars would otherwise try to broadcast over this object.
    __array_ufunc__ = None

    def __rsub__(self, shift: complex) -> Factor:
        return Factor(self, shift)


class Factor:
    """`(c I + M B) + M Jf^T Jf / n`, ready to solve: D + U V with U = M Jf^T / n, V = Jf."""

    def __init__(self, j: Structured, shift: complex):
        n = len(j.features)
        blocks = shift * np.eye(len(j.mobility)) + j.mobility[:, None] * j.blocks
        self.inverse = np.linalg.inv(blocks)
        self.features = j.features
        u = j.mobility[None, :, None] * j.features / n
        self.low = np.einsum("kpq,iqk->ipk", self.inverse, u)
        self.small = np.eye(n) + np.einsum("ipk,jpk->ij", j.features, self.low, optimize=True)

    def solve(self, b: np.ndarray) -> np.ndarray:
        n, c, m = self.features.shape
        z = np.einsum("kpq,qk->pk", self.inverse, b.reshape(c, m))
        v = self.features.reshape(n, -1) @ z.ravel()
        return z.ravel() - np.linalg.solve(self.small, v) @ self.low.reshape(n, -1)


def integrate(problem: Problem, rtol: float) -> dict:
    """RD_w, loss and step count at the problem's end time, with atol = rtol / 1000."""
    x, y = problem.points()
    f = numpy_flow(problem)
    start = pack(problem.start())
    rate = np.linalg.norm(f(0, start)) / np.linalg.norm(start)
    # The constructor wants a matrix; the operator takes its place before the first step.
    solver = Radau(
        f, 0.0, start, problem.t_end, rtol=rtol, atol=1e-3 * rtol, first_step=1e-3 / rate,
        jac=np.zeros((start.size, start.size)),
    )  # fmt: skip
    solver.I = 1.0
    solver.jac = lambda _t, u, _f: Structured(problem, x, y, u)
    solver.J = Structured(problem, x, y, start)

    def factorise(matrix: Factor) -> Factor:
        solver.nlu += 1
        return matrix

    solver.lu = factorise
    solver.solve_lu = lambda factor, b: factor.solve(b)
    steps = 0
    while solver.status == "running":
        message = solver.step()
        steps += 1
        if solver.status == "failed":
            raise RuntimeError(message)
    u = solver.y
    m, h = problem.width, x @ u.reshape(3, -1)[1:]
    e = problem.kappa * np.tanh(h) @ u[:m] - y
    return {
        "rdW": relative_distance(problem, u),
        "loss": float(e @ e / (2 * len(y))),
        "rtol": rtol,
        "steps": steps,
        "nfev": solver.nfev,
    }
