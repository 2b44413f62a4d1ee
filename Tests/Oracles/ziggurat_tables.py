"""Writes Sources/GradientFlow/Random/ZigguratTables.swift: the 256-layer ziggurat of the normal density
(Marsaglia and Tsang 2000, doi:10.18637/jss.v005.i08) as NumPy's generator has it:

    f(x) = exp(-x^2 / 2),  v = r f(r) + int_r^inf f,  x_255 = r,  f(x_{i-1}) = f(x_i) + v / x_i,
    w_i = x_i / 2^52,  k_i = 2^52 x_{i-1} / x_i rounded,  with v / f(r) for x_0 in w_0 and for the base strip's k_0.

The recursion amplifies errors: NumPy's tables were made in double precision and differ from the exact ones in
the last two digits.  Doing the same recursion in doubles with correctly rounded exp and log (60 digits, then
rounded) gives all their entries, once f(x_38) is rounded up (its exact value is nearly a tie, see the printout).
The script ends with an error unless all three tables stand byte for byte in the installed NumPy.

Run from the package's root:  python3 Tests/Oracles/ziggurat_tables.py
"""

import glob
import math
import os
import struct
import sys

import mpmath as mp
import numpy

mp.mp.dps = 60
LAYERS = 256


def f(x):
    """exp(-x^2 / 2) of doubles, correctly rounded."""
    return float(mp.exp(mp.mpf(-0.5 * x * x)))


def log(x):
    return float(mp.log(mp.mpf(x)))


r = 3.6541528853610087963519472518
big_r = mp.mpf("3.6541528853610087963519472518")
v_exact = big_r * mp.exp(-big_r**2 / 2) + mp.sqrt(mp.pi / 2) * mp.erfc(big_r / mp.sqrt(2))
v = 0.0049286732339746519
assert abs(v - v_exact) < 1e-15 * v, v_exact  # 3.5 ulp

x, density = [0.0] * LAYERS, [1.0] * LAYERS
x[LAYERS - 1] = r
for i in range(LAYERS - 1, 0, -1):
    density[i] = f(x[i])
    if i == 38:
        excess = (mp.exp(mp.mpf(-0.5 * x[i] * x[i])) - density[i]) / math.ulp(density[i])
        print("f(x_38) lies", mp.nstr(excess, 6), "ulp above its nearest double")
        density[i] = math.nextafter(density[i], 1)
    if i > 1:
        x[i - 1] = math.sqrt(-2 * log(density[i] + v / x[i]))

k = [round(r * f(r) / v * 2.0**52)] + [round(x[i - 1] / x[i] * 2.0**52) for i in range(1, LAYERS)]
w = [v / f(r) / 2.0**52] + [x[i] / 2.0**52 for i in range(1, LAYERS)]


def rows(values, per_line):
    lines = [", ".join(values[i : i + per_line]) for i in range(0, len(values), per_line)]
    return "[\n    " + ",\n    ".join(lines) + ",\n  ]"


swift = f"""// Made by Tests/Oracles/ziggurat_tables.py; not edited by hand.

/// The ziggurat of the normal density with 256 layers (Marsaglia and Tsang 2000,
/// doi:10.18637/jss.v005.i08), scaled to magnitudes of 52 bits, with NumPy's roundings.
enum ZigguratTables {{
  /// `r`, where the tail begins.
  static let tailStart = {r!r}
  /// `1 / r`.
  static let inverseTailStart = {float(1 / big_r)!r}

  /// `k_i`: a magnitude below it is certainly under the density.
  static let acceptance: [UInt64] = {rows([hex(n) for n in k], 5)}

  /// `w_i`: what a unit of the magnitude is worth in layer `i`.
  static let widths: [Double] = {rows([repr(n) for n in w], 4)}

  /// `f(x_i)`.
  static let densities: [Double] = {rows([repr(n) for n in density], 5)}
}}
"""
with open("Sources/GradientFlow/Random/ZigguratTables.swift", "w") as file:
    file.write(swift)

binaries = glob.glob(os.path.join(os.path.dirname(numpy.__file__), "random", "*.so"))
for name, table in [
    ("k", struct.pack("<256Q", *k)),
    ("w", struct.pack("<256d", *w)),
    ("f", struct.pack("<256d", *density)),
]:
    found = [os.path.basename(b) for b in binaries if table in open(b, "rb").read()]
    print(name, "found in", found)
    if not found:
        sys.exit(f"NumPy {numpy.__version__} holds another table {name}")
