import Networks

/// `gradient-flow`: `theta' = F`, the flow itself. `R` never rises: `R' = -|theta'|^2` in the norm of `M^-1`.
public struct PlainFlow: LinearDynamics {
  public let name = "gradient-flow"
  public let order = 1
  public let isGradientFlow = true

  /// The dynamics have no parameters.
  public init() {}

  public func coefficients(at t: Double) -> DynamicsCoefficients { DynamicsCoefficients(force: 1) }

  public func energy(_ t: Double, potential: Double, squaredNorms: [Double]) -> Double? { potential }
}
