import Foundation
import GradientFlow

/// How far parameters can move in the linear regime: the explicit bounds that the proofs of Propositions 19, 22, 23 and 25
/// give, and the estimate of the linearised flow that says from which width on the regime is there at all.
///
/// With `X` of ``DataConstants`` (1 in the paper), `R_0 = R(theta^0)` and `xi = sqrt(2 log(8 m (d+1) / delta))`:
///
///     p   = 2 sqrt(2) d X n sqrt(R_0) / (m kappa (lambda_a/kappa' + kappa' lambda_w))       Proposition 19
///     p_a = 2 sqrt(2) d X n sqrt(R_0) / (m kappa lambda_a/kappa')                           Proposition 22
///
///     |a_k - a_k(0)| <= 2 max(1/kappa', 1) xi p,   |w_k - w_k(0)|_inf <= 2 max(kappa', 1) xi p      (57), (58)
///     |a_k - a_k(0)| <= 2 (1/kappa') xi p_a,       |w_k - w_k(0)|_inf <= 2 xi p_a                   (66), (67)
///
/// the second pair for `kappa' <= 1`. Summed over the entries they bound `|theta - theta^0|_2`. (The proof of
/// Proposition 23 (a) goes on with `sqrt(2)` in place of the `2 sqrt(2)` of `p`, and so gets half of this.)
struct LazyBounds {
  let constants: DataConstants
  let scaling: Scaling
  /// `m`.
  let width: Int
  /// `R_0`.
  let initialRisk: Double
  /// `delta`.
  let delta: Double

  private var m: Double { Double(width) }
  private var n: Double { Double(constants.sampleCount) }
  private var d: Double { Double(constants.inputDimension) }
  private var kappa: Double { scaling.kappa }
  private var kappaPrime: Double { scaling.kappaPrime }

  /// The bound on `sup |theta_part - theta_part^0|_2` with probability `1 - delta`: the smaller one where both
  /// propositions apply.
  ///
  /// - Parameter isThetaLazy: whether `gamma < 1`; else the place is w-lazy.
  func displacement(_ part: ParameterPart, isThetaLazy: Bool) -> Double {
    let thetaLazy = displacement(
      part, a: max(1 / kappaPrime, 1) * p(constants.lambdaA / kappaPrime + kappaPrime * constants.lambdaW),
      w: max(kappaPrime, 1) * p(constants.lambdaA / kappaPrime + kappaPrime * constants.lambdaW))
    if kappaPrime > 1 { return thetaLazy }
    let pa = p(constants.lambdaA / kappaPrime)
    let wLazy = displacement(part, a: pa / kappaPrime, w: pa)
    return isThetaLazy ? min(thetaLazy, wLazy) : wLazy
  }

  /// The same relative to `|theta_part^0|_2 >= sqrt(m dim / 2)` (Proposition 16).
  func relativeDistance(_ part: ParameterPart, isThetaLazy: Bool) -> Double {
    let entries =
      switch part {
      case .w: d
      case .a: 1.0
      case .theta: d + 1
      }
    return displacement(part, isThetaLazy: isThetaLazy) * (2 / (m * entries)).squareRoot()
  }

  /// From bounds on each `a_k` and each entry of `w_k`, in units of `2 xi`.
  private func displacement(_ part: ParameterPart, a: Double, w: Double) -> Double {
    let xi = (2 * log(8 * m * (d + 1) / delta)).squareRoot()
    let squares =
      switch part {
      case .w: d * w * w
      case .a: a * a
      case .theta: a * a + d * w * w
      }
    return 2 * xi * (m * squares).squareRoot()
  }

  private func p(_ eigenvalue: Double) -> Double {
    2 * 2.0.squareRoot() * d * constants.inputBound * n * initialRisk.squareRoot() / (m * kappa * eigenvalue)
  }

  /// What the flow linearised at the start would move at most, relative to the start and by the kernels (30): of all
  /// parameters in the theta-lazy region,
  ///
  ///     |Delta theta|^2 = e^T (m G)^-1 J M^2 J^T (m G)^-1 e <= max(kappa', 1/kappa') |e|^2 / (m kappa^2 mu)
  ///
  /// with `mu = lambda_min(K^a/kappa' + kappa' K^w)`; and of the input weights where the output weights move more than
  /// that, by (77): `|Delta w_k| <= kappa' |a_k|`. Below about 1 a width is "sufficiently large".
  ///
  /// - Throws: `EigenvalueError`, `BLASError`.
  func linearizedEstimate(isThetaLazy: Bool) throws -> Double {
    let mu = try constants.smallestEigenvalue(kappaPrime: kappaPrime)
    guard mu > 0 else { return .infinity }
    let size = (2 * n * initialRisk / mu).squareRoot() / (m * kappa)
    return isThetaLazy
      ? size * (max(kappaPrime, 1 / kappaPrime) / (d + 1)).squareRoot() : size * (kappaPrime / d).squareRoot()
  }

  /// The `m kappa` that (73) asks for in the theta-lazy region; known for the paper's domain, `X = 1`, only.
  var requiredStrength: Double? {
    guard constants.inputBound == 1 else { return nil }
    let logarithm = log(8 * m * (d + 1) / delta)
    let root = initialRisk.squareRoot()
    let lambda = constants.lambda
    return [
      2 * 2.0.squareRoot() * d * n * root / lambda,
      128 * 2.0.squareRoot() * pow(d, 3) * n * n * logarithm * root / (lambda * lambda),
      5120 / delta * pow(d * n, 3) * pow(logarithm, 1.5) * root / (lambda * lambda),
    ].max()!
  }
}
