"""Rates of decay of R where neurons slide and where some rest at w = 0, from the neurons at the end of a run.

usage: sliding_gram.py DATA.csv SUMMARY.json NEURONS-FINAL.npy

Prints 2 (m/n) lambda_min(G) for three matrices: G of the theory (32) with one-sided derivatives; G with neurons held at the
kinks that they slide on; the same without the neurons at w = 0, which all kinks hold. The definition, neuron by neuron; ReLU.
"""
import json, sys
import numpy as np

data = np.genfromtxt(sys.argv[1], delimiter=",", skip_header=1)
x, y = np.c_[data[:, 0], np.ones(len(data))], data[:, 1]
summary = json.load(open(sys.argv[2]))
neurons = np.load(sys.argv[3])
n, m = len(y), len(neurons)
kappa, kappa_prime = summary["kappa"], summary["kappaPrime"]
e = kappa * neurons[:, 0] @ np.maximum(neurons[:, 1:] @ x.T, 0) - y


def rate(slides, origin):
    total, held = np.zeros((n, n)), 0
    for a, *w in neurons:
        w = np.array(w)
        if origin and np.linalg.norm(w) <= 1e-10 * kappa_prime * abs(a):
            held += 1
            continue
        h = x @ w
        s = (h > 0).astype(float)
        total += kappa ** 2 / kappa_prime * np.outer(np.maximum(h, 0), np.maximum(h, 0))
        P, on = np.eye(2), np.abs(h) <= 1e-12 * np.linalg.norm(w) * np.linalg.norm(x, axis=1)
        for i in np.flatnonzero(on) if slides else []:
            others = (e * s * (np.arange(n) != i)) @ x @ x[i]
            below = -a * others
            above = -a * (others + e[i] * (x[i] @ x[i]))
            if below == 0 or below > 0 > above:
                P = P - np.outer(x[i], x[i]) / (x[i] @ x[i])
                s[i] = 0
                held += 1
        total += kappa ** 2 * kappa_prime * a * a * np.outer(s, s) * (x @ P @ x.T)
    return 2 / n * np.linalg.eigvalsh(total)[0], held


print("risk %.17g" % ((e @ e) / 2 / n))
for arguments in [(False, False), (True, False), (True, True)]:
    print("slides %s, origin %s: rate %.12g, held %d" % (*arguments, *rate(*arguments)))
