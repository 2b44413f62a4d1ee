"""Gradient flow of a two-layer ReLU network in the plane by minimising movements: no neuron is followed through a kink.

usage: minimizing_movements.py DATA.csv SUMMARY.json NEURONS-INITIAL.npy SCALE [TIME NEURONS.npy]
  DATA.csv has a header and columns x, y; the other two are files of a run. SCALE multiplies the steps. With
  TIME it ends there and writes the neurons.

In each step, of length h, the residuals e are kept, a moves explicitly, and every w_k goes to the *global* minimum of

    |w - w_k|^2 / (2 h kappa') + (kappa/n) a_k sum_i e_i max(w.x_i, 0).

This function is quadratic on each of the 2n cones into which the kinks w.x_i = 0 cut the plane: its minimum there is the
vertex of the parabola if that lies in the cone, else on a ray, else w = 0, and all of these are compared. So neurons cross
kinks, slide along them, and come to w = 0 and leave it without any rule of their own. Ambrosio, Gigli, Savare,
*Gradient Flows* (2008), chapter 2, has the limit of small steps: curves of maximal slope.

Prints t, R, RD_w and the number of neurons with |w| < 1e-9 |kappa' a| at times that grow by 1.7, and at the end
(R <= 1e-7), linearly interpolated.
"""
import json, sys
import numpy as np

data = np.genfromtxt(sys.argv[1], delimiter=",", skip_header=1)
x, y = np.c_[data[:, 0], np.ones(len(data))], data[:, 1]
summary = json.load(open(sys.argv[2]))
start = np.load(sys.argv[3])
scale = float(sys.argv[4])
n, kappa, kappa_prime = len(y), summary["kappa"], summary["kappaPrime"]
a, w = start[:, 0].copy(), start[:, 1:].copy()

# The rays along the kinks, by angle; the cones between them.
rays = np.r_[np.c_[-x[:, 1], x[:, 0]], np.c_[x[:, 1], -x[:, 0]]] / np.tile(np.linalg.norm(x, axis=1), 2)[:, None]
order = np.argsort(np.arctan2(rays[:, 1], rays[:, 0]))
rays = rays[order]
kink = np.tile(np.arange(n), 2)[order]
middle = rays + np.roll(rays, -1, axis=0)
sides = np.sign(middle @ x.T)
active = (sides > 0).astype(float)
on_ray = rays @ x.T
on_ray[np.arange(2 * n), kink] = 0
on_ray = np.maximum(on_ray, 0)


def move(w, a, e, h):
    """All w to their minima."""
    force = (kappa / n) * (active * e) @ x            # the gradient per a on each cone
    slope = (kappa / n) * on_ray @ e                  # sum_i e_i sigma(ray.x_i), per a and unit of length
    best = np.zeros_like(w)
    value = (w * w).sum(1) / (2 * h * kappa_prime)
    length = np.maximum(w @ rays.T - h * kappa_prime * a[:, None] * slope, 0)
    on = length * a[:, None] * slope + ((length - w @ rays.T) ** 2 + (w * w).sum(1)[:, None] - (w @ rays.T) ** 2) / (
        2 * h * kappa_prime)
    r = on.argmin(1)
    k = np.arange(len(w))
    better = on[k, r] < value
    best[better] = length[k, r][better, None] * rays[r[better]]
    value[better] = on[k, r][better]
    vertex = w[:, None, :] - h * kappa_prime * a[:, None, None] * force
    inside = (sides * (vertex @ x.T) >= 0).all(2)
    # In cone c: a force.vertex + |vertex - w|^2 / (2 h kappa'), the second being h kappa' a^2 |force|^2 / 2.
    inner = a[:, None] * (vertex * force).sum(2) + h * kappa_prime / 2 * (a[:, None] ** 2) * (force * force).sum(1)
    inner[~inside] = np.inf
    c = inner.argmin(1)
    better = inner[k, c] < value
    best[better] = vertex[k, c][better]
    return best


def measure():
    e = kappa * (a @ np.maximum(w @ x.T, 0)) - y
    return e, (e * e).sum() / (2 * n)


def report(word):
    distance = np.linalg.norm(w - start[:, 1:]) / np.linalg.norm(start[:, 1:])
    small = (np.linalg.norm(w, axis=1) < 1e-9 * np.abs(kappa_prime * a)).sum()
    print(f"{word}t = {t:.7g}  R = {risk:.7g}  RD_w = {distance:.7g}  at w = 0: {small}", flush=True)


t, shown, stop = 0.0, 30.0, 1e-7
last = float(sys.argv[5]) if len(sys.argv) > 5 else np.inf
e, risk = measure()
while risk > stop and t < last:
    h = scale * (0.05 if t < 1000 else 2 if t < 1e5 else 25)
    before = (t, risk)
    da = -(kappa / kappa_prime / n) * (np.maximum(w @ x.T, 0) @ e)
    w = move(w, a, e, h)
    a = a + h * da
    t += h
    e, risk = measure()
    if t > shown or abs(t - 9.9e5) < h / 2:
        report("")
        if t > shown: shown *= 1.7
if len(sys.argv) > 5:
    np.save(sys.argv[6], np.c_[a, w])
    report("")
    sys.exit()
share = np.log(before[1] / stop) / np.log(before[1] / risk)
print(f"end at t = {before[0] + share * (t - before[0]):.7g}")
report("")
