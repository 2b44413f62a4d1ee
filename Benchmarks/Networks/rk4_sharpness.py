#!/usr/bin/env python3
"""A network's gradient flow as it is integrated by hand: classical Runge-Kutta in PyTorch with the step alpha/sharpness, the rule of
locuslab/edge-of-stability (Cohen et al. 2021), on the start of a run of ours.

    phaseflow run $RUN --out ours                                  # README.md has RUN
    python3 rk4_sharpness.py ours --alpha 1 --refresh 10           # torch, scipy

Fashion-MNIST's first 1000 images, 784-100-100-10 with a constant input, tanh, cross-entropy, one thread, double precision. Prints gradients, Hessian
products, processor seconds, loss, accuracy, and the distance of its end from that of the given run, relative to the motion.
"""
import argparse
import gzip
import json
import pathlib
import time

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh

FOLDER = pathlib.Path("/usr/share/datasets/fashion-mnist")
SHAPES = [(100, 785), (100, 100), (10, 100)]

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("run", type=pathlib.Path, help="the folder of a run, whose start and end time are taken")
parser.add_argument("--alpha", type=float, default=1.0)
parser.add_argument("--refresh", type=int, default=10, help="steps from one sharpness to the next")
arguments = parser.parse_args()

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def idx(name, offset, shape):
    return np.frombuffer(gzip.open(FOLDER / name).read(), np.uint8, offset=offset).reshape(shape)[:1000]


x = idx("train-images-idx3-ubyte.gz", 16, (-1, 784)) / 255
X = torch.tensor(np.column_stack([x, np.ones(len(x))]))
Y = torch.tensor(idx("train-labels-idx1-ubyte.gz", 8, (-1,)).astype(np.int64))
count = {"gradients": 0, "products": 0}


def outputs(theta):
    at, h = 0, X
    for layer, (rows, columns) in enumerate(SHAPES):
        h = h @ theta[at : at + rows * columns].reshape(rows, columns).T
        at += rows * columns
        if layer < 2:
            h = torch.tanh(h)
    return h


def risk(theta):
    return torch.nn.functional.cross_entropy(outputs(theta), Y)


def force(theta):
    count["gradients"] += 1
    theta = theta.detach().requires_grad_(True)
    return -torch.autograd.grad(risk(theta), theta)[0]


def sharpness(theta):
    theta = theta.detach().requires_grad_(True)
    gradient = torch.autograd.grad(risk(theta), theta, create_graph=True)[0]

    def product(v):
        count["products"] += 1
        v = torch.tensor(np.asarray(v).reshape(-1))
        return torch.autograd.grad(gradient @ v, theta, retain_graph=True)[0].numpy()

    size = theta.numel()
    return eigsh(LinearOperator((size, size), matvec=product, dtype=float), 1, which="LA", tol=1e-2)[0][0]


summary = json.loads((arguments.run / "summary.json").read_text())
start, end = (np.load(arguments.run / f"state-{place}.npy") for place in ("initial", "final"))
# In the original model's own time, which is the integrated one.
final = summary.get("originalTime", summary["time"])
theta, t, steps = torch.tensor(start), 0.0, 0
began = time.process_time()
while t < final:
    if steps % arguments.refresh == 0:
        largest = sharpness(theta)
    h = min(arguments.alpha / largest, final - t)
    k1 = force(theta)
    k2 = force(theta + h / 2 * k1)
    k3 = force(theta + h / 2 * k2)
    k4 = force(theta + h * k3)
    theta = theta + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    t, steps = t + h, steps + 1
print(
    json.dumps(
        {
            "steps": steps,
            **count,
            "seconds": time.process_time() - began,
            "loss": risk(theta).item(),
            "accuracy": (outputs(theta).argmax(1) == Y).double().mean().item(),
            "sharpness": largest,
            "distance": float(np.linalg.norm(theta.numpy() - end) / np.linalg.norm(end - start)),
        },
        indent=1,
    )
)
