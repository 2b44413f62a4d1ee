#!/usr/bin/env python3
"""Right-hand sides, Jacobian-vector products and risks of the two-layer flow, by finite differences
of the risk alone in 50-digit arithmetic (mpmath). No derivative is written down anywhere in this file.

    theta' = -M grad R,   R = (1/n) sum_i loss(f_i, y_i),   f_i = kappa sum_k a_k sigma(w_k.x_i),
    M = diag(1/kappa', kappa' I)

Central differences with steps 1e-15 (gradient) and 1e-12 (mixed second ones) are good to 1e-23.

    python3 Tests/Oracles/flow_gradients.py > Tests/GradientFlowTests/Fixtures/flow_gradients.json

State layout: a_1...a_m, w_11...w_m1, ..., w_1d...w_md. Inputs x are n rows of d values, bias last.
"""
import json
import random
import sys

from mpmath import exp, log, mp, mpf, sin, tanh

mp.dps = 50

ACTIVATIONS = {
    "relu": lambda z: z if z > 0 else mpf(0),
    "leaky-relu:0.1": lambda z: z if z > 0 else mpf(0.1) * z,
    "tanh": tanh,
    "softplus": lambda z: log(1 + exp(z)),
    "sigmoid": lambda z: 1 / (1 + exp(-z)),
    "sin": sin,
    "identity": lambda z: z,
    "monomial:2": lambda z: z**2,
    "monomial:3": lambda z: z**3,
}
KINKED = {"relu", "leaky-relu:0.1"}


def huber(delta):
    def loss(f, y):
        e = abs(f - y)
        return e * e / 2 if e <= delta else delta * (e - delta / 2)

    return loss


LOSSES = {
    "mse": lambda f, y: (f - y) ** 2 / 2,
    "huber:0.5": huber(mpf(0.5)),
    "logistic": lambda f, y: log(1 + exp(-y * f)),
    "exponential-margin": lambda f, y: exp(-y * f),
}
# (m, d, n, kappa, kappa')
SHAPES = [(3, 2, 4, 0.37, 1.7), (5, 3, 2, 0.8, 0.45), (1, 2, 1, 1.3, 2.5), (2, 4, 5, 0.6, 0.75)]


def outputs(case, theta):
    m, d, sigma = case["m"], case["d"], ACTIVATIONS[case["activation"]]
    result = []
    for x in case["x"]:
        z = [sum(theta[m * (j + 1) + k] * mpf(x[j]) for j in range(d)) for k in range(m)]
        result.append(mpf(case["kappa"]) * sum(theta[k] * sigma(z[k]) for k in range(m)))
    return result


def risk(case, theta):
    loss, n = LOSSES[case["loss"]], case["n"]
    return sum(loss(f, mpf(y)) for f, y in zip(outputs(case, theta), case["y"])) / n


def shifted(theta, *moves):
    result = list(theta)
    for index, by in moves:
        result[index] += by
    return result


def mobility(case, index):
    kp = mpf(case["kappaPrime"])
    return 1 / kp if index < case["m"] else kp


def rhs(case, theta):
    h = mpf("1e-15")
    return [
        -mobility(case, i)
        * (risk(case, shifted(theta, (i, h))) - risk(case, shifted(theta, (i, -h)))) / (2 * h)
        for i in range(len(theta))
    ]


def jv(case, theta, v):
    h = mpf("1e-12")
    up = [t + h * mpf(c) for t, c in zip(theta, v)]
    down = [t - h * mpf(c) for t, c in zip(theta, v)]
    return [
        -mobility(case, i)
        * (
            risk(case, shifted(up, (i, h))) - risk(case, shifted(up, (i, -h)))
            - risk(case, shifted(down, (i, h))) + risk(case, shifted(down, (i, -h)))
        ) / (4 * h * h)
        for i in range(len(theta))
    ]


def is_smooth_near(case, theta):
    """Whether every kink is at least 1e-3 away, so that differences do not straddle it."""
    m, d = case["m"], case["d"]
    if case["activation"] in KINKED:
        for x in case["x"]:
            for k in range(m):
                if abs(sum(theta[m * (j + 1) + k] * mpf(x[j]) for j in range(d))) < mpf("1e-3"):
                    return False
    if case["loss"].startswith("huber"):
        errors = [abs(f - mpf(y)) for f, y in zip(outputs(case, theta), case["y"])]
        if any(abs(e - mpf(0.5)) < mpf("1e-3") for e in errors):
            return False
    return True


def make(rng, activation, loss, shape):
    m, d, n, kappa, kappa_prime = shape
    number = lambda scale: round(rng.uniform(-scale, scale), 3)
    while True:
        case = {"activation": activation, "loss": loss, "m": m, "d": d, "n": n}
        case |= {"kappa": kappa, "kappaPrime": kappa_prime}
        case["x"] = [[number(1.5) for _ in range(d - 1)] + [1.0] for _ in range(n)]
        margin = loss in ("logistic", "exponential-margin")
        case["y"] = [rng.choice([-1.0, 1.0]) if margin else number(1) for _ in range(n)]
        case["theta"] = [number(1.5) for _ in range(m * (d + 1))]
        case["v"] = [number(1) for _ in range(m * (d + 1))]
        theta = [mpf(t) for t in case["theta"]]
        if is_smooth_near(case, theta):
            break
    case["risk"] = float(risk(case, theta))
    case["outputs"] = [float(f) for f in outputs(case, theta)]
    case["rhs"] = [float(r) for r in rhs(case, theta)]
    case["jv"] = [float(r) for r in jv(case, theta, case["v"])]
    return case


def main():
    rng = random.Random(20210101)
    cases = []
    for i, activation in enumerate(ACTIVATIONS):
        for j, loss in enumerate(LOSSES):
            cases.append(make(rng, activation, loss, SHAPES[(i + j) % len(SHAPES)]))
    sys.stdout.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


main()
