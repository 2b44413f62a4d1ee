import Networks

/// `nesterov`: `theta'' + (damping/t) theta' = F` for `t >= 0`, from rest at `t = 0`, the limit of Nesterov's accelerated gradient descent for damping 3.
///
///     E = R + |theta'|^2_(M^-1) / 2,   E' = -(damping/t) |theta'|^2_(M^-1)
///
/// for any `R`. For a convex one with the minimum `R*` at `theta*` and damping at least 3, `t^2 (R - R*) + 2 |theta - theta* + t theta'/2|^2_(M^-1)`
/// (damping 3) never rises either, so that `R - R* <= (damping - 1)^2 |theta(0) - theta*|^2 / (2 t^2)`; a network has no such `theta*`.
///
/// At `t = 0` the velocity is zero and `theta'' = F/(1 + damping)`. Time has another unit than that of the gradient flow: one iteration
///
///     p = theta_k + (t - h)/(t + (damping - 1) h) (theta_k - theta_(k-1)),   theta_(k+1) = p + h^2 F(p),   t = k h,
///
/// with learning rate `h^2` is worth the time `h`.
///
/// Sources: Nesterov, *Soviet Math. Dokl.* 27 (1983) 372-376; Su, Boyd, Candes, *J. Mach. Learn. Res.* 17(153) (2016) 1-43.
public struct Nesterov: LinearDynamics, MomentumDynamics {
  /// The number over `t` that multiplies the velocity; 3 in Su, Boyd and Candes.
  public let damping: Double
  public var name: String { "nesterov:\(damping)" }
  public let order = 2

  /// `damping` must be positive and finite.
  public init(damping: Double = 3) {
    precondition(damping > 0 && damping.isFinite)
    self.damping = damping
  }

  public func coefficients(at t: Double) -> DynamicsCoefficients {
    // From rest theta' = t theta''(0) at first, which leaves theta''(0) (1 + damping) = F.
    t == 0
      ? DynamicsCoefficients(force: 1 / (1 + damping))
      : DynamicsCoefficients(force: 1, velocity: -damping / t)
  }

  public func energy(_ t: Double, potential: Double, squaredNorms: [Double]) -> Double? {
    potential + squaredNorms[1] / 2
  }

  public let looksAhead = true
  public func stepSize(learningRate eta: Double) -> Double { eta.squareRoot() }
  public func learningRate(stepSize h: Double) -> Double { h * h }
  public func momentum(_ t: Double, stepSize h: Double) -> Double {
    // There is no velocity before the first iteration.
    t < h / 2 ? 0 : (t - h) / (t + (damping - 1) * h)
  }
}
