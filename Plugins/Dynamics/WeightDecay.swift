import Networks

/// `weight-decay`: `theta' = F - rate theta`, the gradient flow of
///
///     E = R + (rate/2) |theta|^2_(M^-1),   E' = -|theta'|^2_(M^-1).
///
/// The norm is that of `M^-1` so that all parameters decay alike: then this is the original model's flow with the plain penalty
/// `(lambda/2) |theta|^2` of all layers, in normalised variables, with `rate = T lambda` for the unit of time `T` of `DeepOriginalModel`. Biases
/// decay too.
///
/// What the gradient flow conserves with a 1-homogeneous activation (77) decays as `exp(-2 rate t)`: it is a quadratic `Q` with
/// `grad Q . F = 0`, so that `Q' = -rate grad Q . theta = -2 rate Q`.
///
/// Source: Krogh and Hertz, *A simple weight decay can improve generalization*, NIPS 4 (1991) 950-957.
public struct WeightDecay: LinearDynamics {
  /// In units of one over time.
  public let rate: Double
  public var name: String { "weight-decay:\(rate)" }
  public let order = 1
  public let isAutonomous = true
  public var isGradientFlow: Bool { rate == 0 }
  /// Components that no force moves decay as well.
  public var movesAlongForces: Bool { rate == 0 }
  public var restsWithoutForce: Bool { rate == 0 }

  /// `rate` must be finite and not negative.
  public init(rate: Double) {
    precondition(rate >= 0 && rate.isFinite)
    self.rate = rate
  }

  public func coefficients(at t: Double) -> DynamicsCoefficients {
    DynamicsCoefficients(force: 1, position: -rate)
  }

  public func energy(_ t: Double, potential: Double, squaredNorms: [Double]) -> Double? {
    potential + rate / 2 * squaredNorms[0]
  }
}
