#!/usr/bin/env python3
"""Networks drawn at random: 2 to 5 layers of weights, widths, an activation for each layer, biases, several outputs, squared loss and
cross-entropy. JAX differentiates (right-hand side, Jacobian-vector product, all eigenvalues of the Hessian in the mobility's metric);
diffrax's Dopri8 at rtol 1e-12 integrates whole trajectories of those without kinks. Nothing of this program's is used.

    python jax_networks.py [COUNT] [SEED] > ../DeepNetworksTests/Fixtures/jax_networks.json     (jax, diffrax)

Written with jax 0.10.2 and diffrax 0.7.2, 12 networks of seed 14. The start is default_rng(seed).standard_normal(N), the direction v that of seed + 1.
State: W_1, W_2, b_2, ..., W_L, each row-major. `error` is what ten times the tolerance changes of the trajectory, relative to its
largest number.
"""
import json
import sys

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

SMOOTH = {
    "tanh": jnp.tanh,
    "softplus": lambda z: jnp.logaddexp(z, 0.0),
    "sigmoid": lambda z: 1 / (1 + jnp.exp(-z)),
    "sine": jnp.sin,
    "identity": lambda z: z,
}
KINKED = {
    "relu": lambda z: jnp.where(z > 0, z, 0.0),
    "leaky-relu": lambda z: jnp.where(z > 0, z, 0.1 * z),
}



def draw(rng, index):
    layers = int(rng.integers(2, 6))
    classifies = index % 2 == 1
    outputs = int(rng.integers(2, 5) if classifies else rng.integers(1, 4))
    widths = [int(rng.integers(2, 5))] + [int(rng.integers(3, 8)) for _ in range(layers - 1)] + [outputs]
    names = list(SMOOTH | KINKED if index % 3 == 2 else SMOOTH)
    activations = [str(name) for name in rng.choice(names, layers - 1)]
    if index % 4 == 0:
        activations = activations[:1] * (layers - 1)
    n = int(rng.integers(2, 8))
    x = np.column_stack([rng.uniform(-1, 1, (n, widths[0] - 1)), np.ones(n)])
    y = np.eye(outputs)[rng.integers(0, outputs, n)] if classifies else rng.uniform(-1, 1, (n, outputs))
    exponents = rng.uniform(-0.3, 0.3, layers)
    return {
        "widths": widths,
        "activations": activations,
        "biases": bool(rng.integers(0, 2)),
        "loss": "cross-entropy" if classifies else "mse",
        "kappa": float(10 ** -rng.uniform(0.1, 0.7)),
        "mobilities": (10 ** (exponents - exponents.mean())).tolist(),
        "x": x.tolist(),
        "y": y.ravel().tolist(),
        "seed": 1000 + 2 * index,
        "times": [1.0, 8.0],
    }


def add_numbers(case):
    widths = case["widths"]
    shapes = []  # of each layer: its matrix and, in hidden layers from the second on, its biases
    for l in range(1, len(widths)):
        has_bias = case["biases"] and 1 < l < len(widths) - 1
        shapes.append([(widths[l], widths[l - 1])] + ([(widths[l],)] if has_bias else []))
    sizes = [sum(int(np.prod(s)) for s in layer) for layer in shapes]
    mobility = jnp.repeat(jnp.array(case["mobilities"]), np.array(sizes))
    x, y = jnp.array(case["x"]), jnp.array(case["y"]).reshape(len(case["x"]), -1)

    def layers(theta):
        at = 0
        for layer in shapes:
            parts = []
            for shape in layer:
                size = int(np.prod(shape))
                parts.append(theta[at : at + size].reshape(shape))
                at += size
            yield parts

    def risk(theta):
        values = x
        *hidden, last = layers(theta)
        for parts, name in zip(hidden, case["activations"]):
            z = values @ parts[0].T + (parts[1] if len(parts) == 2 else 0)
            values = (SMOOTH | KINKED)[name](z)
        f = case["kappa"] * values @ last[0].T
        if case["loss"] == "mse":
            return ((f - y) ** 2).sum() / (2 * len(x))
        return (jax.nn.logsumexp(f, axis=1) - (f * y).sum(axis=1)).mean()

    force = jax.jit(lambda theta: -mobility * jax.grad(risk)(theta))

    @jax.jit
    def trajectory(tolerance):
        return diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, theta, args: force(theta)), diffrax.Dopri8(), 0.0, case["times"][-1], None, theta,
            saveat=diffrax.SaveAt(ts=jnp.array(case["times"])), max_steps=100_000,
            stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance / 10),
        ).ys  # fmt: skip

    theta = jnp.array(np.random.default_rng(case["seed"]).standard_normal(sum(sizes)))
    v = jnp.array(np.random.default_rng(case["seed"] + 1).standard_normal(sum(sizes)))
    roots = jnp.sqrt(mobility)
    eigenvalues = jnp.linalg.eigvalsh(roots[:, None] * jax.hessian(risk)(theta) * roots[None, :])
    case["risk"] = float(risk(theta))
    case["derivative"] = force(theta).tolist()
    case["jv"] = jax.jvp(force, (theta,), (v,))[1].tolist()
    case["eigenvalues"] = eigenvalues[::-1][:3].tolist()
    # With kinks units slide, which no tight tolerance survives: derivatives only.
    if SMOOTH.keys() >= set(case["activations"]):
        fine, coarse = trajectory(1e-12), trajectory(1e-11)
        case["states"] = fine.tolist()
        case["error"] = float(jnp.abs(fine - coarse).max() / jnp.abs(fine).max())


def main():
    count, seed = (int(a) for a in (sys.argv[1:] + ["12", "14"][len(sys.argv) - 1 :]))
    rng = np.random.default_rng(seed)
    cases = [draw(rng, index) for index in range(count)]
    for case in cases:
        add_numbers(case)
    json.dump({"cases": cases}, sys.stdout, indent=1)
    print()


main()
