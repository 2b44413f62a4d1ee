"""The peers' integrators, each as a function `integrate(rtol) -> Outcome` that is ready and warm."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import Any, Callable

import numpy as np

from .flow import jax_flow, largest_rate, numpy_flow, numpy_jacobian, pack, torch_flow
from .problems import Problem, atol


@dataclass
class Outcome:
    state: np.ndarray
    nfev: int | None
    """Evaluations of the right-hand side; None where the library does not tell."""
    steps: int | None
    """Accepted steps; None where the library does not tell."""
    message: str = ""
    """Not empty: the integration failed, and why."""


Integrate = Callable[[], Outcome]

EXPLICIT = {
    "scipy": ("RK45", "DOP853", "LSODA"),
    "diffrax": ("Tsit5", "Dopri8"),
    "torchdiffeq": ("dopri5",),
    "scikit-sundae": ("CVODE-Adams",),
    "torch": ("gradient-descent",),
}
IMPLICIT = {
    "scipy": ("BDF", "Radau"),
    "diffrax": ("Kvaerno5",),
    "scikit-sundae": ("CVODE-BDF-dense", "CVODE-BDF-gmres"),
}


def methods(problem: Problem) -> list[tuple[str, str]]:
    """Library and method of every peer that is tried on a problem."""
    chosen = [(lib, m) for lib, names in EXPLICIT.items() for m in names]
    # LSODA would make a Jacobian of 46,000^2 numbers; gradient descent is what is done on images.
    without = {"LSODA"} if problem.images else {"gradient-descent"}
    chosen = [(lib, m) for lib, m in chosen if m not in without]
    if problem.implicit:
        chosen += [(lib, m) for lib, names in IMPLICIT.items() for m in names]
    return chosen


def version(library: str) -> str:
    return metadata.version(library)


def prepare(library: str, method: str, problem: Problem, rtol: float) -> Integrate:
    make = {"scipy": scipy, "diffrax": diffrax, "torchdiffeq": torchdiffeq, "scikit-sundae": sundae, "torch": descent}[library]
    return make(method, problem, rtol)


def scipy(method: str, problem: Problem, rtol: float) -> Integrate:
    """SciPy's `solve_ivp`. BDF, Radau and LSODA get the exact dense Jacobian where the problem is smooth."""
    from scipy.integrate import solve_ivp

    f, start = numpy_flow(problem), pack(problem.integrated_start())
    options: dict[str, Any] = {}
    if method in ("BDF", "Radau", "LSODA") and problem.activation == "tanh":
        options["jac"] = numpy_jacobian(problem)

    def integrate() -> Outcome:
        # t_eval keeps memory from growing with the steps.
        end = problem.t_end
        s = solve_ivp(f, (0, end), start, method=method, rtol=rtol, atol=atol(rtol), t_eval=[end], **options)
        state = s.y[:, -1] if s.y.size else start
        return Outcome(state, int(s.nfev), None, "" if s.success else s.message)

    return integrate


def diffrax(method: str, problem: Problem, rtol: float) -> Integrate:
    """diffrax, compiled for this problem and tolerance before the clock starts."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import diffrax as dfx
    import jax.numpy as jnp

    f = jax_flow(problem)
    solver = getattr(dfx, method)()
    controller = dfx.PIDController(rtol=rtol, atol=atol(rtol))
    term = dfx.ODETerm(lambda t, u, _args: f(t, u))
    start = jnp.asarray(pack(problem.integrated_start()))

    @jax.jit
    def solve(u0: Any, end: Any) -> Any:
        s = dfx.diffeqsolve(
            term, solver, 0.0, end, None, u0, stepsize_controller=controller, max_steps=None, throw=False
        )
        return s.ys[-1], s.stats["num_steps"], s.stats["num_accepted_steps"], dfx.is_successful(s.result)

    jax.block_until_ready(solve(start, jnp.asarray(1e-6 * problem.t_end)))

    def integrate() -> Outcome:
        u, tried, accepted, good = jax.block_until_ready(solve(start, jnp.asarray(problem.t_end)))
        # Explicit pairs evaluate once a stage, first-same-as-last ones one less.
        stages = {"Tsit5": 6, "Dopri8": 13}.get(method)
        nfev = None if stages is None else int(tried) * stages
        return Outcome(np.asarray(u), nfev, int(accepted), "" if bool(good) else "not successful")

    return integrate


def torchdiffeq(method: str, problem: Problem, rtol: float) -> Integrate:
    """torchdiffeq, one thread, no gradients."""
    import torch
    from torchdiffeq import odeint

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    f, count = torch_flow(problem), [0]

    def counted(t: Any, u: Any) -> Any:
        count[0] += 1
        return f(t, u)

    start = torch.from_numpy(pack(problem.integrated_start()))
    times = torch.tensor([0.0, problem.t_end], dtype=torch.float64)
    # The default limit of 2^31 steps is kept.
    with torch.inference_mode():
        odeint(counted, start, times * 1e-6, rtol=rtol, atol=atol(rtol), method=method)

    def integrate() -> Outcome:
        count[0] = 0
        with torch.inference_mode():
            u = odeint(counted, start, times, rtol=rtol, atol=atol(rtol), method=method)[-1]
        return Outcome(u.numpy(), count[0], None)

    return integrate


FRACTION, RENEWAL = 0.9, 5
"""Of the largest stable learning rate; steps between two estimates of it."""


def descent(_method: str, problem: Problem, _rtol: float) -> Integrate:
    """Full-batch gradient descent by automatic differentiation, with a learning rate for each layer so that its small steps follow
    the flow, always 0.9 of the largest that is stable."""
    import torch

    torch.set_num_threads(1)
    points, targets = problem.points()
    x, y = torch.from_numpy(points), torch.from_numpy(targets)
    start = problem.integrated_start()
    k, kp, end = problem.kappa, problem.kappa_prime, problem.t_end

    def integrate() -> Outcome:
        a = torch.from_numpy(start[:, 0].copy()).requires_grad_()
        w = torch.from_numpy(np.ascontiguousarray(start[:, 1:].T)).requires_grad_()
        t, h, steps = 0.0, 0.0, 0
        while t < end:
            if steps % RENEWAL == 0:
                h = FRACTION * 2 / largest_rate(problem, np.vstack([a.detach().numpy(), w.detach().numpy()]))
            step = min(h, end - t)
            e = k * (torch.relu(x @ w).mv(a)) - y
            loss = (e @ e) / (2 * len(y))
            ga, gw = torch.autograd.grad(loss, (a, w))
            with torch.no_grad():
                a -= step / kp * ga
                w -= step * kp * gw
            t, steps = t + step, steps + 1
        state = np.vstack([a.detach().numpy(), w.detach().numpy()]).ravel()
        return Outcome(state, steps, steps, "" if np.isfinite(state).all() else "not finite")

    return integrate


def sundae(method: str, problem: Problem, rtol: float) -> Integrate:
    """scikit-SUNDAE's CVODE: Adams or BDF, the latter with the exact dense Jacobian or with GMRES."""
    from sksundae.cvode import CVODE

    f, start = numpy_flow(problem), pack(problem.integrated_start())

    def derivative(t: float, u: np.ndarray, du: np.ndarray) -> None:
        du[:] = f(t, u)

    rate = float(np.linalg.norm(f(0, start)) / np.linalg.norm(start))
    options: dict[str, Any] = dict(rtol=rtol, atol=atol(rtol), max_num_steps=2**31 - 1, first_step=1e-3 / rate)
    if method == "CVODE-Adams":
        # Without a fixed-point iteration to choose, a matrix-free one is the cheapest Newton.
        options |= dict(method="Adams", linsolver="gmres")
    elif method == "CVODE-BDF-gmres":
        options |= dict(method="BDF", linsolver="gmres")
    else:
        jacobian = numpy_jacobian(problem)

        def fill(t: float, u: np.ndarray, _du: np.ndarray, matrix: np.ndarray) -> None:
            matrix[:] = jacobian(t, u)

        options |= dict(method="BDF", linsolver="lapackdense", jacfn=fill)
    solver = CVODE(derivative, **options)

    def integrate() -> Outcome:
        s = solver.solve(np.array([0.0, 0.5 * problem.t_end, problem.t_end]), start)
        return Outcome(s.y[-1], int(s.nfev), None, "" if s.success else s.message)

    return integrate
