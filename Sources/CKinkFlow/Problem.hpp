// The data as the flow sees them.
#pragma once
#include <cmath>
#include <map>
#include <vector>

#include "include/ckink.h"

namespace kink {

using Vec = std::vector<double>;

/// Exact duplicates of an input are merged, `e_i = count_i f_i - sum y`: else the equations of several
/// sliding kinks would be singular.
///
/// `alpha = unit a` with `unit = +-kappa'`; the sign makes `lo <= hi`, since `(-a)(-sigma) = a sigma`.
struct Problem {
  int d, n = 0, total;
  /// `n x d`.
  Vec X, count, ySum;
  double ySquares = 0;
  double kappa, kappaPrime, unit, lo, hi;
  /// `sum_i |x_i|`.
  double reach = 0;

  explicit Problem(const ckink_problem &p)
      : d(p.dimension), total(p.samples), kappa(p.kappa), kappaPrime(p.kappa_prime),
        unit(p.negative <= p.positive ? p.kappa_prime : -p.kappa_prime),
        lo(p.negative <= p.positive ? p.negative : -p.negative),
        hi(p.negative <= p.positive ? p.positive : -p.positive) {
    std::map<Vec, int> seen;
    for (int k = 0; k < total; ++k) {
      const Vec input(p.inputs + size_t(k) * d, p.inputs + size_t(k + 1) * d);
      const auto [place, isNew] = seen.try_emplace(input, n);
      if (isNew) {
        ++n;
        X.insert(X.end(), input.begin(), input.end());
        count.push_back(0);
        ySum.push_back(0);
        double norm = 0;
        for (double v : input) norm += v * v;
        reach += std::sqrt(norm);
      }
      count[place->second] += 1;
      ySum[place->second] += p.targets[k];
      ySquares += p.targets[k] * p.targets[k];
    }
  }

  const double *x(int i) const { return &X[size_t(i) * d]; }
  /// `f_i = outer sum_k s_ik alpha_k w_k.x_i`.
  double outer() const { return kappa / kappaPrime; }
  bool hasKinks() const { return lo != hi; }

  /// `(1/2n) sum (f - y)^2` from the residuals.
  double risk(const double *e) const {
    double R = ySquares;
    for (int i = 0; i < n; ++i) R += (e[i] * e[i] - ySum[i] * ySum[i]) / count[i];
    return R / (2 * total);
  }
};

}  // namespace kink
