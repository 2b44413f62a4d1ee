"""Solutions that the reference problems carry beside those of ivp_testset.py.

- three-body, lorenz: Gragg-Bulirsch-Stoer extrapolation with 40 digits (mpmath), twice with different steps.
- stick-slip, bouncing-ball: piecewise closed forms, roots by mpmath.
- brusselator (SciPy's Radau with a sparse Jacobian), allen-cahn (SciPy's DOP853): at two tolerances; the difference is given.
- ring-modulator, beam, medical-akzo: cross-checks of published digits (Test Set for IVP Solvers, release 2.4)
  with SciPy's Radau.

Run: python3 Tests/Oracles/reference_solutions.py [NAME ...]   (writes reference_solutions.json beside itself)
"""
import json, os, sys
import numpy as np
import scipy
from mpmath import mp, mpf, cos, sin, asin, findroot, sqrt, pi
from scipy.integrate import solve_ivp

from problems import PROBLEMS

mp.dps = 40
HERE = os.path.dirname(os.path.abspath(__file__))


def extrapolate(f, t, y, end, steps, columns=14):
    """Gragg's modified midpoint rule, extrapolated in h^2; constant steps."""
    H = (end - t) / steps
    for _ in range(steps):
        table = []
        for k in range(columns):
            n = 2 * (k + 1)
            h = H / n
            before, now = y, [a + h * b for a, b in zip(y, f(t, y))]
            for i in range(1, n):
                before, now = now, [a + 2 * h * b for a, b in zip(before, f(t + i * h, now))]
            row = [[(a + b + h * c) / 2 for a, b, c in zip(before, now, f(t + H, now))]]
            for j in range(1, k + 1):
                q = mpf(n) ** 2 / mpf(2 * (k - j + 1)) ** 2 - 1
                row.append([a + (a - b) / q for a, b in zip(row[j - 1], table[-1][j - 1])])
            table.append(row)
        y = table[-1][-1]
        t += H
    return y


def twice(f, y0, end, steps):
    coarse, fine = (extrapolate(f, mpf(0), [mpf(v) for v in y0], mpf(end), s) for s in (steps, 2 * steps))
    difference = max(abs(a - b) / max(abs(b), mpf("1e-30")) for a, b in zip(coarse, fine))
    return {"computed": [float(v) for v in fine], "difference": float(difference)}


def lorenz():
    def f(t, y):
        return [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - mpf(8) / 3 * y[2]]
    return twice(f, [1, 1, 1], 15, 150)


def three_body():
    def f(t, y):
        r, v = y[:6], y[6:]
        a = [mpf(0)] * 6
        for i in range(3):
            for j in range(i):
                dx, dy = r[2 * j] - r[2 * i], r[2 * j + 1] - r[2 * i + 1]
                c = (dx * dx + dy * dy) ** mpf(-1.5)
                a[2 * i] += c * dx
                a[2 * i + 1] += c * dy
                a[2 * j] -= c * dx
                a[2 * j + 1] -= c * dy
        return v + a
    x, y, p, q = 0.97000436, -0.24308753, 0.466203685, 0.43236573
    return twice(f, [x, y, -x, -y, 0, 0, p, q, p, q, -2 * p, -2 * q], 6.32591398, 40)


def stick_slip():
    """x' = v, v' = 1.5 sin t - sign v, at rest where |1.5 sin t| <= 1 holds it."""
    t, x, end = mpf(0), mpf(0), mpf(20)
    def push(t): return mpf(3) / 2 * sin(t)
    while t < end:
        if abs(push(t)) <= 1:  # sticks until the push is 1
            k = asin(mpf(2) / 3)
            starts = sorted(s for m in range(0, 10) for s in (m * pi + k,) if s > t)
            t = starts[0]
            if t >= end: return {"computed": [float(x), 0.0], "difference": 0.0}
        t0, x0 = t, x
        sign = 1 if push(t + mpf("1e-10")) > 0 else -1
        v = lambda s: mpf(3) / 2 * (cos(t0) - cos(s)) - sign * (s - t0)
        place = lambda s: x0 + mpf(3) / 2 * ((s - t0) * cos(t0) - sin(s) + sin(t0)) - sign * (s - t0) ** 2 / 2
        s = t0 + mpf("0.01")
        while s < end and v(s) * sign > 0: s += mpf("0.01")
        if s >= end: return {"computed": [float(place(end)), float(v(end))], "difference": 0.0}
        t = findroot(v, (s - mpf("0.01"), s), solver="anderson")
        x = place(t)
    raise AssertionError


def bouncing_ball(end=3):
    g, e = mpf("9.81"), mpf("0.8")
    t, speed = sqrt(2 / g), sqrt(2 * g)  # first contact, speed there
    while True:
        speed *= e
        flight = 2 * speed / g
        if t + flight > end:
            s = end - t
            return {"computed": [float(speed * s - g * s * s / 2), float(speed - g * s)], "difference": 0.0}
        t += flight


def solve(problem, rtol, atol, method="Radau"):
    y, t = np.array(problem.y0, float), 0.0
    options = {} if problem.jac is None else {"jac": problem.jac}
    if problem.sparsity is not None and method == "Radau": options["jac_sparsity"] = problem.sparsity
    for stop in [*problem.stops, problem.end]:
        # f is that of the piece up to the very stop.
        f = lambda s, y: problem.f(min(s, np.nextafter(stop, 0)), y)
        s = solve_ivp(f, (t, stop), y, method=method, rtol=rtol, atol=atol, **options)
        assert s.success, s.message
        t, y = stop, s.y[:, -1]
    return y


def pair(name, rtols, atol, places, method="Radau"):
    states = [solve(PROBLEMS[name], rtol, atol, method) for rtol in rtols]
    difference = np.max(np.abs(states[0] - states[1]) / np.maximum(np.abs(states[1]), 1e-3))
    return {"computed": states[1][places].tolist(), "places": list(map(int, places)), "difference": float(difference)}


def check(name, published, rtol, atol, floor=0.0, places=None):
    y = solve(PROBLEMS[name], rtol, atol)
    if places is not None: y = y[places]
    scale = np.maximum(np.abs(published), floor)
    difference = np.max(np.abs(y - published) / np.where(scale == 0, 1, scale))
    result = {"computed": y.tolist(), "published": list(published), "difference": float(difference)}
    return result if places is None else {**result, "places": places}


def brusselator(): return pair("brusselator", (1e-9, 1e-11), 1e-11, np.arange(99, 1000, 100))


def allen_cahn(): return pair("allen-cahn", (1e-11, 1e-13), 1e-14, np.arange(19, 199, 20), "DOP853")


def ring_modulator():
    return check("ring-modulator", [
        -0.2339057358486745e-1, -0.7367485485540825e-2, 0.2582956709291169, -0.4064465721283450,
        -0.4039455665149794, 0.2607966765422943, 0.1106761861269975, 0.2939904342435596e-6,
        -0.2840029933642329e-7, 0.7267198267264553e-3, 0.7929487196960840e-3, -0.7255283495698965e-3,
        -0.7941401968526521e-3, 0.7088495416976114e-4, 0.2390059075236570e-4], 1e-8, 1e-10)


def beam():
    return check("beam", [
        -0.5792366591285007e-2, -0.9119134654647947e-1, -0.1483595472463012, -0.1725821847462537,
        -0.1767201761075488, 0.3747362681329794e-1, 0.5987609702624270, 0.9868747821728363,
        1.156792132004482, 1.186724615113034], 1e-8, 1e-8, 1.0, [0, 9, 19, 29, 39, 40, 49, 59, 69, 79])


def medical_akzo():
    return check("medical-akzo", [
        0.5113983840919909e-5, 0.2339942217046434e-3, 0.3595616017506735e-3, 0.2698867194275612e-3,
        0.1173741304462833e-3, 0.3489773624098464e-2, 0.1548747348410801, 0.2003152841880950e-4,
        0.6649744834198490, 0.9314946676956936, 0.9890204872799944], 1e-9, 1e-13, 0.0,
        [0, 78, 148, 178, 198, 203, 207, 208, 211, 215, 219])


CASES = {"three-body": three_body, "lorenz": lorenz, "stick-slip": stick_slip, "bouncing-ball": bouncing_ball,
         "allen-cahn": allen_cahn, "brusselator": brusselator, "ring-modulator": ring_modulator,
         "beam": beam, "medical-akzo": medical_akzo}
path = os.path.join(HERE, "reference_solutions.json")
result = json.load(open(path)) if os.path.exists(path) else {}
result["scipy"] = scipy.__version__
for name in sys.argv[1:] or CASES:
    result[name] = CASES[name]()
    print(f"{name:15s} difference {result[name]['difference']:.2e} {result[name]['computed'][:3]}", flush=True)
    with open(path, "w") as file:
        json.dump(result, file, indent=1)
