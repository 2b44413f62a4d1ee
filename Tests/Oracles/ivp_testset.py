"""Cross-checks the published reference solutions that ODETestKit carries.

Integrates each problem with SciPy (Radau for the stiff ones, DOP853 for the others) at tolerances far
below the test tolerances, and prints and writes the largest relative difference from the published
digits. The published numbers are from the Test Set for IVP Solvers (Mazzia and Magherini, release
2.4, 2008) and, for the Arenstorf orbit, from Hairer, Norsett, Wanner, Solving ODEs I, II.0.

Run: python3 Tests/Oracles/ivp_testset.py   (writes ivp_testset.json beside itself)
"""
import json, os
import numpy as np
import scipy
from scipy.integrate import solve_ivp


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


def pleiades(t, u):
    x, y, v, w = u[0:7], u[7:14], u[14:21], u[21:28]
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


A0 = [0.994, 0, 0, -2.00158510637908252240537862224]
CASES = {
    "robertson": (robertson, robertson_j, [1, 0, 0], 1e11, "Radau", 1e-11, [1e-18, 1e-24, 1e-14], [
        0.2083340149701255e-07, 0.8333360770334713e-13, 0.9999999791665050]),
    "van-der-pol": (vdpol, vdpol_j, [2, 0], 2, "Radau", 1e-11, 1e-13, [
        1.706167732170483, -0.8928097010247975]),
    "hires": (hires, None, [1, 0, 0, 0, 0, 0, 0, 0.0057], 321.8122, "Radau", 1e-11, 1e-15, [
        0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2,
        0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2]),
    "orego": (orego, orego_j, [1, 2, 3], 360, "Radau", 1e-11, 1e-11, [
        0.1000814870318523e1, 0.1228178521549917e4, 0.1320554942846706e3]),
    "pollution": (pollution, None, [0, 0.2, 0, 0.04, 0, 0, 0.1, 0.3, 0.01, 0, 0, 0, 0, 0, 0, 0, 0.007, 0, 0, 0],
                  60, "Radau", 1e-12, 1e-24, [
        0.05646255480022769, 0.1342484130422339, 4.139734331099427e-09, 0.005523140207484359,
        2.018977262302196e-07, 1.464541863493966e-07, 0.07784249118997964, 0.3245075353396018,
        0.007494013383880406, 1.622293157301561e-08, 1.135863833257075e-08, 0.002230505975721359,
        0.000208716288279863, 1.396921016840158e-05, 0.008964884856898295, 4.352846369330103e-18,
        0.006899219696263405, 0.0001007803037365946, 1.772146513969984e-06, 5.682943292316392e-05]),
    "pleiades": (pleiades, None, [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4,
                                  0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0],
                 3, "DOP853", 1e-13, 1e-14, [
        0.3706139143970502, 0.3237284092057233e1, -0.3222559032418324e1, 0.6597091455775310,
        0.3425581707156584, 0.1562172101400631e1, -0.7003092922212495, -0.3943437585517392e1,
        -0.3271380973972550e1, 0.5225081843456543e1, -0.2590612434977470e1, 0.1198213693392275e1,
        -0.2429682344935824, 0.1091449240428980e1, 0.3417003806314313e1, 0.1354584501625501e1,
        -0.2590065597810775e1, 0.2025053734714242e1, -0.1155815100160448e1, -0.8072988170223021,
        0.5952396354208710, -0.3741244961234010e1, 0.3773459685750630, 0.9386858869551073,
        0.3667922227200571, -0.3474046353808490, 0.2344915448180937e1, -0.1947020434263292e1]),
    "arenstorf": (arenstorf, None, A0, 17.0652165601579625588917206249, "DOP853", 1e-13, 1e-14, A0),
}

result = {"scipy": scipy.__version__}
for name, (f, jac, y0, t, method, rtol, atol, published) in CASES.items():
    options = {"jac": jac} if jac else {}
    s = solve_ivp(f, (0, t), y0, method=method, rtol=rtol, atol=atol, **options)
    assert s.success, (name, s.message)
    difference = float(np.max(np.abs(s.y[:, -1] - published) / np.maximum(np.abs(published), 1e-30)
                              if name != "arenstorf" else np.abs(s.y[:, -1] - published)))
    result[name] = {"method": method, "rtol": rtol, "difference": difference,
                    "computed": s.y[:, -1].tolist(), "published": published}
    print(f"{name:12s} {method:7s} rtol {rtol:g}: largest difference {difference:.2e}", flush=True)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ivp_testset.json"), "w") as file:
    json.dump(result, file, indent=1)
