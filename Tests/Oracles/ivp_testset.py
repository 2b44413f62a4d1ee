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


from problems import PROBLEMS


A0 = [0.994, 0, 0, -2.00158510637908252240537862224]
CASES = {
    "robertson": ("Radau", 1e-11, [1e-18, 1e-24, 1e-14], [
        0.2083340149701255e-07, 0.8333360770334713e-13, 0.9999999791665050]),
    "vdpol": ("Radau", 1e-11, 1e-13, [
        1.706167732170483, -0.8928097010247975]),
    "hires": ("Radau", 1e-11, 1e-15, [
        0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2,
        0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2]),
    "orego": ("Radau", 1e-11, 1e-11, [
        0.1000814870318523e1, 0.1228178521549917e4, 0.1320554942846706e3]),
    "pollution": ("Radau", 1e-12, 1e-24, [
        0.05646255480022769, 0.1342484130422339, 4.139734331099427e-09, 0.005523140207484359,
        2.018977262302196e-07, 1.464541863493966e-07, 0.07784249118997964, 0.3245075353396018,
        0.007494013383880406, 1.622293157301561e-08, 1.135863833257075e-08, 0.002230505975721359,
        0.000208716288279863, 1.396921016840158e-05, 0.008964884856898295, 4.352846369330103e-18,
        0.006899219696263405, 0.0001007803037365946, 1.772146513969984e-06, 5.682943292316392e-05]),
    "pleiades": ("DOP853", 1e-13, 1e-14, [
        0.3706139143970502, 0.3237284092057233e1, -0.3222559032418324e1, 0.6597091455775310,
        0.3425581707156584, 0.1562172101400631e1, -0.7003092922212495, -0.3943437585517392e1,
        -0.3271380973972550e1, 0.5225081843456543e1, -0.2590612434977470e1, 0.1198213693392275e1,
        -0.2429682344935824, 0.1091449240428980e1, 0.3417003806314313e1, 0.1354584501625501e1,
        -0.2590065597810775e1, 0.2025053734714242e1, -0.1155815100160448e1, -0.8072988170223021,
        0.5952396354208710, -0.3741244961234010e1, 0.3773459685750630, 0.9386858869551073,
        0.3667922227200571, -0.3474046353808490, 0.2344915448180937e1, -0.1947020434263292e1]),
    "arenstorf": ("DOP853", 1e-13, 1e-14, A0),
}

result = {"scipy": scipy.__version__}
for name, (method, rtol, atol, published) in CASES.items():
    f, y0, t, jac = PROBLEMS[name][:4]
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
