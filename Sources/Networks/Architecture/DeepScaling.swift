#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The scalings of a network with `L` layers of weights:
///
///     f(x) = kappa W_L sigma(W_(L-1) ... sigma(W_1 x)),   W_l' = -mu_l grad_(W_l) R,   entries N(0, 1) at the start.
///
/// For `L = 2` these are (8), (9) and (13) with `mu_1 = kappa'` and `mu_2 = 1/kappa'`. In general they come from the original
/// model (``DeepOriginalModel``), for which the product of the mobilities is 1.
public struct DeepScaling: Equatable, Sendable {
  /// `kappa`.
  public let kappa: Double
  /// `mu_1, ..., mu_L`, first layer first.
  public let mobilities: [Double]

  /// - Throws: ``ScalingError`` unless all are positive and finite.
  public init(kappa: Double, mobilities: [Double]) throws {
    precondition(!mobilities.isEmpty)
    guard kappa > 0, kappa.isFinite else { throw ScalingError(name: "kappa", value: kappa) }
    for (l, mu) in mobilities.enumerated() where !(mu > 0 && mu.isFinite) {
      throw ScalingError(name: "mu_\(l + 1)", value: mu)
    }
    (self.kappa, self.mobilities) = (kappa, mobilities)
  }

  /// `kappa = m^-gamma`, `mu_l = m^g_l`.
  public init(gamma: Double, mobilityExponents: [Double], width m: Int) throws {
    try self.init(
      kappa: pow(Double(m), -gamma), mobilities: mobilityExponents.map { $0 == 0 ? 1 : pow(Double(m), $0) })
  }
}

/// A network of `L` layers before normalisation,
///
///     f(x) = (1/alpha) W_L sigma(W_(L-1) ... sigma(W_1 x)),   W_l' = -grad_(W_l) R,   W_l(0) ~ N(0, beta_l^2),
///
/// and its passage to ``DeepScaling`` for a 1-homogeneous `sigma` and hidden layers without biases:
///
///     W_l = beta_l Wbar_l,   t = T tbar,   T = (prod_l beta_l^2)^(1/L),
///     kappa = prod_l beta_l / alpha,   mu_l = T / beta_l^2,   prod_l mu_l = 1.
///
/// Derivation: `f = (prod beta_l / alpha) Wbar_L sigma(...)`, and `dWbar_l/dtbar = (T/beta_l) dW_l/dt
/// = -(T/beta_l^2) grad_(Wbar_l) R`. For `L = 2` this is (7) and (8) with `beta_1` and `beta_2` exchanged, as the paper numbers
/// from the output.
public struct DeepOriginalModel: Equatable, Sendable {
  /// The output is divided by it.
  public let alpha: Double
  /// `beta_1, ..., beta_L`, first layer first: standard deviations of the weights at the start.
  public let betas: [Double]

  /// - Throws: ``ScalingError`` unless all are positive and finite.
  public init(alpha: Double, betas: [Double]) throws {
    precondition(!betas.isEmpty)
    for (name, value) in [("alpha", alpha)]
      + betas.enumerated().map({ ("beta_\($0.offset + 1)", $0.element) })
    where !(value > 0 && value.isFinite) {
      throw ScalingError(name: name, value: value)
    }
    (self.alpha, self.betas) = (alpha, betas)
  }

  /// `T`: the original model's time is `T` times that of the normalised one.
  public var timeUnit: Double {
    // The mean of logarithms: the product itself may overflow.
    exp(2 * betas.reduce(0) { $0 + log($1) } / Double(betas.count))
  }

  /// The normalised model's scalings.
  ///
  /// - Throws: ``ScalingError`` if one of them over- or underflows.
  public var scaling: DeepScaling {
    get throws {
      let unit = timeUnit
      return try DeepScaling(
        kappa: exp(betas.reduce(0) { $0 + log($1) } - log(alpha)), mobilities: betas.map { unit / ($0 * $0) })
    }
  }
}
