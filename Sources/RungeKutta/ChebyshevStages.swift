import Foundation
import UntrustedNumbers

/// The coefficients of an ``RKC`` step of `s >= 2` stages, one stage after the other:
///
///     Y_1 = y_n + mu~_1 h F_n
///     Y_j = (1 - mu_j - nu_j) y_n + mu_j Y_(j-1) + nu_j Y_(j-2) + mu~_j h (F_(j-1) - a_(j-1) F_n)
///     y_(n+1) = Y_s,   F_j = f(t_n + c_j h, Y_j)
///
/// with the Chebyshev polynomials `T_j` and their derivatives at `w_0 = 1 + eps/s^2`:
///
///     w_1 = T'_s/T''_s,   b_j = T''_j/T'_j^2,   b_0 = b_1 = b_2,   a_j = 1 - b_j T_j,
///     mu_j = 2 w_0 b_j/b_(j-1),   nu_j = -b_j/b_(j-2),   mu~_1 = b_1 w_1,   mu~_j = 2 w_1 b_j/b_(j-1)
///
/// Source: Sommeijer, Shampine, Verwer 1998, section 2.
struct ChebyshevStages {
  /// One stage `j >= 2`.
  struct Stage {
    let mu, nu, muTilde: Double
    /// `a_(j-1)`.
    let a: Double
    /// `c_(j-1)`, where `F_(j-1)` is evaluated.
    let c: Double
  }

  static let damping = 2.0 / 13

  /// `mu~_1`.
  let first: Double
  /// `beta(s) = (1 + w_0)/w_1`: up to there `|P_s(-z)| <= 1`, and `<= 1 - eps/3` away from 0.
  let stabilityInterval: Double
  private let w0, w1: Double
  private var b: (Double, Double)
  /// `T_(j-1)`, `T_(j-2)`, and likewise for the derivatives and `c`.
  private var t: (Double, Double)
  private var dt = (1.0, 0.0)
  private var ddt = (0.0, 0.0)
  private var c: (Double, Double)

  init(count s: Int) {
    precondition(s >= 2, "\(s) stages")
    w0 = 1 + Self.damping / (Double(s) * Double(s))
    // T_s(cosh x) = cosh(s x), differentiated by w_0 = cosh x. The difference is exact, so that w_1 fits the
    // rounded w_0, for which the recurrences hold.
    let excess = w0 - 1
    let sinh2 = excess * (w0 + 1)
    let root = sinh2.squareRoot()
    let x = Double(s) * log1p(excess + root)
    w1 = sinh(x) * sinh2 / (cosh(x) * Double(s) * root - w0 * sinh(x))
    // b_2 = T''_2/T'_2^2 = 4/(4 w_0)^2.
    let b2 = 1 / (4 * w0 * w0)
    b = (b2, b2)
    t = (w0, 1)
    first = b2 * w1
    c = (first, 0)
    stabilityInterval = (1 + w0) / w1
  }

  /// The coefficients of stage 2, then 3, ...
  mutating func next() -> Stage {
    let (tj, dtj, ddtj) = (
      2 * w0 * t.0 - t.1, 2 * w0 * dt.0 - dt.1 + 2 * t.0, 2 * w0 * ddt.0 - ddt.1 + 4 * dt.0
    )
    let bj = ddtj / (dtj * dtj)
    let mu = 2 * w0 * bj / b.0
    let nu = -bj / b.1
    let muTilde = mu * w1 / w0
    let stage = Stage(mu: mu, nu: nu, muTilde: muTilde, a: 1 - b.0 * t.0, c: c.0)
    c = (mu * c.0 + nu * c.1 + muTilde * (1 - stage.a), c.0)
    (b, t, dt, ddt) = ((bj, b.0), (tj, t.0), (dtj, dt.0), (ddtj, ddt.0))
    return stage
  }

  /// The least number of stages whose interval of stability covers `product = |h| rho`.
  ///
  /// `1.54 >= (s^2 - 1)/beta(s)` for all `s >= 3` (1.50 (1 + 2/15 eps) in the limit), as in the authors' code;
  /// `beta(2) = 1.963` covers what it gives 2 stages.
  static func count(for product: Double) -> Int {
    1 + Int(saturating: min((1.54 * product + 1).squareRoot(), 1e9))
  }

  /// The largest `|h| rho` for which ``count(for:)`` gives `count` stages at most.
  static func product(for count: Int) -> Double { (Double(count) * Double(count) - 1) / 1.54 }
}
