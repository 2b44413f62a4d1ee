/// An exponential Runge-Kutta method as a table, with an embedded error estimate.
///
/// On `y' = f = F + L (y - y_n) + N`, `F = f(t_n, y_n)`, so that `N(t_n, y_n) = 0`, with `h > 0` and phi functions of `c_i h L`:
///
///     U_i = y_n + c_i h [ phi_1 F + sum_k phi_k sum_j a_kj N_j ],      N_j = N(t_n + c_j h, U_j),
///     y   = y_n +     h [ phi_1 F + sum_k phi_k sum_j b_kj N_j ],
///     err =           h           sum_k phi_k sum_j e_kj N_j.
///
/// The bracket of `y` is the exact solution for the polynomial `sum_k (s/h)^(k-1)/(k-1)! sum_j b_kj N_j` in place of `N`, which
/// makes it dense output as well. A method that treats all of the Jacobian as `L` is an exponential Rosenbrock method (``isRosenbrock``):
/// `N` then has no derivative at `y_n`, fewer order conditions are left, and with `N_t` taken out as `h^2 phi_2 f_t` they hold for
/// problems that depend on `t`, too.
///
/// **Stiff order conditions** (Hochbruck, Ostermann 2005 and 2010, section 2.3): with `psi_j(z) = phi_j(z) - sum_i b_i(z) c_i^(j-1)/(j-1)!`
/// a method has order `p` for all stiffnesses of `L` if `psi_j = 0`, `j <= p`, and products such as `sum_i b_i J psi_(2,i) = 0` hold for
/// arbitrary operators `J`. Classical conditions alone lose order on parabolic problems. Which of them each method
/// satisfies is said where it is defined.
public struct ExponentialMethod: Sendable, Equatable, CustomStringConvertible {
  /// `sum_j coefficients[j] N_(j+2)` times `phi_k`.
  struct Term: Sendable, Equatable {
    let k: Int
    let coefficients: [Double]
    init(_ k: Int, _ coefficients: [Double]) { (self.k, self.coefficients) = (k, coefficients) }
  }
  struct Stage: Sendable, Equatable {
    let c: Double
    let terms: [Term]
    init(_ c: Double, _ terms: [Term] = []) { (self.c, self.terms) = (c, terms) }
  }

  /// As on the command line.
  public let name: String
  public var description: String { name }
  /// Of the solution, on problems that are not stiff.
  public let order: Int
  /// Of the local error that `err` estimates.
  public let errorOrder: Int
  /// Whether its order needs `L` to be the whole Jacobian.
  public let isRosenbrock: Bool
  /// Whether `err` uses `N` at `y`, as the last `N_j`.
  let usesEnd: Bool
  let stages: [Stage]
  let weights: [Term]
  let errors: [Term]

  /// The highest `k`.
  var highest: Int { (stages.flatMap(\.terms) + weights + errors).map(\.k).max() ?? 1 }

  /// Cox and Matthews' two-stage method ETD2RK, order 2(1), stiffly as well.
  ///
  /// Source: Cox, Matthews, J. Comput. Phys. 176 (2002) 430-455, doi:10.1006/jcph.2002.6995, (22).
  public static let etd2rk = ExponentialMethod(
    name: "etd2rk", order: 2, errorOrder: 2, isRosenbrock: false, usesEnd: false, stages: [Stage(1)],
    weights: [Term(2, [1])], errors: [Term(2, [1])])

  /// A three-stage method of stiff order 3 (in the weakened form: `sum_i b_i(0)` in place of `b_i` in the last condition), with
  /// `c = 0, 1/2, 2/3` and the embedded two-stage one of order 2.
  ///
  /// Source: Hochbruck, Ostermann, *Explicit exponential Runge-Kutta methods for semilinear parabolic problems*, SIAM J. Numer. Anal. 43
  /// (2005) 1069-1090, doi:10.1137/040611434, section 5.2.
  public static let expRK3 = ExponentialMethod(
    name: "exprk3", order: 3, errorOrder: 3, isRosenbrock: false, usesEnd: false,
    stages: [Stage(1 / 2.0), Stage(2 / 3.0, [Term(2, [4 / 3.0])])],
    weights: [Term(2, [0, 3 / 2.0])], errors: [Term(2, [-2, 3 / 2.0])])

  /// Krogstad's four-stage method, classical order 4, stiff order 3 in general; embedded order 3 by `N` at the end of the step in place of the last stage.
  ///
  /// Sources: Krogstad, J. Comput. Phys. 203 (2005) 72-88, doi:10.1016/j.jcp.2004.08.006; the error: Whalen, Brio, Moloney, J. Comput. Phys. 280
  /// (2015) 579-601, doi:10.1016/j.jcp.2014.09.038.
  public static let krogstad = ExponentialMethod(
    name: "krogstad", order: 4, errorOrder: 4, isRosenbrock: false, usesEnd: true,
    stages: [Stage(1 / 2.0), Stage(1 / 2.0, [Term(2, [2])]), Stage(1, [Term(2, [0, 2])])],
    weights: [Term(2, [2, 2, -1]), Term(3, [-4, -4, 4])],
    errors: [Term(2, [0, 0, -1, 1]), Term(3, [0, 0, 4, -4])])

  /// The exponential Rosenbrock method exprb32 of stiff order 3, embedded order 2.
  ///
  /// Source: Hochbruck, Ostermann, Schweitzer, *Exponential Rosenbrock-type methods*, SIAM J. Numer. Anal. 47 (2009) 786-803,
  /// doi:10.1137/080717717.
  public static let exprb32 = ExponentialMethod(
    name: "exprb32", order: 3, errorOrder: 3, isRosenbrock: true, usesEnd: false, stages: [Stage(1)],
    weights: [Term(3, [2])], errors: [Term(3, [2])])

  /// The exponential Rosenbrock method exprb43 of stiff order 4, embedded order 3.
  ///
  /// Source: as ``exprb32``.
  public static let exprb43 = ExponentialMethod(
    name: "exprb43", order: 4, errorOrder: 4, isRosenbrock: true, usesEnd: false,
    stages: [Stage(1 / 2.0), Stage(1, [Term(1, [1])])],
    weights: [Term(3, [16, -2]), Term(4, [-48, 12])], errors: [Term(4, [-48, 12])])

  /// All of them, by rising order.
  public static let all = [etd2rk, exprb32, expRK3, exprb43, krogstad]
}
