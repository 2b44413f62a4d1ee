"""Writes Tests/ActivationsPluginsTests/Fixtures/activation_values.csv: activations with first and second
derivatives from 60-digit arithmetic (mpmath), rounded to doubles. Run from the package's root."""

import csv
import math

import mpmath as mp

mp.mp.dps = 60


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def curvature(z):
    # s (1 - s) (1 - 2 s) without cancellation near 0
    return -sigmoid(z) * sigmoid(-z) * mp.tanh(z / 2)


functions = {
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2, lambda z: -2 * mp.tanh(z) * mp.sech(z) ** 2),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z), curvature),
    "softplus": (lambda z: mp.log1p(mp.exp(z)), sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "sin": (mp.sin, mp.cos, lambda z: -mp.sin(z)),
}
magnitudes = [1e-300, 1e-20, 1e-9, 1e-3, 0.05, 0.17, 0.3, 0.34657, 0.4, 0.55, 0.7, 0.88, 1.0, 1.3]
magnitudes += [1.7, 2.2, 3.0, 4.4, 6.0, 9.5, 13.0, 18.7, 19.5, 36.0, 37.5, 50.0, 120.0, 340.0]
sine_only = [math.pi / 2, math.pi, 3 * math.pi / 2, 22.0, 355.0, 1e4, 103993.0, 5.2e5, 524288.0, 6e5, 1e9, 1e22]
sine_only += [math.pi * k / 4 for k in range(1, 40)]

with open("Tests/ActivationsPluginsTests/Fixtures/activation_values.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["name", "z", "value", "derivative", "second"])
    for name, three in functions.items():
        # 700 lets exp(-z) come close to the smallest normal number; tanh' = 4 exp(-2 z) does at 350.
        largest = [345.0] if name == "tanh" else [700.0]
        for m in magnitudes + (sine_only if name == "sin" else largest):
            for z in (m, -m):
                out.writerow([name, repr(z)] + [repr(float(f(mp.mpf(z)))) for f in three])
