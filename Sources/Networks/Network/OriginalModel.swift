#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The model as the literature writes it, before normalisation, (1)-(6):
///
///     f(x) = (1 / alpha) sum_k a_k sigma(w_k . x),   d theta / dt = -grad R,
///     a_k(0) ~ N(0, beta1^2),  w_k(0) ~ N(0, beta2^2 I_d)
///
/// and its passage to the normalised model (9)-(13), whose quantities the paper writes with a bar:
///
///     a = beta1 abar,  w = beta2 wbar,  t = beta1 beta2 tbar                                  (7)
///     kappa = beta1 beta2 / alpha,  kappa' = beta1 / beta2                                    (8)
///
/// Derivation: `sigma(w . x) = beta2 sigma(wbar . x)` for a 1-homogeneous `sigma`, so `f = kappa sum abar
/// sigma(wbar . x)`, and `d abar / d tbar = (beta1 beta2 / beta1) da/dt = -(beta2 / beta1) (1/n) sum_i e_i
/// kappa sigma(wbar . x_i)`, which is (25); likewise for `w`. The unbarred letters after (12), as in (25) and
/// (26), are the barred ones with the bar dropped (the index `j` of (12) is its `k`).
///
/// For a `p`-homogeneous `sigma` the same passage is exact with `kappa = beta1 beta2^p / alpha`; for any other
/// activation there is none, and ``scaling(for:)`` throws.
public struct OriginalModel: Equatable, Sendable {
  /// The output is divided by it.
  public let alpha: Double
  /// The standard deviation of `a_k(0)`.
  public let beta1: Double
  /// The standard deviation of each `w_kj(0)`.
  public let beta2: Double

  /// - Throws: ``OriginalModelError/parameter(name:value:)`` unless all three are positive and finite.
  public init(alpha: Double, beta1: Double, beta2: Double) throws {
    for (name, value) in [("alpha", alpha), ("beta1", beta1), ("beta2", beta2)] {
      guard value > 0, value.isFinite else {
        throw OriginalModelError.parameter(name: name, value: value)
      }
    }
    self.alpha = alpha
    self.beta1 = beta1
    self.beta2 = beta2
  }

  /// The normalised model's `kappa` and `kappa'`; (8) for a 1-homogeneous activation.
  ///
  /// - Throws: ``OriginalModelError/notHomogeneous(activation:)``; ``ScalingError`` if a ratio over- or underflows.
  public func scaling(for activation: any Activation) throws -> Scaling {
    guard let p = activation.homogeneity else {
      throw OriginalModelError.notHomogeneous(activation: activation.name)
    }
    return try Scaling(kappa: beta1 * pow(beta2, Double(p)) / alpha, kappaPrime: beta1 / beta2)
  }

  /// What makes (9)-(13) the original model itself, `f = (1/alpha) sum_k a_k sigma(w_k . x)` and `theta' = -grad R`, in
  /// its own variables and time: `kappa = 1/alpha`, `kappa' = 1`. Its start is ``state(fromNormalized:shape:)``.
  ///
  /// - Throws: ``ScalingError`` if `1/alpha` overflows.
  public var ownScaling: Scaling { get throws { try Scaling(kappa: 1 / alpha, kappaPrime: 1) } }

  /// `t` of the normalised time `tbar`.
  public func time(fromNormalized time: Double) -> Double { beta1 * beta2 * time }
  /// `tbar` of `t`.
  public func normalizedTime(from time: Double) -> Double { time / (beta1 * beta2) }

  /// `theta` of the normalised state `thetabar`; both laid out as ``NetworkShape`` says.
  public func state(fromNormalized state: [Double], shape: NetworkShape) -> [Double] {
    precondition(state.count == shape.stateLength)
    return state.indices.map { state[$0] * ($0 < shape.width ? beta1 : beta2) }
  }

  /// `thetabar` of `theta`.
  public func normalizedState(from state: [Double], shape: NetworkShape) -> [Double] {
    precondition(state.count == shape.stateLength)
    return state.indices.map { state[$0] / ($0 < shape.width ? beta1 : beta2) }
  }
}

/// Why there is no normalised model.
public enum OriginalModelError: Error, Equatable, CustomStringConvertible {
  /// A factor that is not positive and finite.
  case parameter(name: String, value: Double)
  /// The two models are equivalent for 1-homogeneous activations only; this one is not.
  case notHomogeneous(activation: String)

  public var description: String {
    switch self {
    case .parameter(let name, let value):
      "\(name) = \(value); it must be positive and finite"
    case .notHomogeneous(let activation):
      "alpha, beta1 and beta2 reduce to kappa and kappa' for homogeneous activations only (such as relu), and "
        + "'\(activation)' is not: give gamma and gamma-prime, kappa = m^-gamma and kappa' = m^-gamma', in their place, or model: original to "
        + "integrate it in its own variables"
    }
  }
}
