"""Writes Tests/GradientFlowTests/Fixtures/numpy_draws.json: what NumPy's default_rng(seed) draws, as bit patterns
in hexadecimal, among it a checksum of 2,000,000 normal numbers, sum_i (2 i + 1) bits(x_i) mod 2^64.
Made with NumPy 2.4.6, glibc 2.36. Run from the package's root."""

import json

import numpy as np

COUNT = 2_000_000


def bits(values):
    return [format(int(b), "016x") for b in np.asarray(values, dtype=np.float64).view(np.uint64)]


seeds = []
for seed in [0, 1, 2, 42, 123456789, 2**32 - 1, 2**32, 2**32 + 5, 2**63 + 11, 2**64 - 1]:
    raw = np.random.PCG64(seed).random_raw(5)
    uniform = np.random.default_rng(seed).random(3)
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal(COUNT)
    weights = 2 * np.arange(COUNT, dtype=np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):
        checksum = int((draws.view(np.uint64) * weights).sum(dtype=np.uint64))
    seeds.append(
        {
            "seed": str(seed),
            "raw": [format(int(r), "016x") for r in raw],
            "uniform": bits(uniform),
            "first": bits(draws[:10]),
            "checksum": format(checksum, "016x"),
            "beyondTail": int((np.abs(draws) > 3.6541528853610088).sum()),
            "after": bits(rng.standard_normal(4)),
        }
    )
matrix = np.random.default_rng(7).standard_normal((6, 4))
with open("Tests/GradientFlowTests/Fixtures/numpy_draws.json", "w") as file:
    json.dump(
        {"numpy": np.__version__, "count": COUNT, "seeds": seeds, "matrix": [bits(row) for row in matrix]},
        file,
        indent=1,
    )
    file.write("\n")
