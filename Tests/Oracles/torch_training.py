"""A three-layer network in PyTorch, double precision: right-hand side, Jacobian-vector product, the largest eigenvalues of the Hessian in
the mobility's metric, trajectories of the gradient flow, of a heavy ball and of Nesterov's equation, and iterates of torch.optim.SGD.
PyTorch differentiates, SciPy's DOP853 at rtol 1e-12 integrates; nothing of this program's is used.

    python torch_training.py > ../TrainingDynamicsTests/Fixtures/torch_training.json     (torch 2.x, scipy)

Written with torch 2.15.0 and scipy 1.17.1.
"""

import json
import sys

import numpy as np
import scipy.integrate
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

rng = np.random.default_rng(11)
widths, kappa, mobilities = [3, 8, 7, 2], 0.4, [1.5, 0.5, 2.0]
n = 6
x = np.column_stack([rng.uniform(-1, 1, (n, widths[0] - 1)), np.ones(n)])
y = rng.uniform(-1, 1, (n, widths[-1]))
shapes = [(8, 3), (7, 8), (7,), (2, 7)]
layers = [1, 2, 2, 3]
theta = rng.standard_normal(sum(int(np.prod(s)) for s in shapes))
v = rng.standard_normal(theta.size)
X, Y = torch.tensor(x), torch.tensor(y)
mu = np.concatenate([np.full(int(np.prod(s)), mobilities[l - 1]) for s, l in zip(shapes, layers)])
M = torch.tensor(mu)


def split(t):
    parts, at = [], 0
    for s in shapes:
        size = int(np.prod(s))
        parts.append(t[at : at + size].reshape(s))
        at += size
    return parts


def outputs(w1, w2, b2, w3):
    hidden = torch.tanh(X @ w1.T)
    return kappa * torch.nn.functional.softplus(hidden @ w2.T + b2) @ w3.T


def risk(t):
    return ((outputs(*split(t)) - Y) ** 2).sum() / (2 * n)


def force(t):
    t = torch.tensor(t, requires_grad=True)
    (g,) = torch.autograd.grad(risk(t), t)
    return -(M * g).numpy()


def solve(f, start, end, begin=0.0):
    return scipy.integrate.solve_ivp(f, (begin, end), start, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]


def second_order(b, d, start, end):
    size = theta.size

    def f(t, s):
        return np.concatenate([s[size:], b(t) * force(s[:size]) + d(t) * s[size:]])

    return solve(f, np.concatenate([start, np.zeros(size)]), end)[:size]


def sgd(steps, lr, decay, **keys):
    """Each block's learning rate is lr times its mobility; a decay that is not weighted by it."""
    parts = [torch.nn.Parameter(p.clone()) for p in split(torch.tensor(theta))]
    groups = [
        {"params": [p], "lr": lr * mobilities[l - 1], "weight_decay": decay / mobilities[l - 1]}
        for p, l in zip(parts, layers)
    ]
    optimiser = torch.optim.SGD(groups, lr=lr, **keys)
    for _ in range(steps):
        optimiser.zero_grad()
        (((outputs(*parts) - Y) ** 2).sum() / (2 * n)).backward()
        optimiser.step()
    return torch.cat([p.detach().reshape(-1) for p in parts]).tolist()


start = torch.tensor(theta)
hessian = torch.autograd.functional.hessian(risk, start)
roots = torch.sqrt(M)
eigenvalues = torch.linalg.eigvalsh(roots[:, None] * hessian * roots[None, :])
nesterov_damping, epsilon, decay = 3.0, 0.5, 0.3

json.dump(
    {
        "widths": widths,
        "kappa": kappa,
        "mobilities": mobilities,
        "x": x.reshape(-1).tolist(),
        "y": y.reshape(-1).tolist(),
        "theta": theta.tolist(),
        "v": v.tolist(),
        "risk": risk(start).item(),
        "derivative": force(theta).tolist(),
        "jv": (-(M * (hessian @ torch.tensor(v)))).tolist(),
        "eigenvalues": eigenvalues.flip(0)[:3].tolist(),
        "end": 2.0,
        "flow": solve(lambda t, s: force(s), theta, 2.0).tolist(),
        "decay": decay,
        "weightDecay": solve(lambda t, s: force(s) - decay * s, theta, 2.0).tolist(),
        "epsilon": epsilon,
        "heavyBall": second_order(lambda t: 1 / epsilon, lambda t: -1 / epsilon, theta, 2.0).tolist(),
        "nesterov": second_order(
            lambda t: 1 if t > 0 else 1 / (1 + nesterov_damping),
            lambda t: -nesterov_damping / t if t > 0 else 0,
            theta,
            2.0,
        ).tolist(),
        "sgd": [
            {
                "learningRate": lr,
                "momentum": m,
                "looksAhead": ahead,
                "decay": r,
                "steps": steps,
                "theta": sgd(steps, lr, r, momentum=m, nesterov=ahead),
            }
            for lr, m, ahead, r, steps in [
                (0.05, 0.0, False, 0.0, 30),
                (0.05, 0.9, False, 0.0, 30),
                (0.05, 0.9, True, 0.0, 30),
                (0.05, 0.8, False, 0.3, 30),
            ]
        ],
    },
    sys.stdout,
    indent=1,
)
