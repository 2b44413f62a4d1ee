#!/usr/bin/env python3
"""Networks of any depth: outputs, risks, right-hand sides, Jacobian-vector products and kernels by finite differences of the
outputs and of the risk alone in 50-digit arithmetic (mpmath). No derivative is written down anywhere in this file.

    f(x) = kappa W_L a_(L-1),   a_l = sigma_l(W_l a_(l-1) + b_l),   a_0 = x,
    theta' = -M grad R,   R = (1/n) sum_i loss(f_i - o_i, y_i),   M = diag(mu_l),   K = (1/n) J M J^T

Central differences with steps 1e-15 (gradients) and 1e-12 (mixed second ones) are good to 1e-23.

    python3 Tests/Oracles/deep_gradients.py > Tests/DeepNetworksTests/Fixtures/deep_gradients.json

State: W_1, W_2, b_2, ..., W_L, each row-major; biases in hidden layers from the second on.
"""
import json
import random
import sys

from mpmath import exp, log, mp, mpf, tanh

mp.dps = 50

ACTIVATIONS = {
    "relu": lambda z: z if z > 0 else mpf(0),
    "leaky-relu": lambda z: z if z > 0 else mpf(0.1) * z,
    "tanh": tanh,
    "softplus": lambda z: log(1 + exp(z)),
    "identity": lambda z: z,
}


def squared(f, y):
    return sum((u - v) ** 2 for u, v in zip(f, y)) / 2


def logistic(f, y):
    return sum(log(1 + exp(-v * u)) for u, v in zip(f, y))


def cross_entropy(f, y):
    return log(sum(exp(u) for u in f)) - sum(u * v for u, v in zip(f, y))


LOSSES = {"mse": squared, "logistic": logistic, "cross-entropy": cross_entropy}
# widths, activations, biases, loss, n, centred
CASES = [
    ([2, 3, 1], ["relu"], False, "mse", 4, False),
    ([2, 3, 4, 1], ["relu", "relu"], False, "mse", 4, False),
    ([2, 4, 3, 1], ["tanh", "tanh"], True, "mse", 3, True),
    ([3, 3, 2, 4, 2], ["tanh", "softplus", "leaky-relu"], True, "mse", 3, False),
    ([3, 4, 3, 2], ["tanh", "relu"], True, "logistic", 2, False),
    ([2, 4, 3], ["tanh"], False, "cross-entropy", 3, False),
    ([3, 4, 3, 3], ["softplus", "tanh"], True, "cross-entropy", 2, False),
    ([2, 3, 3, 2, 1], ["identity"] * 3, False, "mse", 2, False),
]


def unpack(case, theta):
    widths, at, layers = case["widths"], 0, []
    for l in range(1, len(widths)):
        rows, columns = widths[l], widths[l - 1]
        w = [theta[at + k * columns : at + (k + 1) * columns] for k in range(rows)]
        at += rows * columns
        b = None
        if case["biases"] and 1 < l < len(widths) - 1:
            b = theta[at : at + rows]
            at += rows
        layers.append((w, b))
    assert at == len(theta)
    return layers


def outputs(case, theta):
    layers = unpack(case, theta)
    result = []
    for x in case["x"]:
        a = [mpf(v) for v in x]
        for (w, b), name in zip(layers[:-1], case["activations"]):
            z = [sum(u * v for u, v in zip(row, a)) + (b[k] if b else 0) for k, row in enumerate(w)]
            a = [ACTIVATIONS[name](v) for v in z]
        result += [mpf(case["kappa"]) * sum(u * v for u, v in zip(row, a)) for row in layers[-1][0]]
    return result


def risk(case, theta):
    c = case["widths"][-1]
    f = [u - mpf(o) for u, o in zip(outputs(case, theta), case["offsets"])]
    n = len(case["x"])
    loss = LOSSES[case["loss"]]
    return sum(loss(f[i * c : (i + 1) * c], [mpf(v) for v in case["y"][i * c : (i + 1) * c]]) for i in range(n)) / n


def shifted(theta, j, h):
    return [t + (h if i == j else 0) for i, t in enumerate(theta)]


def gradient(case, theta, h):
    return [(risk(case, shifted(theta, j, h)) - risk(case, shifted(theta, j, -h))) / (2 * h) for j in range(len(theta))]


def main():
    rng = random.Random(14)
    cases = []
    for widths, activations, biases, loss, n, centred in CASES:
        d, c = widths[0], widths[-1]
        case = {"widths": widths, "activations": activations, "biases": biases, "loss": loss}
        case["kappa"] = 0.7
        case["mobilities"] = [0.4 + 0.5 * l for l in range(len(widths) - 1)]
        case["x"] = [[rng.uniform(-1, 1) for _ in range(d - 1)] + [1.0] for _ in range(n)]
        if loss == "mse":
            case["y"] = [rng.uniform(-1, 1) for _ in range(n * c)]
        elif loss == "logistic":
            case["y"] = [rng.choice([-1.0, 1.0]) for _ in range(n * c)]
        else:
            case["y"] = [1.0 if q == i % c else 0.0 for i in range(n) for q in range(c)]
        count, mobility = 0, []
        for l in range(1, len(widths)):
            own = widths[l] * widths[l - 1] + (widths[l] if biases and 1 < l < len(widths) - 1 else 0)
            mobility += [case["mobilities"][l - 1]] * own
            count += own
        case["theta"] = [rng.gauss(0, 1) for _ in range(count)]
        case["v"] = [rng.gauss(0, 1) for _ in range(count)]
        theta, v = [mpf(t) for t in case["theta"]], [mpf(t) for t in case["v"]]
        rows = n * c
        case["offsets"] = [0.0] * rows
        if centred:
            case["offsets"] = [float(u) + 0.125 for u in outputs(case, theta)]
        h = mpf("1e-15")
        case["outputs"] = [float(u - mpf(o)) for u, o in zip(outputs(case, theta), case["offsets"])]
        case["risk"] = float(risk(case, theta))
        case["derivative"] = [float(-mobility[j] * g) for j, g in enumerate(gradient(case, theta, h))]
        e = mpf("1e-12")
        ahead = gradient(case, [t + e * u for t, u in zip(theta, v)], h)
        behind = gradient(case, [t - e * u for t, u in zip(theta, v)], h)
        case["jv"] = [float(-mobility[j] * (a - b) / (2 * e)) for j, (a, b) in enumerate(zip(ahead, behind))]
        columns = []
        for j in range(count):
            up, down = outputs(case, shifted(theta, j, h)), outputs(case, shifted(theta, j, -h))
            columns.append([(a - b) / (2 * h) for a, b in zip(up, down)])
        case["kernel"] = [
            float(sum(mobility[k] * columns[k][i] * columns[k][j] for k in range(count)) / n)
            for i in range(rows)
            for j in range(rows)
        ]
        cases.append(case)
    json.dump({"cases": cases}, sys.stdout, indent=1)
    print()


main()
