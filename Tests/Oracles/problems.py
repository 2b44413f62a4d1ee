"""The right-hand sides of the reference problems, written once more for NumPy: for the oracles and Benchmarks/Systems.

PROBLEMS[name] = Problem(f, y0, end, jac=None, sparsity=None, stops=()). `stops` are the times at which f jumps; a method must begin anew
there.
"""
from collections import namedtuple

import numpy as np
import scipy.linalg
import scipy.sparse as sp

Problem = namedtuple("Problem", "f y0 end jac sparsity stops", defaults=(None, None, ()))


def robertson(t, y):
    r1, r2, r3 = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return [-r1 + r2, r1 - r2 - r3, r3]


def robertson_j(t, y):
    return [[-0.04, 1e4 * y[2], 1e4 * y[1]],
            [0.04, -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]], [0, 6e7 * y[1], 0]]


def vdpol(t, y):
    return [y[1], ((1 - y[0] ** 2) * y[1] - y[0]) / 1e-6]


def vdpol_j(t, y):
    return [[0, 1], [(-2 * y[0] * y[1] - 1) / 1e-6, (1 - y[0] ** 2) / 1e-6]]


def hires(t, y):
    a = 280 * y[5] * y[7]
    return [-1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
            1.71 * y[0] - 8.75 * y[1],
            -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
            8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
            -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
            -a + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
            a - 1.81 * y[6], -a + 1.81 * y[6]]


def orego(t, y):
    return [77.27 * (y[1] + y[0] * (1 - 8.375e-6 * y[0] - y[1])),
            (y[2] - (1 + y[0]) * y[1]) / 77.27, 0.161 * (y[0] - y[2])]


def orego_j(t, y):
    return [[77.27 * (1 - 2 * 8.375e-6 * y[0] - y[1]), 77.27 * (1 - y[0]), 0],
            [-y[1] / 77.27, -(1 + y[0]) / 77.27, 1 / 77.27], [0.161, 0, -0.161]]


POLLUTION_RATES = [.35, .266e2, .123e5, .86e-3, .82e-3, .15e5, .13e-3, .24e5, .165e5, .9e4, .22e-1, .12e5, .188e1, .163e5, .48e7, .35e-3, .175e-1, .1e9, .444e12, .124e4, .21e1, .578e1, .474e-1, .178e4, .312e1]


def pollution(t, y):
    k = POLLUTION_RATES
    r = [k[0]*y[0],k[1]*y[1]*y[3],k[2]*y[4]*y[1],k[3]*y[6],k[4]*y[6],k[5]*y[6]*y[5],k[6]*y[8],k[7]*y[8]*y[5],k[8]*y[10]*y[1],k[9]*y[10]*y[0],k[10]*y[12],k[11]*y[9]*y[1],k[12]*y[13],k[13]*y[0]*y[5],k[14]*y[2],k[15]*y[3],k[16]*y[3],k[17]*y[15],k[18]*y[15],k[19]*y[16]*y[5],k[20]*y[18],k[21]*y[18],k[22]*y[0]*y[3],k[23]*y[18]*y[0],k[24]*y[19]]
    d = np.zeros(20)
    d[0]=-r[0]-r[9]-r[13]-r[22]-r[23]+r[1]+r[2]+r[8]+r[10]+r[11]+r[21]+r[24]
    d[1]=-r[1]-r[2]-r[8]-r[11]+r[0]+r[20]
    d[2]=-r[14]+r[0]+r[16]+r[18]+r[21]
    d[3]=-r[1]-r[15]-r[16]-r[22]+r[14]
    d[4]=-r[2]+2*r[3]+r[5]+r[6]+r[12]+r[19]
    d[5]=-r[5]-r[7]-r[13]-r[19]+r[2]+2*r[17]
    d[6]=-r[3]-r[4]-r[5]+r[12]
    d[7]=r[3]+r[4]+r[5]+r[6]
    d[8]=-r[6]-r[7]
    d[9]=-r[11]+r[6]+r[8]
    d[10]=-r[8]-r[9]+r[7]+r[10]
    d[11]=r[8]
    d[12]=-r[10]+r[9]
    d[13]=-r[12]+r[11]
    d[14]=r[13]
    d[15]=-r[17]-r[18]+r[15]
    d[16]=-r[19]
    d[17]=r[19]
    d[18]=-r[20]-r[21]-r[23]+r[22]+r[24]
    d[19]=-r[24]+r[23]
    return d


A, B, C, MC = 7.89e-10, 1.1e7, 1.13e3, 1.13e9


def e5(t, y):
    a, b, c, d = A * y[0], B * y[0] * y[2], MC * y[1] * y[2], C * y[3]
    return [-a - b, a - c, (a - c) - (b - d), b - d]


def e5_j(t, y):
    return [[-A - B * y[2], 0, -B * y[0], 0], [A, -MC * y[2], -MC * y[1], 0],
            [A - B * y[2], -MC * y[2], -MC * y[1] - B * y[0], C], [B * y[2], 0, B * y[0], -C]]


def ring_modulator(t, y):
    c, cs, cp, lh, ls1, ls2, ls3 = 1.6e-8, 2e-12, 1e-8, 4.45, 2e-3, 5e-4, 5e-4
    r, rp, rg1, rg2, rg3, ri, rc = 25e3, 50, 36.3, 17.3, 17.3, 50, 600
    low, high = 0.5 * np.sin(2000 * np.pi * t), 2 * np.sin(20000 * np.pi * t)
    d = np.array([y[2] - y[4] - y[6] - high, -y[3] + y[5] - y[6] - high,
                  y[3] + y[4] + y[6] + high, -y[2] - y[5] + y[6] + high])
    q1, q2, q3, q4 = 40.67286402e-9 * (np.exp(17.7493332 * d) - 1)
    return [(y[7] - 0.5 * y[9] + 0.5 * y[10] + y[13] - y[0] / r) / c,
            (y[8] - 0.5 * y[11] + 0.5 * y[12] + y[14] - y[1] / r) / c,
            (y[9] - q1 + q4) / cs, (-y[10] + q2 - q3) / cs, (y[11] + q1 - q3) / cs, (-y[12] - q2 + q4) / cs,
            (-y[6] / rp + q1 + q2 - q3 - q4) / cp, -y[0] / lh, -y[1] / lh,
            (0.5 * y[0] - y[2] - rg2 * y[9]) / ls2, (-0.5 * y[0] + y[3] - rg3 * y[10]) / ls3,
            (0.5 * y[1] - y[4] - rg2 * y[11]) / ls2, (-0.5 * y[1] + y[5] - rg3 * y[12]) / ls3,
            (-y[0] + low - (ri + rg1) * y[13]) / ls1, (-y[1] - (rc + rg1) * y[14]) / ls1]


def beam(t, y, n=40):
    a, w = y[:n], y[n:]
    s, c = np.sin(np.diff(a)), np.cos(np.diff(a))
    left, right = np.concatenate([[-a[0]], a[:-1]]), np.concatenate([a[1:], [a[-1]]])
    v = float(n) ** 4 * (left - 2 * a + right)
    if t < np.pi: v += n ** 2 * 1.5 * np.sin(t) ** 2 * (np.cos(a) + np.sin(a))
    # theta'' = C v + D u, C u = D v + theta'^2
    d = np.zeros(n)
    d[:-1] += s * v[1:]
    d[1:] -= s * v[:-1]
    diagonal = np.full(n, 2.0)
    diagonal[0], diagonal[-1] = 1, 3
    ab = np.zeros((3, n))
    ab[0, 1:], ab[1], ab[2, :-1] = -c, diagonal, -c
    u = scipy.linalg.solve_banded((1, 1), ab, d + w * w)
    r = diagonal * v
    r[:-1] += -c * v[1:] + s * u[1:]
    r[1:] += -c * v[:-1] - s * u[:-1]
    return np.concatenate([w, r])


def heat(t, y, n=199):
    p = np.concatenate([[0], y, [0]])
    return (n + 1) ** 2 * (p[:-2] - 2 * y + p[2:])


def heat_start(n=199):
    x = np.arange(1, n + 1) / (n + 1)
    return np.sin(np.pi * x) + 0.5 * np.sin(3 * np.pi * x)


def allen_cahn(t, y, n=199):
    p = np.concatenate([[-1], y, [1]])
    return 1e-2 * (p[:-2] - 2 * y + p[2:]) * ((n + 1) / 2) ** 2 + y - y ** 3


def allen_cahn_start(n=199):
    x = -1 + 2 / (n + 1) * np.arange(1, n + 1)
    return 0.53 * x + 0.47 * np.sin(-1.5 * np.pi * x)


def brusselator(t, y, n=500):
    u, v = y[0::2], y[1::2]
    c = 0.02 * (n + 1) ** 2
    pu, pv = np.concatenate([[1], u, [1]]), np.concatenate([[3], v, [3]])
    d = np.empty_like(y)
    d[0::2] = 1 + u * u * v - 4 * u + c * (pu[:-2] - 2 * u + pu[2:])
    d[1::2] = 3 * u - u * u * v + c * (pv[:-2] - 2 * v + pv[2:])
    return d


def brusselator_start(n=500):
    y = np.full(2 * n, 3.0)
    y[0::2] = 1 + np.sin(2 * np.pi * np.arange(1, n + 1) / (n + 1))
    return y


def medical_akzo(t, y, n=200):
    d = 1 / n
    z = d * np.arange(1, n + 1) - 1
    alpha, beta = z ** 3 / 8, z ** 4 / 16
    u, v = y[0::2], y[1::2]
    p = np.concatenate([[2.0 if t < 5 else 0.0], u, [u[-1]]])
    r = np.empty_like(y)
    r[1::2] = -100 * u * v
    r[0::2] = alpha * (p[2:] - p[:-2]) / (2 * d) + beta * (p[:-2] - 2 * u + p[2:]) / d ** 2 + r[1::2]
    return r


def pleiades(t, u):
    x, y, v, w = u[:7], u[7:14], u[14:21], u[21:]
    dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
    r3 = (dx ** 2 + dy ** 2) ** 1.5
    np.fill_diagonal(r3, 1)
    m = np.arange(1, 8)
    return np.concatenate([v, w, (m * dx / r3).sum(1), (m * dy / r3).sum(1)])


MU = 0.012277471


def arenstorf(t, u):
    x, y, p, q = u
    d1 = ((x + MU) ** 2 + y ** 2) ** 1.5
    d2 = ((x - 1 + MU) ** 2 + y ** 2) ** 1.5
    return [p, q, x + 2 * q - (1 - MU) * (x + MU) / d1 - MU * (x - 1 + MU) / d2,
            y - 2 * p - (1 - MU) * y / d1 - MU * y / d2]


def kepler(t, u):
    r3 = (u[0] ** 2 + u[1] ** 2) ** 1.5
    return [u[2], u[3], -u[0] / r3, -u[1] / r3]


def lorenz(t, y):
    return [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]]


def three_body(t, y):
    r = [y[0:2], y[2:4], y[4:6]]
    a = [0, 0, 0]
    for i in range(3):
        for j in range(i):
            d = r[j] - r[i]
            c = d @ d
            a[i], a[j] = a[i] + d / c ** 1.5, a[j] - d / c ** 1.5
    return np.concatenate([y[6:], *a])


X, Y, P, Q = 0.97000436, -0.24308753, 0.466203685, 0.43236573


def stick_slip(t, y):
    return [y[1], 1.5 * np.sin(t) - np.sign(y[1])]


def band(n, width):
    return sp.diags([np.ones(n)] * (2 * width + 1), range(-width, width + 1), shape=(n, n))


PROBLEMS = {
    "robertson": Problem(robertson, [1, 0, 0], 1e11, robertson_j),
    "vdpol": Problem(vdpol, [2, 0], 2, vdpol_j),
    "hires": Problem(hires, [1, 0, 0, 0, 0, 0, 0, 0.0057], 321.8122),
    "orego": Problem(orego, [1, 2, 3], 360, orego_j),
    "pollution": Problem(pollution, [0, 0.2, 0, 0.04, 0, 0, 0.1, 0.3, 0.01, 0, 0, 0, 0, 0, 0, 0, 0.007, 0, 0, 0], 60),
    "e5": Problem(e5, [1.76e-3, 0, 0, 0], 1e13, e5_j),
    "ring-modulator": Problem(ring_modulator, np.zeros(15), 1e-3),
    "beam": Problem(beam, np.zeros(80), 5, stops=(np.pi,)),
    "heat": Problem(heat, heat_start(), 0.2, sparsity=band(199, 1)),
    "allen-cahn": Problem(allen_cahn, allen_cahn_start(), 30, sparsity=band(199, 1)),
    "brusselator": Problem(brusselator, brusselator_start(), 10, sparsity=band(1000, 2)),
    "medical-akzo": Problem(medical_akzo, np.arange(400) % 2, 20, sparsity=band(400, 2), stops=(5.0,)),
    "pleiades": Problem(pleiades, [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4,
                                   0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0], 3),
    "arenstorf": Problem(arenstorf, [0.994, 0, 0, -2.00158510637908252240537862224], 17.0652165601579625588917206249),
    "kepler": Problem(kepler, [0.4, 0, 0, 2], 20 * np.pi),
    "lorenz": Problem(lorenz, [1, 1, 1], 15),
    "three-body": Problem(three_body, [X, Y, -X, -Y, 0, 0, P, Q, P, Q, -2 * P, -2 * Q], 6.32591398),
    "stick-slip": Problem(stick_slip, [0, 0], 20),
}
