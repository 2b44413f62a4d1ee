// Collocation at the Radau IIA nodes.
#pragma once
#include <cmath>

#include "DenseSolve.hpp"

namespace kink {

/// The `s` nodes of Radau IIA, its matrix, and the way from values at the nodes to power form.
///
/// Source: Hairer, Wanner, Solving Ordinary Differential Equations II, section IV.5.
struct Radau {
  static constexpr int MaxStages = 5;

  int s;
  /// Zeros of `P_s(2t - 1) - P_{s-1}(2t - 1)`; the last is 1.
  double c[MaxStages];
  double A[MaxStages][MaxStages], toPower[MaxStages][MaxStages];
  /// `prod_j (1 - t/c_j)` in power form: 1 at the start of a step, 0 at its nodes.
  double atStart[MaxStages + 1] = {1};

  explicit Radau(int stages) : s(stages) {
    findNodes();
    double V[MaxStages * MaxStages], I[MaxStages * MaxStages];
    for (int j = 0; j < s; ++j)
      for (int k = 0; k < s; ++k) {
        V[j * s + k] = std::pow(c[j], k);
        I[j * s + k] = j == k;
      }
    solveDense(s, V, I, s);
    for (int k = 0; k < s; ++k)
      for (int j = 0; j < s; ++j) toPower[k][j] = I[k * s + j];
    for (int j = 0; j < s; ++j)
      for (int l = 0; l < s; ++l) {
        A[j][l] = 0;
        for (int k = 0; k < s; ++k) A[j][l] += toPower[k][l] * std::pow(c[j], k + 1) / (k + 1);
      }
    for (int j = 0; j < s; ++j)
      for (int k = j + 1; k > 0; --k) atStart[k] -= atStart[k - 1] / c[j];
  }

 private:
  static double legendre(int n, double x) {
    double p0 = 1, p1 = x;
    if (n == 0) return 1;
    for (int k = 2; k <= n; ++k) {
      const double p2 = ((2 * k - 1) * x * p1 - (k - 1) * p0) / k;
      p0 = p1;
      p1 = p2;
    }
    return p1;
  }

  void findNodes() {
    auto g = [this](double t) { return legendre(s, 2 * t - 1) - legendre(s - 1, 2 * t - 1); };
    // The nodes lie further apart than a cell of this grid, and none on it.
    const int cells = 4000;
    int found = 0;
    for (int q = 0; q < cells - 1 && found < s - 1; ++q) {
      double a = double(q) / cells, b = (q + 1.0) / cells;
      const double fa = g(a);
      if (fa * g(b) > 0) continue;
      for (int bisection = 0; bisection < 100; ++bisection) {
        const double middle = 0.5 * (a + b);
        ((g(middle) > 0) == (fa > 0) ? a : b) = middle;
      }
      c[found++] = 0.5 * (a + b);
    }
    c[s - 1] = 1;
  }
};

}  // namespace kink
