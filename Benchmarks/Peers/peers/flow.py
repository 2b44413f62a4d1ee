"""The flow's right-hand side in NumPy, JAX and torch, and its dense Jacobian.

    a'_k = -(kappa / (kappa' n)) sum_i e_i sigma(w_k.x_i)
    w'_k = -(kappa kappa' / n) a_k sum_i e_i sigma'(w_k.x_i) x_i,     e_i = kappa sum_k a_k sigma(w_k.x_i) - y_i

The state is laid out as rows a, w_1 .. w_d of length m: the fastest layout for all three.
"""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

from .problems import Problem

RightHandSide = Callable[[Any, Any], Any]


def numpy_flow(problem: Problem) -> RightHandSide:
    x, y = problem.points()
    n, d = x.shape
    k, kp, m = problem.kappa, problem.kappa_prime, problem.width
    relu = problem.activation == "relu"

    def derivative(_t: float, u: np.ndarray) -> np.ndarray:
        theta = u.reshape(d + 1, m)
        a, w = theta[0], theta[1:]
        h = x @ w
        if relu:
            slope = (h > 0).astype(np.float64)
            value = h * slope
        else:
            value = np.tanh(h)
            slope = 1 - value * value
        e = k * (value @ a) - y
        du = np.empty_like(theta)
        np.matmul((-k / (kp * n)) * e, value, out=du[0])
        np.matmul((x * ((-k * kp / n) * e)[:, None]).T, slope, out=du[1:])
        du[1:] *= a
        return du.ravel()

    return derivative


def numpy_jacobian(problem: Problem) -> Callable[[float, np.ndarray], np.ndarray]:
    """The exact dense Jacobian `-M (Jf^T Jf / n + B)`, for smooth activations; shape [N, N]."""
    if problem.activation != "tanh":
        raise ValueError("the dense Jacobian is written for tanh")
    x, y = problem.points()
    n, d = x.shape
    k, kp, m = problem.kappa, problem.kappa_prime, problem.width
    mobility = np.concatenate([np.full(m, 1 / kp), np.full(d * m, kp)])
    neurons = np.arange(m)

    def jacobian(_t: float, u: np.ndarray) -> np.ndarray:
        features, blocks = gradient_parts(problem, x, y, u)
        flat = features.reshape(n, -1)
        result = flat.T @ flat
        result /= n
        for p in range(d + 1):
            for q in range(d + 1):
                result[p * m + neurons, q * m + neurons] += blocks[:, p, q]
        result *= -mobility[:, None]
        return result

    return jacobian


def gradient_parts(problem: Problem, x: np.ndarray, y: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For tanh: `Jf` as [n, d + 1, m], and the blocks `B_k` of the Hessian's other part as [m, d + 1, d + 1]."""
    n, d = x.shape
    k, m = problem.kappa, problem.width
    theta = u.reshape(d + 1, m)
    a, w = theta[0], theta[1:]
    value = np.tanh(x @ w)
    slope = 1 - value * value
    e = k * (value @ a) - y
    features = np.empty((n, d + 1, m))
    features[:, 0] = k * value
    features[:, 1:] = (k * a * slope)[:, None, :] * x[:, :, None]
    blocks = np.zeros((m, d + 1, d + 1))
    mixed = (k / n) * (slope.T @ (e[:, None] * x))
    blocks[:, 0, 1:] = mixed
    blocks[:, 1:, 0] = mixed
    curvature = (-2 * k / n) * a * (value * slope) * e[:, None]
    blocks[:, 1:, 1:] = np.einsum("ik,ip,iq->kpq", curvature, x, x)
    return features, blocks


def jax_flow(problem: Problem) -> RightHandSide:
    import jax.numpy as jnp

    points, targets = problem.points()
    x, y = jnp.asarray(points), jnp.asarray(targets)
    n, d = points.shape
    k, kp, m = problem.kappa, problem.kappa_prime, problem.width
    relu = problem.activation == "relu"

    def derivative(_t: Any, u: Any) -> Any:
        theta = u.reshape(d + 1, m)
        a, w = theta[0], theta[1:]
        h = x @ w
        if relu:
            slope = (h > 0).astype(h.dtype)
            value = h * slope
        else:
            value = jnp.tanh(h)
            slope = 1 - value * value
        e = k * (value @ a) - y
        da = (-k / (kp * n)) * (e @ value)
        dw = (-k * kp / n) * ((x * e[:, None]).T @ slope) * a
        return jnp.concatenate([da[None], dw]).ravel()

    return derivative


def torch_flow(problem: Problem) -> RightHandSide:
    import torch

    points, targets = problem.points()
    x, y = torch.from_numpy(points), torch.from_numpy(targets)
    n, d = points.shape
    k, kp, m = problem.kappa, problem.kappa_prime, problem.width
    relu = problem.activation == "relu"

    def derivative(_t: Any, u: Any) -> Any:
        theta = u.reshape(d + 1, m)
        a, w = theta[0], theta[1:]
        h = x @ w
        if relu:
            slope = (h > 0).to(h.dtype)
            value = h * slope
        else:
            value = torch.tanh(h)
            slope = 1 - value * value
        e = k * (value @ a) - y
        du = torch.empty_like(theta)
        torch.mv(value.T, (-k / (kp * n)) * e, out=du[0])
        torch.matmul((x * ((-k * kp / n) * e)[:, None]).T, slope, out=du[1:])
        du[1:] *= a
        return du.ravel()

    return derivative


def pack(start: np.ndarray) -> np.ndarray:
    """[m, d + 1] to rows a, w_1 .. w_d, flat."""
    return np.ascontiguousarray(start.T).ravel()


def relative_distance(problem: Problem, u: np.ndarray) -> float:
    """RD_w (16), of all coordinates of the inputs."""
    m = problem.width
    w, w0 = np.asarray(u)[m:], pack(problem.integrated_start())[m:]
    return float(np.linalg.norm(w - w0) / np.linalg.norm(problem.start()[:, 1:]))


def largest_rate(problem: Problem, u: np.ndarray) -> float:
    """A bound on the Jacobian's eigenvalues for ReLU: the largest of the Gauss-Newton matrix, and of the neurons' own blocks."""
    x, y = problem.points()
    n, d = x.shape
    theta = np.asarray(u).reshape(d + 1, problem.width)
    h = x @ theta[1:]
    value, slope = np.maximum(h, 0), (h > 0) * theta[0]
    k, kp = problem.kappa, problem.kappa_prime
    kernel = k * k / n * (value @ value.T / kp + kp * (x @ x.T) * (slope @ slope.T))
    e = k * (theta[0] @ value.T) - y
    blocks = np.linalg.norm((x * e[:, None]).T @ (h > 0), axis=0)
    return float(np.linalg.eigvalsh(kernel)[-1] + k / n * blocks.max())
